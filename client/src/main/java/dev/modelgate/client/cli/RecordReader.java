package dev.modelgate.client.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportRequest;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of records strictly: UTF-8, one JSON object per line, no unknown field. The first
 * line is the header, plain or as {@code {"header": {...}}}. Holds one line, of at most 1 MiB.
 */
final class RecordReader implements AutoCloseable {
  private static final int LINE_BYTES_MAX = 1 << 20;

  private final String name;
  private final CountingStream counted;
  private final InputStream lines;
  private final long bytesTotal;
  private final ByteArrayOutputStream buffer = new ByteArrayOutputStream();
  private long line;

  private RecordReader(String name, CountingStream counted, InputStream lines, long bytesTotal) {
    this.name = name;
    this.counted = counted;
    this.lines = lines;
    this.bytesTotal = bytesTotal;
  }

  /**
   * Opens a file, or standard input for {@code -}.
   *
   * @throws CliException if it cannot be read
   */
  static RecordReader open(String file, InputStream standardInput) {
    try {
      boolean standard = file.equals("-");
      CountingStream counted =
          new CountingStream(standard ? standardInput : Files.newInputStream(Path.of(file)));
      InputStream plain = file.endsWith(".gz") ? new GZIPInputStream(counted, 1 << 16) : counted;
      return new RecordReader(
          file,
          counted,
          new BufferedInputStream(plain, 1 << 16),
          standard ? 0 : Files.size(Path.of(file)));
    } catch (IOException e) {
      throw new CliException("cannot read `" + file + "`: " + e, e);
    }
  }

  /**
   * Reads the first line. Call it once, first.
   *
   * @throws CliException if there is none or it is malformed
   */
  ImportHeader header() {
    String first = readLine();
    if (first == null) {
      throw new CliException("`" + name + "` is empty (expected: a header)");
    }
    if (first.matches("\\s*\\{\\s*\"header\"\\s*:.*")) {
      return parse(first, ImportRequest.newBuilder()).build().getHeader();
    }
    return parse(first, ImportHeader.newBuilder()).build();
  }

  /**
   * Reads the next record. Record n is line n + 1, which is how the server counts, too; so an empty
   * line may stand only at the end.
   *
   * @return empty at the end of the file
   * @throws CliException if the line is malformed; the message names it, the header being line 1
   */
  Optional<ImportRecord> next() {
    String text = readLine();
    if (text == null) {
      return Optional.empty();
    }
    if (text.isBlank()) {
      requireEnd();
      return Optional.empty();
    }
    return Optional.of(parse(text, ImportRecord.newBuilder()).build());
  }

  private void requireEnd() {
    long empty = line;
    for (String text = readLine(); text != null; text = readLine()) {
      if (!text.isBlank()) {
        throw new CliException("`" + name + "` line " + empty + ": empty (expected: a record)");
      }
    }
  }

  /** Bytes read of the file as it is stored, compressed or not. */
  long bytesRead() {
    return counted.count;
  }

  /** Bytes of the file as it is stored; 0 if that is not known. */
  long bytesTotal() {
    return bytesTotal;
  }

  @Override
  public void close() {
    try {
      lines.close();
    } catch (IOException e) {
      throw new CliException("cannot close `" + name + "`: " + e, e);
    }
  }

  private <B extends Message.Builder> B parse(String text, B into) {
    try {
      Json.parse(text, into);
      return into;
    } catch (InvalidProtocolBufferException e) {
      throw new CliException("`" + name + "` line " + line + ": " + e.getMessage(), e);
    }
  }

  private @Nullable String readLine() {
    line++;
    buffer.reset();
    try {
      int b = lines.read();
      if (b < 0) {
        return null;
      }
      for (; b >= 0 && b != '\n'; b = lines.read()) {
        if (buffer.size() == LINE_BYTES_MAX) {
          throw new CliException(
              "`" + name + "` line " + line + ": expected at most " + LINE_BYTES_MAX + " bytes");
        }
        buffer.write(b);
      }
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(buffer.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new CliException("`" + name + "` line " + line + ": expected UTF-8", e);
    } catch (IOException e) {
      throw new CliException("cannot read `" + name + "` line " + line + ": " + e, e);
    }
  }

  /** Counts what is read, for the progress bar. */
  private static final class CountingStream extends FilterInputStream {
    private long count;

    CountingStream(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count += b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      count += Math.max(0, read);
      return read;
    }
  }
}
