package dev.modelgate.trail;

import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.audit.TrailEvent.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends to the chain. An event is one write to the end of the last segment, then the head is
 * moved: after {@code kill -9} the last line may be torn and the head may be one behind, nothing
 * else. Opening finds what is torn, cuts it and says so in an event; what is damaged it leaves as
 * it is, begins another segment and says so too. For one thread.
 */
final class TrailWriter implements AutoCloseable {
  /** An old segment is about to be removed; {@code before} names its last event. */
  static final String SEGMENT_REMOVED = "SEGMENT_REMOVED";

  /** The end of the last line was missing; the rest of it was cut. */
  static final String TORN_EVENT_CUT = "TORN_EVENT_CUT";

  /** Events that the head knows are not there. */
  static final String EVENTS_MISSING = "EVENTS_MISSING";

  /** The last segment holds something that is no event, or another chain than the head says. */
  static final String DAMAGE_FOUND = "DAMAGE_FOUND";

  /** The entry of {@link #SEGMENT_REMOVED} that has the link. */
  static final String LAST = "last";

  private static final Logger log = LoggerFactory.getLogger(TrailWriter.class);

  private final Path directory;
  private final TrailLimits limits;
  private final Clock clock;
  private final FileChannel head;

  /** All segments but the one that is written, the oldest first. */
  private final Deque<Closed> closed = new ArrayDeque<>();

  private FileChannel file;
  private Segment segment;
  private long fileBytes;
  private long closedBytes;
  private Link last = Link.START;
  private Instant time = Instant.EPOCH;

  /** Of a segment: its last event, and when it was. */
  private record End(Link last, Instant time) {}

  /** A segment that is not written any more. */
  private record Closed(Segment segment, long bytes, End end) {}

  /**
   * Opens a trail, or begins one.
   *
   * @throws IOException when it cannot be read or written; nothing is open then
   */
  TrailWriter(Path directory, TrailLimits limits, Clock clock) throws IOException {
    this.directory = directory;
    this.limits = limits;
    this.clock = clock;
    PrivateFiles.createDirectory(directory);
    this.head = PrivateFiles.open(directory.resolve(HeadFile.NAME));
    try {
      Deque<TrailEvent> marks = new ArrayDeque<>();
      this.segment = recover(marks);
      this.file = PrivateFiles.open(segment.file());
      this.fileBytes = file.size();
      for (TrailEvent mark : marks) {
        log.warn("audit trail: {} {}", mark.what(), mark.before());
        append(mark, 0, 0);
      }
    } catch (IOException | RuntimeException e) {
      head.close();
      throw e;
    }
  }

  /** The last event. */
  Link last() {
    return last;
  }

  /** Whether something is to be removed before much more is written. */
  boolean isFull() {
    return !closed.isEmpty() && bytes() + limits.segmentBytes() > limits.totalBytesMax();
  }

  /** Bytes of all segments. */
  long bytes() {
    return closedBytes + fileBytes;
  }

  /**
   * Appends an event and answers its line. When that fails, the trail is as before.
   *
   * @param dropped how many events were dropped since the one before
   * @param droppedOfCaller how many of them are this caller's
   */
  TrailLine append(TrailEvent event, long dropped, long droppedOfCaller) throws IOException {
    if (fileBytes >= limits.segmentBytes()) {
      roll();
    }
    TrailLine line = TrailLine.after(last, now(), event, dropped, droppedOfCaller);
    byte[] bytes = line.toBytes();
    if (bytes.length > TrailLine.BYTES_MAX) {
      throw new IOException("an event of " + bytes.length + " bytes");
    }
    write(bytes);
    last = line.link();
    time = line.time();
    try {
      HeadFile.write(head, last);
    } catch (IOException e) {
      // The event is there; a head that is behind is what a crash leaves, too.
      log.warn("audit trail: the head could not be moved", e);
    }
    return line;
  }

  /** Removes segments that are too many or too old, each after an event that names its end. */
  void prune() throws IOException {
    Instant oldest = now().minus(limits.age());
    while (isFull() || !closed.isEmpty() && closed.getFirst().end().time().isBefore(oldest)) {
      Closed removed = closed.getFirst();
      append(
          mark(SEGMENT_REMOVED, LAST, removed.end().last(), "until", removed.end().time()), 0, 0);
      sync();
      Files.deleteIfExists(removed.segment().file());
      closed.removeFirst();
      closedBytes -= removed.bytes();
    }
  }

  /** Has everything on the disk. */
  void sync() throws IOException {
    file.force(false);
    head.force(false);
  }

