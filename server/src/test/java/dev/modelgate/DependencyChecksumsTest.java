package dev.modelgate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Holds every library of the class path, those of the tests included, against the SHA-256 that was
 * written down when it was chosen: a version number alone says nothing about the bytes behind it.
 *
 * <p>After a deliberate change of a dependency {@code mvn test -pl server -am
 * -Dtest=DependencyChecksumsTest -Dsurefire.failIfNoSpecifiedTests=false
 * -Dmodelgate.checksums.write=src/test/resources/dependencies.sha256} writes the list anew; read
 * the difference before it is committed.
 */
final class DependencyChecksumsTest {
  private static final String LIST = "/dependencies.sha256";

  @Test
  void dependencies_ofTheClassPath_areTheBytesThatWereChosen() throws IOException {
    Map<String, String> found = new TreeMap<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      String name = Path.of(entry).getFileName().toString();
      if (name.endsWith(".jar") && !name.startsWith("modelgate-")) {
        found.put(name, sha256(Path.of(entry)));
      }
    }
    String write = System.getProperty("modelgate.checksums.write", "");
    if (!write.isEmpty()) {
      Files.writeString(Path.of(write), lines(found));
    }
    assertTrue(found.size() > 50, () -> "the class path is not that of a build: " + found.keySet());
    assertEquals(listed(), lines(found), "libraries differ from src/test/resources" + LIST);
  }

  private static String lines(Map<String, String> checksums) {
    return checksums.entrySet().stream()
        .map(each -> each.getValue() + "  " + each.getKey() + "\n")
        .collect(Collectors.joining());
  }

  private static String listed() throws IOException {
    try (InputStream list = DependencyChecksumsTest.class.getResourceAsStream(LIST)) {
      return list == null ? "" : new String(list.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
