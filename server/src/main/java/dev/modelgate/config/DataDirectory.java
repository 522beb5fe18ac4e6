package dev.modelgate.config;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The sidecar's directory.
 *
 * <pre>
 *   admin.token      the bootstrap token, mode 0600
 *   modelgate.sock   the data plane's socket, mode 0660
 *   store/           the database
 *   audit/           the audit trail, mode 0700
 *   decisions/       the decision log, mode 0700
 *   decision-log.key what it masks names with, mode 0600
 *   settings         those of the last start
 * </pre>
 *
 * <p>Who can write here can grant himself anything, and who can read the token is the system
 * administrator. So, as database servers do, a start refuses a directory that is open to others or
 * writable by the group, and a token that is readable by anyone but its owner: changing the mode
 * quietly would hide that somebody may have read it already. Only an empty directory, which holds
 * nothing yet, is tightened.
 */
public final class DataDirectory {
  private static final String DIRECTORY_MODE = "rwxr-x---";

  private static final int KEY_BYTES = 32;

  private final Path path;

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
        Files.createDirectories(path, FileModes.attribute(DIRECTORY_MODE, path));
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
   * The token, made when there is none. To be called once the store is open: its lock keeps two
   * first starts from making two tokens.
   *
   * @throws SettingException as {@link AdminTokenFile#open}
   */
  public AdminTokenFile openToken() {
    return AdminTokenFile.open(path);
  }

  /** Where the database lies. */
  public Path store() {
    return path.resolve("store");
  }

  /** Where the audit trail lies. */
  public Path audit() {
    return path.resolve("audit");
  }

  /** Where the decision log lies. */
  public Path decisions() {
    return path.resolve("decisions");
  }

  /**
   * The key under which the decision log masks names; made, mode 0600, when there is none.
   *
   * @throws IOException when it cannot be read or made
   * @throws SettingException when it is not as it was made
   */
  public byte[] decisionKey() throws IOException {
    Path file = path.resolve("decision-log.key");
    if (!Files.exists(file)) {
      byte[] key = new byte[KEY_BYTES];
      new SecureRandom().nextBytes(key);
      Path draft = Files.createTempFile(path, "decision-log", ".part"); // Made with mode 0600.
      Files.write(draft, key);
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    }
    byte[] key = Files.readAllBytes(file);
    if (key.length != KEY_BYTES) {
      throw new SettingException(
          file + ": has " + key.length + " bytes (expected: " + KEY_BYTES + " random ones)");
    }
    return key;
  }

  /** Where the settings of the last start lie. */
  public Path lastSettings() {
    return path.resolve("settings");
  }

  /** Where the socket lies unless it is set. */
  public Path socket() {
    return path.resolve("modelgate.sock");
  }

  private static void requireNarrow(Path path) throws IOException {
    String wider = FileModes.wider(path, DIRECTORY_MODE);
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

  private static boolean isEmpty(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.findFirst().isEmpty();
    }
  }

  private static SettingException refusal(Path path, String problem) {
    return new SettingException("data directory " + path + ": " + problem);
  }
}
