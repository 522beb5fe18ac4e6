package dev.modelgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.Standing;
import dev.modelgate.model.Fault;
import dev.modelgate.model.RefusedException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The token's life in its file. */
final class AdminTokenFileTest {
  private static final int TOKEN_CHARS = 43;

  @TempDir Path directory;

  @Test
  void rotate_oldTokenDies_andTheFileHasTheNewOne() throws IOException {
    AdminTokenFile token = AdminTokenFile.open(directory);
    String first = text();
    assertTrue(token.isNew() && token.is(first));
    Standing standing = token.standing();
    String second = token.rotate();
    assertNotEquals(first, second);
    assertEquals(second, text());
    assertTrue(token.is(second));
    assertFalse(token.is(first));
    assertFalse(standing.holds());
    assertTrue(token.standing().holds());
    assertEquals("rw-------", mode());
    AdminTokenFile again = AdminTokenFile.open(directory);
    assertTrue(again.is(second) && !again.is(first) && !again.isNew());
  }

  @Test
  void rotate_fileIsReplacedNotWritten_soThatAnOpenOneKeepsTheOld() throws IOException {
    AdminTokenFile token = AdminTokenFile.open(directory);
    String first = text();
    try (BufferedReader open = Files.newBufferedReader(token.path())) {
      token.rotate();
      assertEquals(first, open.readLine());
    }
  }

  @Test
  void disable_noTokenIsGood_alsoAfterAStart_untilTheFileIsDeleted() throws IOException {
    AdminTokenFile token = AdminTokenFile.open(directory);
    String first = text();
    Standing standing = token.standing();
    token.disable();
    assertTrue(token.isDisabled());
    assertFalse(standing.holds());
    for (AdminTokenFile each : List.of(token, AdminTokenFile.open(directory))) {
      assertTrue(each.isDisabled());
      for (String shown : List.of(first, "", text(), "#")) {
        assertFalse(each.is(shown), shown);
      }
    }
    Files.delete(token.path());
    AdminTokenFile renewed = AdminTokenFile.open(directory);
    assertFalse(renewed.isDisabled());
    assertTrue(renewed.isNew() && renewed.is(text()) && !renewed.is(first));
  }

  @Test
  void rotate_directoryThatTakesNoFile_keepsTheOldToken() throws IOException {
    AdminTokenFile token = AdminTokenFile.open(directory.resolve("."));
    String first = text();
    Path moved = directory.resolveSibling("moved-" + directory.getFileName());
    Files.move(directory, moved);
    try {
      RefusedException refused = assertThrows(RefusedException.class, token::rotate);
      assertEquals(Fault.STORE_UNAVAILABLE, refused.refusal().fault());
      assertTrue(token.is(first));
    } finally {
      Files.move(moved, directory);
    }
  }

  @Test
  void open_draftsOfAKill_areSweptAndNeverTheToken() throws IOException {
    AdminTokenFile token = AdminTokenFile.open(directory);
    Path draft = directory.resolve("admin-123.draft");
    Files.writeString(draft, "x".repeat(43) + "\n");
    String first = text();
    assertTrue(AdminTokenFile.open(directory).is(first));
    assertFalse(Files.exists(draft));
    assertTrue(Files.exists(token.path()));
  }

  /** Killed at whatever point, the file has one whole token: the last answered one or a later. */
  @ParameterizedTest(name = "after {0} rotations")
  @ValueSource(ints = {1, 7, 40})
  void rotate_killedInTheMiddle_leavesTheLastAnsweredTokenOrALaterOne(int rotations)
      throws Exception {
    Path said = Files.createTempFile("rotating", ".txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                placeOf(Rotating.class) + File.pathSeparator + placeOf(AdminTokenFile.class),
                Rotating.class.getName(),
                directory.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(said.toFile())
            .start();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (answered(said).size() < rotations && process.isAlive() && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    process.destroyForcibly();
    assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    List<String> answered = answered(said);
    Files.delete(said);
    String found = text();
    assertEquals(TOKEN_CHARS, found.length());
    assertTrue(answered.size() >= rotations, "the other process rotated " + answered.size());
    assertFalse(answered.subList(0, answered.size() - 1).contains(found), "an old token is back");
    assertEquals("rw-------", mode());
    assertTrue(AdminTokenFile.open(directory).is(found));
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(1, files.count());
    }
  }

  private static String placeOf(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }

  /** The tokens that were answered; a kill may have cut the last one off. */
  private static List<String> answered(Path said) throws IOException {
    return Files.readAllLines(said).stream().filter(line -> line.length() == TOKEN_CHARS).toList();
  }

  /** Rotates for ever, and says each token once it is answered. */
  static final class Rotating {
    private Rotating() {}

    public static void main(String[] args) {
      AdminTokenFile token = AdminTokenFile.open(Path.of(args[0]));
      while (true) {
        System.out.println(token.rotate());
        System.out.flush();
      }
    }
  }

  private String text() throws IOException {
    return Files.readString(directory.resolve("admin.token")).strip();
  }

  private String mode() throws IOException {
    return PosixFilePermissions.toString(
        Files.getPosixFilePermissions(directory.resolve("admin.token")));
  }
}
