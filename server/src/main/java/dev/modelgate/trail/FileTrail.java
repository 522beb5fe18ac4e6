package dev.modelgate.trail;

import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.audit.TrailEvent.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trail of a data directory: takes events from any thread into a bounded queue, and one thread
 * of its own writes them. Written is what {@code kill -9} leaves; on the disk it is after a second
 * at the latest, emergencies and changes of the configuration at once.
 */
public final class FileTrail implements AuditTrail, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FileTrail.class);
  private static final int QUEUE_MAX = 1_024;
  private static final int BATCH_MAX = 256;
  private static final long SYNC_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long IDLE_MS = 500;
  private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long CLOSE_SECONDS_MAX = 5;

  private final BlockingQueue<Item> queue = new ArrayBlockingQueue<>(QUEUE_MAX);
  private final SourceLimits limits;
  private final TrailWriter writer;
  private final Path directory;
  private final Thread thread;
  private final String opened;
  private volatile boolean announced;

  /** Of which no event tells yet. */
  private final AtomicLong dropped = new AtomicLong();

  private final AtomicLong droppedEver = new AtomicLong();
  private final AtomicLong writtenEver = new AtomicLong();
  private final AtomicLong failuresEver = new AtomicLong();
  private volatile long bytes;
  private volatile boolean closing;

  /** What the thread has to do: write an event, or tell that all before it is written. */
  private record Item(
      @Nullable TrailEvent event, long droppedOfCaller, @Nullable CountDownLatch flushed) {}

  /**
   * Opens the trail of a directory, or begins one, and says in it what was found amiss.
   *
   * @param directory with the segments; made when it is not there
   * @param bytesPerMinute how many bytes one source may write in the long run
   * @throws IOException when it cannot be read or written
   */
  public FileTrail(Path directory, TrailLimits keep, long bytesPerMinute, Clock clock)
      throws IOException {
    this.directory = directory;
    this.limits = new SourceLimits(bytesPerMinute, System::nanoTime);
    this.writer = new TrailWriter(directory, keep, clock);
    this.bytes = writer.bytes();
    this.opened = writer.last().toString();
    this.thread = new Thread(this::run, "modelgate-audit");
    thread.setDaemon(true);
    thread.start();
  }

  /** Logs the last event now and at the end, for whoever keeps such lines elsewhere. */
  public void announce() {
    log.info("audit trail: the last event was {} at the start", opened);
    announced = true;
  }

  @Override
  public void record(TrailEvent event) {
    OptionalLong room = limits.take(event);
    if (room.isEmpty() || closing || !queue.offer(new Item(event, room.getAsLong(), null))) {
      drop(1);
    }
  }

  /** Waits until what was recorded before is written, up to a time; says whether it is. */
  public boolean flush(long millis) {
    CountDownLatch flushed = new CountDownLatch(1);
    try {
      return queue.offer(new Item(null, 0, flushed), millis, TimeUnit.MILLISECONDS)
          && flushed.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Where the segments lie. */
  public Path directory() {
    return directory;
  }

  /** Events written since the start. */
  public long written() {
    return writtenEver.get();
  }

  /** Events dropped since the start, for want of room in a bucket, the queue or on the disk. */
  public long dropped() {
    return droppedEver.get();
  }

  /** Failed writes since the start. */
  public long failures() {
    return failuresEver.get();
  }

  /** Bytes of all segments. */
  public long bytes() {
    return bytes;
  }

  /** Writes what was recorded and closes the files; what is recorded from now on is dropped. */
  @Override
  public void close() throws IOException {
    closing = true;
    try {
      thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS_MAX));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      throw new IOException("the audit trail could not be written to its end");
    }
  }

  private void run() {
    List<Item> batch = new ArrayList<>();
    long synced = System.nanoTime();
    long pruned = synced;
    boolean dirty = false;
    boolean removable = true;
    while (!closing || !queue.isEmpty()) {
      boolean urgent = false;
      try {
        Item first = queue.poll(IDLE_MS, TimeUnit.MILLISECONDS);
        if (first != null) {
          batch.add(first);
          queue.drainTo(batch, BATCH_MAX - 1);
        }
      } catch (InterruptedException e) {
        log.warn("audit trail: interrupted, which ends nothing");
      }
      for (Item item : batch) {
        urgent |= write(item);
        dirty |= item.event() != null;
      }
      batch.clear();
      long now = System.nanoTime();
      if (dirty && (urgent || now - synced >= SYNC_NANOS)) {
        attempt(writer::sync);
        dirty = false;
        synced = now;
      }
      boolean minute = now - pruned >= MINUTE_NANOS;
      if (minute || writer.isFull() && removable) {
        tellDropped();
        removable = attempt(writer::prune);
        pruned = now;
      }
      bytes = writer.bytes();
    }
    tellDropped();
    if (announced) {
      log.info("audit trail: the last event is {}", writer.last());
    }
    attempt(writer::close);
  }

  /** Whether it is to be on the disk at once. */
  private boolean write(Item item) {
    if (item.flushed() != null) {
      item.flushed().countDown();
    }
    if (item.event() == null) {
      return false;
    }
    long before = dropped.getAndSet(0);
    try {
      writer.append(item.event(), before, item.droppedOfCaller());
      writtenEver.incrementAndGet();
    } catch (IOException | RuntimeException e) {
      dropped.addAndGet(before);
      drop(1);
      failed(e);
    }
    return item.event().kind() == Kind.EMERGENCY || item.event().kind() == Kind.CONFIGURATION;
  }

  /** Nobody's event may come for long. */
  private void tellDropped() {
    if (dropped.get() > 0) {
      write(new Item(TrailEvent.of(Kind.TRAIL, "EVENTS_DROPPED").build(), 0, null));
    }
  }

  private void drop(long count) {
    dropped.addAndGet(count);
    droppedEver.addAndGet(count);
  }

  private boolean attempt(Work work) {
    try {
      work.run();
      return true;
    } catch (IOException | RuntimeException e) {
      failed(e);
      return false;
    }
  }

  private void failed(Exception e) {
    if (failuresEver.getAndIncrement() == 0) {
      log.error("audit trail: it cannot be written; only this first failure is logged", e);
    }
  }

  /** Something with the files. */
  @FunctionalInterface
  private interface Work {
    void run() throws IOException;
  }
}
