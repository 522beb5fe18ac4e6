package dev.modelgate.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
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
import java.util.Set;

/**
 * The sidecar's directory.
 *
 * <pre>
 *   admin.token      the bootstrap token, mode 0600
 *   modelgate.sock   the data plane's socket, mode 0660
 *   store/           the database
 * </pre>
 */
public final class DataDirectory {
  private static final int TOKEN_BYTES = 32;
  private static final int TOKEN_CHARS_MIN = 32;

  private final Path path;
  private final boolean tokenIsNew;

  private DataDirectory(Path path, boolean tokenIsNew) {
    this.path = path;
    this.tokenIsNew = tokenIsNew;
  }

  /**
   * Makes the directory, mode 0750, and the token when they are not there.
   *
   * @throws SettingException when that is not possible
   */
  public static DataDirectory open(Path path) {
    try {
      if (Files.exists(path) && !Files.isDirectory(path)) {
        throw new SettingException("data directory " + path + ": is not a directory");
      }
      if (!Files.exists(path)) {
        Files.createDirectories(path, mode("rwxr-x---", path));
      }
      if (!Files.isWritable(path)) {
        throw new SettingException("data directory " + path + ": no right to write");
      }
      DataDirectory directory = new DataDirectory(path, !Files.exists(path.resolve("admin.token")));
      if (directory.tokenIsNew) {
        directory.writeToken();
      }
      return directory;
    } catch (IOException e) {
      throw new SettingException(
          "data directory " + path + ": " + e.getClass().getSimpleName() + ", no right or no room");
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
    Path draft = Files.createTempFile(path, "admin", ".token", mode("rw-------", path));
    Files.writeString(draft, token + "\n");
    try {
      Files.move(draft, tokenFile(), StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(draft, tokenFile());
    }
  }

  private static FileAttribute<?>[] mode(String permissions, Path path) {
    boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    Set<PosixFilePermission> mode = PosixFilePermissions.fromString(permissions);
    return posix
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(mode)}
        : new FileAttribute<?>[0];
  }
}
