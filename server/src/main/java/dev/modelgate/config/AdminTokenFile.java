package dev.modelgate.config;

import dev.modelgate.app.AdminToken;
import dev.modelgate.app.Standing;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;

/**
 * The bootstrap token in its file, {@code admin.token} of mode 0600 in the data directory. The file
 * is the only truth: memory has the digest of what it says, and a change is one rename.
 *
 * <pre>
 *   write a draft beside it - sync it - rename it over the file - take the new digest - sync the directory - answer
 *                                       ^ killed before: the old token holds, the draft is swept by the next start
 *                                         killed after: the new one does, and the file has it
 * </pre>
 *
 * <p>A file that begins with {@code #} says that the token is switched off. Deleting it before a
 * start makes a new one: who can write to the directory is the system administrator anyhow.
 */
public final class AdminTokenFile implements AdminToken {
  private static final String NAME = "admin.token";
  private static final String DRAFT_PREFIX = "admin-";
  private static final String DRAFT_SUFFIX = ".draft";
  private static final String MODE = "rw-------";
  private static final int TOKEN_BYTES = 32;
  private static final int TOKEN_CHARS_MIN = 32;
  private static final long FILE_BYTES_MAX = 4_096;
  private static final String DISABLED =
      """
      # The admin token is switched off. To have a new one: stop the sidecar, delete this file, start
      # it again.
      """;

  private final Path path;
  private final boolean isNew;
  private final SecureRandom random = new SecureRandom();
  private volatile State state;

  /** What the file says; each one is another state, also with an equal digest. */
  private static final class State {
    /** Of the token; empty when it is switched off. */
    private final byte[] digest;

    State(byte[] digest) {
      this.digest = digest;
    }
  }

  private AdminTokenFile(Path path, boolean isNew, State state) {
    this.path = path;
    this.isNew = isNew;
    this.state = state;
  }

  /**
   * Reads the token of a data directory, or makes one when there is no file.
   *
   * @throws SettingException when that is not possible, others have rights on the file, or the
   *     token in it is too short to be safe
   */
  static AdminTokenFile open(Path directory) {
    Path path = directory.resolve(NAME);
    try {
      sweepDrafts(directory);
      boolean isNew = !Files.exists(path);
      if (isNew) {
        replace(path, newToken(new SecureRandom()) + "\n");
        syncDirectory(directory);
      }
      String wider = FileModes.wider(path, MODE);
      if (!wider.isEmpty()) {
        throw new SettingException(
            path
                + ": its mode is "
                + wider
                + " (expected: 0600 or narrower); delete it if others may have read it, the next start makes another");
      }
      return new AdminTokenFile(path, isNew, read(path));
    } catch (IOException e) {
      throw new SettingException(
          path + ": cannot be made or read, " + e.getClass().getSimpleName());
    }
  }

  /** Where it lies. */
  public Path path() {
    return path;
  }

  /** Whether it was made by this start. */
  public boolean isNew() {
    return isNew;
  }

  @Override
  public boolean is(String token) {
    return MessageDigest.isEqual(sha256(token), state.digest);
  }

  @Override
  public Standing standing() {
    State seen = state;
    return () -> state == seen;
  }

  @Override
  public boolean isDisabled() {
    return state.digest.length == 0;
  }

  @Override
  public synchronized String rotate() {
    String token = newToken(random);
    become(token + "\n", new State(sha256(token)));
    return token;
  }

  @Override
  public synchronized void disable() {
    become(DISABLED, new State(new byte[0]));
  }

  private void become(String content, State next) {
    try {
      replace(path, content);
    } catch (IOException e) {
      throw Refusal.of(
              Fault.STORE_UNAVAILABLE,
              "the file of the admin token could not be replaced; the old token holds")
          .asException();
    }
    state = next;
    try {
      syncDirectory(path.toAbsolutePath().resolveSibling(""));
    } catch (IOException e) {
      throw unknown();
    }
  }

  private static RefusedException unknown() {
    return new Refusal(
            Fault.OUTCOME_UNKNOWN,
            "the admin token was changed but may not survive a loss of power; read its file",
            "",
            Map.of("requestId", "", "baseRevision", ""))
        .asException();
  }

  private static State read(Path path) throws IOException {
    if (Files.size(path) > FILE_BYTES_MAX) {
      throw new SettingException(path + ": is longer than " + FILE_BYTES_MAX + " bytes");
    }
    String text = Files.readString(path, StandardCharsets.UTF_8).strip();
    if (text.startsWith("#")) {
      return new State(new byte[0]);
    }
    if (text.length() < TOKEN_CHARS_MIN) {
      throw new SettingException(
          path + ": the token is shorter than " + TOKEN_CHARS_MIN + " characters");
    }
    return new State(sha256(text));
  }

  /** What a kill left between a draft and its rename; it was never the token. */
  private static void sweepDrafts(Path directory) throws IOException {
    try (DirectoryStream<Path> drafts =
        Files.newDirectoryStream(directory, DRAFT_PREFIX + "*" + DRAFT_SUFFIX)) {
      for (Path draft : drafts) {
        Files.delete(draft);
      }
    }
  }

  private static void replace(Path path, String content) throws IOException {
    Path directory = path.toAbsolutePath().resolveSibling("");
    Path draft =
        Files.createTempFile(
            directory, DRAFT_PREFIX, DRAFT_SUFFIX, FileModes.attribute(MODE, path));
    try {
      try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows cannot sync a directory; there the file's own sync has to do.
      if (!System.getProperty("os.name", "").startsWith("Windows")) {
        throw e;
      }
    }
  }

  private static String newToken(SecureRandom random) {
    byte[] bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
