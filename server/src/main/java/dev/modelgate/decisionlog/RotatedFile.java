package dev.modelgate.decisionlog;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file that never grows beyond a size: the next line begins another one. The ones before are
 * {@code name.1}, the youngest, to {@code name.N}; older ones go. Our own, because the appenders of
 * logging libraries look at the size from time to time only, and keep their failures to themselves.
 * For one thread.
 */
final class RotatedFile implements AutoCloseable {
  private final Path file;
  private final long bytesMax;
  private final int filesMax;
  private FileChannel channel;
  private long bytes;

  /**
   * Goes on with a file, or begins one.
   *
   * @param bytesMax of one file
   * @param filesMax how many there are, the one that is written included; at least 1
   */
  RotatedFile(Path file, long bytesMax, int filesMax) throws IOException {
    this.file = file;
    this.bytesMax = bytesMax;
    this.filesMax = filesMax;
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null && !Files.exists(directory)) {
      Files.createDirectory(directory, mode("rwx------", directory));
    }
    this.channel = open();
    this.bytes = channel.size();
  }

  /** Writes what belongs together; a line of more than a file's size gets a file of its own. */
  void write(ByteBuffer lines) throws IOException {
    if (!channel.isOpen()) {
      channel = open(); // The disk was full when it was rotated, say.
      bytes = channel.size();
    }
    if (bytes > 0 && bytes + lines.remaining() > bytesMax) {
      rotate();
    }
    while (lines.hasRemaining()) {
      bytes += channel.write(lines);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void rotate() throws IOException {
    channel.close();
    for (int i = filesMax - 1; i >= 1; i--) {
      Path younger = i == 1 ? file : numbered(i - 1);
      if (Files.exists(younger)) {
        Files.move(younger, numbered(i), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    if (filesMax == 1) {
      Files.deleteIfExists(file);
    }
    channel = open();
    bytes = channel.size();
  }

  private Path numbered(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }

  private FileChannel open() throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND),
        mode("rw-------", file));
  }

  private static FileAttribute<?>[] mode(String permissions, Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
        }
        : new FileAttribute<?>[0];
  }
}
