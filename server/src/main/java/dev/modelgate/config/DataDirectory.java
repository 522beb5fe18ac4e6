package dev.modelgate.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The sidecar's directory.
 *
 * <pre>
 *   admin.token      the bootstrap token, mode 0600
 *   modelgate.sock   the data plane's socket, mode 0660
 *   store/           the database
 * </pre>
 *
 * <p>Who can write here can grant himself anything, and who can read the token is the system
 * administrator. So, as database servers do, a start refuses a directory that is open to others or
 * writable by the group, and a token that is readable by anyone but its owner: changing the mode
 * quietly would hide that somebody may have read it already. Only an empty directory, which holds
 * nothing yet, is tightened.
 */
public final class DataDirectory {
  private static final int TOKEN_BYTES = 32;
  private static final int TOKEN_CHARS_MIN = 32;
  private static final String DIRECTORY_MODE = "rwxr-x---";
  private static final String TOKEN_MODE = "rw-------";

  private final Path path;
  private boolean tokenIsNew;

  private DataDirectory(Path path) {
    this.path = path;
  }

  /**
   * Makes the directory, mode 0750, when it is not there.
   *
   * @throws SettingException when that is not possible, or an existing one is open to others
   */
  public static DataDirectory open(Path path) {
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw refusal(path, "is not a directory");
    }
    try {
      if (!Files.exists(path)) {
        Files.createDirectories(path, mode(DIRECTORY_MODE, path));
      }
      if (!Files.isWritable(path)) {
        throw refusal(path, "no right to write");
      }
      requireNarrow(path);
      return new DataDirectory(path);
    } catch (FileSystemException e) {
      String reason = e.getReason();
      throw refusal(
          path,
          "cannot be made or read, "
              + (reason == null ? e.getClass().getSimpleName() : reason.toLowerCase(Locale.ROOT)));
    } catch (IOException e) {
      throw refusal(path, "cannot be made or read, " + e.getClass().getSimpleName());
    }
  }

  /**
   * Makes the token, mode 0600, when there is none. To be called once the store is open: its lock
   * keeps two first starts from making two tokens.
   *
   * @throws SettingException when that is not possible, or others have rights on an existing one
   */
  public void prepareToken() {
    try {
      tokenIsNew = !Files.exists(tokenFile());
      if (tokenIsNew) {
        writeToken();
      }
      String wider = wider(tokenFile(), TOKEN_MODE);
      if (!wider.isEmpty()) {
        throw new SettingException(
            tokenFile()
                + ": its mode is "
                + wider
                + " (expected: 0600 or narrower); delete it if others may have read it, the next start makes another");
      }
    } catch (IOException e) {
      throw new SettingException(
          tokenFile() + ": cannot be made or read, " + e.getClass().getSimpleName());
    }
  }

  /** Where the token lies. */
  public Path tokenFile() {
    return path.resolve("admin.token");
  }

  /** Whether the token was made by this start. */
  public boolean tokenIsNew() {
    return tokenIsNew;
  }

  /** Where the database lies. */
  public Path store() {
    return path.resolve("store");
  }

  /** Where the socket lies unless it is set. */
  public Path socket() {
    return path.resolve("modelgate.sock");
  }

  /**
   * SHA-256 of the token, so that the token itself is not kept in memory.
   *
   * @throws SettingException when there is no token, or one that is too short to be safe
   */
  public byte[] tokenDigest() {
    try {
      String token = Files.readString(tokenFile(), StandardCharsets.UTF_8).strip();
      if (token.length() < TOKEN_CHARS_MIN) {
        throw new SettingException(
            tokenFile() + ": the token is shorter than " + TOKEN_CHARS_MIN + " characters");
      }
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new SettingException(tokenFile() + ": cannot be read");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private void writeToken() throws IOException {
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    Path draft = Files.createTempFile(path, "admin", ".token", mode(TOKEN_MODE, path));
    Files.writeString(draft, token + "\n");
    try {
      Files.move(draft, tokenFile(), StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(draft, tokenFile());
    }
  }

  private static void requireNarrow(Path path) throws IOException {
    String wider = wider(path, DIRECTORY_MODE);
    if (wider.isEmpty()) {
      return;
    }
    if (isEmpty(path)) {
      try {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(DIRECTORY_MODE));
        return;
      } catch (FileSystemException e) {
        throw refusal(
            path, "its mode is " + wider + " and it is another user's; name a directory inside it");
      }
    }
    throw refusal(path, "its mode is " + wider + " (expected: 0750 or narrower)");
  }

  /** The mode of a file in octal digits when it gives more than allowed; else empty. */
  private static String wider(Path path, String allowed) throws IOException {
    if (!isPosix(path)) {
      return "";
    }
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(path);
    if (PosixFilePermissions.fromString(allowed).containsAll(mode)) {
      return "";
    }
    int bits = 0;
    for (PosixFilePermission permission : mode) {
      bits |= 1 << (8 - permission.ordinal());
    }
    return String.format(Locale.ROOT, "%04o", bits);
  }

  private static boolean isEmpty(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.findFirst().isEmpty();
    }
  }

  private static FileAttribute<?>[] mode(String permissions, Path path) {
    Set<PosixFilePermission> mode = PosixFilePermissions.fromString(permissions);
    return isPosix(path)
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(mode)}
        : new FileAttribute<?>[0];
  }

  private static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static SettingException refusal(Path path, String problem) {
    return new SettingException("data directory " + path + ": " + problem);
  }
}
