package dev.modelgate.trail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A file of the trail, named after the number of its first event, so that the names sort.
 *
 * @param file where it lies
 * @param first number of its first event
 */
record Segment(Path file, long first) {
  private static final Pattern NAME = Pattern.compile("([0-9]{18})\\.jsonl");

  /** The largest file that is read, beyond what any writer makes. */
  private static final long BYTES_MAX = 64L << 20;

  /**
   * The lines of a file.
   *
   * @param whole those that end, without their ends
   * @param rest what stands after the last end; empty unless the last line is torn
   */
  record Lines(List<byte[]> whole, byte[] rest) {}

  static Segment of(Path directory, long first) {
    return new Segment(directory.resolve(String.format(Locale.ROOT, "%018d.jsonl", first)), first);
  }

  /** All of a directory, the oldest first. */
  static List<Segment> list(Path directory) throws IOException {
    List<Segment> segments = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches()) {
          segments.add(new Segment(file, Long.parseLong(name.group(1))));
        }
      }
    }
    segments.sort(Comparator.comparingLong(Segment::first));
    return segments;
  }

  long bytes() throws IOException {
    return Files.size(file);
  }

  Lines lines() throws IOException {
    return lines(file);
  }

  /** The first line that ends, without its end; empty when there is none. */
  byte[] firstLine() throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer bytes = ByteBuffer.allocate(TrailLine.BYTES_MAX + 1);
      while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) >= 0) {
        // Until all is read.
      }
      for (int i = 0; i < bytes.position(); i++) {
        if (bytes.get(i) == '\n') {
          return Arrays.copyOf(bytes.array(), i);
        }
      }
      return new byte[0];
    }
  }

  /** The last line that ends, without its end; empty when there is none. */
  byte[] lastLine() throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long from = Math.max(0, channel.size() - TrailLine.BYTES_MAX - 1);
      ByteBuffer bytes = ByteBuffer.allocate((int) (channel.size() - from));
      while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {
        // Until all is read.
      }
      int end = bytes.position() - 1;
      while (end >= 0 && bytes.get(end) != '\n') {
        end--;
      }
      int begin = end;
      while (begin > 0 && bytes.get(begin - 1) != '\n') {
        begin--;
      }
      return end <= 0 ? new byte[0] : Arrays.copyOfRange(bytes.array(), begin, end);
    }
  }

  static Lines lines(Path file) throws IOException {
    if (Files.size(file) > BYTES_MAX) {
      throw new IOException(file + ": larger than " + BYTES_MAX + " bytes");
    }
    byte[] all = Files.readAllBytes(file);
    List<byte[]> whole = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < all.length; i++) {
      if (all[i] == '\n') {
        whole.add(Arrays.copyOfRange(all, from, i));
        from = i + 1;
      }
    }
    return new Lines(whole, Arrays.copyOfRange(all, from, all.length));
  }
}