  @Override
  public void close() throws IOException {
    FileChannel open = file;
    try (head;
        open) {
      sync();
    }
  }

  /** The segment to go on with. Marks tell what was found. */
  private Segment recover(Deque<TrailEvent> marks) throws IOException {
    List<Segment> segments = Segment.list(directory);
    boolean whole = true;
    for (int i = 0; i < segments.size(); i++) {
      if (i + 1 < segments.size()) {
        End end = end(segments.get(i), segments.get(i + 1));
        keepClosed(segments.get(i), end);
        // The next one may have been begun and no more.
        last = end.last();
        time = end.time();
      } else {
        whole = read(segments.get(i), marks);
      }
    }
    whole &= compareHead(marks);
    Segment next = Segment.of(directory, last.sequence() + 1);
    if (segments.isEmpty() || Files.exists(next.file())) {
      return next;
    }
    Segment latest = segments.get(segments.size() - 1);
    if (whole) {
      return latest;
    }
    keepClosed(latest, new End(last, time));
    return next;
  }

  /** Where the chain goes on: after what the head says, whatever was found; false for damage. */
  private boolean compareHead(Deque<TrailEvent> marks) throws IOException {
    Link found = last;
    Link known = HeadFile.read(directory).orElse(Link.START);
    if (known.sequence() < found.sequence()) {
      if (known.equals(Link.START) && found.sequence() > 1) {
        marks.add(mark(DAMAGE_FOUND, "file", HeadFile.NAME, "last", found));
      }
      return true;
    }
    last = known;
    if (known.sequence() > found.sequence()) {
      marks.add(mark(EVENTS_MISSING, "from", found.sequence() + 1, "to", known.sequence()));
      return false;
    }
    if (!known.equals(found)) {
      marks.add(mark(DAMAGE_FOUND, "event", found.sequence(), "expected", known.hash()));
      return false;
    }
    return true;
  }

  private void keepClosed(Segment each, End end) throws IOException {
    long bytes = each.bytes();
    closed.add(new Closed(each, bytes, end));
    closedBytes += bytes;
  }

  /** The end of a segment that was closed long ago; damage in it is for the verifier to find. */
  private static End end(Segment each, Segment next) throws IOException {
    try {
      TrailLine line = TrailLine.read(each.lastLine());
      return new End(line.link(), line.time());
    } catch (BadLineException e) {
      Instant modified = Files.getLastModifiedTime(each.file()).toInstant();
      return new End(new Link(next.first() - 1, Link.START.hash()), modified);
    }
  }

  /** Reads a segment up to its last event and cuts what is torn; false for damage. */
  private boolean read(Segment each, Deque<TrailEvent> marks) throws IOException {
    Segment.Lines lines = each.lines();
    boolean whole = true;
    long good = 0;
    int number = 0;
    for (byte[] bytes : lines.whole()) {
      number++;
      try {
        TrailLine line = TrailLine.read(bytes);
        last = line.link();
        time = line.time();
      } catch (BadLineException e) {
        marks.add(mark(DAMAGE_FOUND, "segment", each.file().getFileName(), "line", number));
        whole = false;
      }
      good += bytes.length + 1L;
    }
    if (lines.rest().length > 0) {
      marks.add(
          mark(
              TORN_EVENT_CUT,
              "bytes",
              lines.rest().length,
              "sha256",
              TrailLine.hash(lines.rest())));
      try (FileChannel torn = PrivateFiles.open(each.file())) {
        torn.truncate(good);
        torn.force(true);
      }
    }
    return whole;
  }

  private static TrailEvent mark(
      String what, String name, Object value, String other, Object more) {
    return TrailEvent.of(Kind.TRAIL, what)
        .changing(Map.of(name, value.toString(), other, more.toString()), Map.of())
        .build();
  }

  private void roll() throws IOException {
    sync();
    FileChannel next = PrivateFiles.open(Segment.of(directory, last.sequence() + 1).file());
    file.close();
    closed.add(new Closed(segment, fileBytes, new End(last, time)));
    closedBytes += fileBytes;
    segment = Segment.of(directory, last.sequence() + 1);
    file = next;
    fileBytes = next.size();
  }

  private void write(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    try {
      while (buffer.hasRemaining()) {
        file.write(buffer, fileBytes + buffer.position());
      }
    } catch (IOException e) {
      file.truncate(fileBytes);
      throw e;
    }
    fileBytes += bytes.length;
  }

  /** The time; never before that of the last event. */
  private Instant now() {
    Instant now = clock.instant();
    return now.isBefore(time) ? time : now;
  }
}
