package dev.modelgate.client.cli;

import io.grpc.StatusException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPOutputStream;

/**
 * A file that appears when it is complete, readable by its owner alone, and compressed if its name
 * ends in {@code .gz}; or standard output.
 */
final class WholeFile {
  /** What the commands call standard output. */
  static final String STDOUT = "-";

  private WholeFile() {}

  /** Writes all of it and answers how many records that was. */
  @FunctionalInterface
  interface Content {
    long writeTo(Writer writer) throws IOException, StatusException, InterruptedException;
  }

  /**
   * Writes a file, or standard output for {@value #STDOUT}.
   *
   * @return what the content answers
   */
  static long write(String file, OutputStream out, Content content)
      throws IOException, StatusException, InterruptedException {
    if (file.equals(STDOUT)) {
      Writer writer = writer(out);
      long records = content.writeTo(writer);
      writer.flush();
      return records;
    }
    return writeFile(file, target(file), content);
  }

  /** The file to replace, behind any symbolic link. */
  private static Path target(String file) throws IOException {
    Path target = Path.of(file).toAbsolutePath();
    if (!Files.exists(target)) {
      return target;
    }
    if (!Files.isRegularFile(target)) {
      throw new CliException("`" + file + "` is there (expected: a new name, a file or -)");
    }
    return target.toRealPath();
  }

  /** Writes beside the target, then puts the whole file in its place; or leaves nothing. */
  private static long writeFile(String file, Path target, Content content)
      throws IOException, StatusException, InterruptedException {
    Path part = Files.createTempFile(target.getParent(), ".modelgate-export-", ".part");
    try {
      long records;
      try (OutputStream bytes = Files.newOutputStream(part);
          OutputStream plain = file.endsWith(".gz") ? new GZIPOutputStream(bytes, 1 << 16) : bytes;
          Writer writer = writer(plain)) {
        records = content.writeTo(writer);
      }
      try (FileChannel written = FileChannel.open(part, StandardOpenOption.WRITE)) {
        written.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      return records;
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static Writer writer(OutputStream out) {
    return new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), 1 << 16);
  }
}
