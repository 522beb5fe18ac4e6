package dev.modelgate.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Set;

/** Who may read and write files, where the file system knows. */
final class FileModes {
  private FileModes() {}

  /** The mode of a file in octal digits when it gives more than allowed; else empty. */
  static String wider(Path path, String allowed) throws IOException {
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

  /** What makes a file with that mode from the start. */
  static FileAttribute<?>[] attribute(String permissions, Path path) {
    Set<PosixFilePermission> mode = PosixFilePermissions.fromString(permissions);
    return isPosix(path)
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(mode)}
        : new FileAttribute<?>[0];
  }

  private static boolean isPosix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
