package dev.modelgate.trail;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that only their owner may read: a trail names people and what they tried. */
final class PrivateFiles {
  private PrivateFiles() {}

  /** Makes a directory when it is not there. */
  static void createDirectory(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      Files.createDirectory(directory, mode("rwx------", directory));
    }
  }

  /** Opens a file to write at any place of it; makes it when it is not there. */
  static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), mode("rw-------", file));
  }

  private static FileAttribute<?>[] mode(String permissions, Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
