package dev.modelgate.decisionlog;

import com.google.gson.stream.JsonWriter;
import dev.modelgate.app.check.Decision;
import dev.modelgate.app.check.DecisionLog;
import dev.modelgate.decisionlog.DecisionMask.Field;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decisions as JSON lines in rotated files. Takes them from any thread into a bounded queue; a
 * thread of its own masks, writes and rotates. What the queue has no room for, and what cannot be
 * written, is counted and gone.
 */
public final class FileDecisionLog implements DecisionLog, AutoCloseable {
  private static final Logger logger = LoggerFactory.getLogger(FileDecisionLog.class);
  private static final int QUEUE_MAX = 2_048;
  private static final int BATCH_MAX = 256;
  private static final int BLOCK_BYTES = 64 << 10;
  private static final long IDLE_MS = 200;

  /**
   * How long the first decision waits for others, unless they fill half of the queue. To wake the
   * writer and to write costs as much as a check; for each decision by itself a log of one check in
   * 100 was seen in the checks' own time.
   */
  private static final long GATHER_MS = 20;

  private static final long CLOSE_SECONDS_MAX = 5;

  private final BlockingQueue<Decision> queue = new ArrayBlockingQueue<>(QUEUE_MAX);
  private final DecisionMask mask;
  private final RotatedFile file;
  private final Thread thread;
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private volatile boolean closing;

  /**
   * Goes on with the log of a directory, or begins one.
   *
   * @param directory where {@code decisions.jsonl} lies; made when it is not there
   * @param bytesMax of one file
   * @param filesMax how many there are, at least 1
   * @throws IOException when it cannot be written
   */
  public FileDecisionLog(Path directory, long bytesMax, int filesMax, DecisionMask mask)
      throws IOException {
    this.mask = mask;
    this.file = new RotatedFile(directory.resolve("decisions.jsonl"), bytesMax, filesMax);
    this.thread = new Thread(this::run, "modelgate-decisions");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void record(Decision decision) {
    if (closing || !queue.offer(decision)) {
      dropped.incrementAndGet();
    } else if (isHalfFull()) {
      LockSupport.unpark(thread);
    }
  }

  private boolean isHalfFull() {
    return queue.remainingCapacity() <= QUEUE_MAX / 2;
  }

  /** Lines written since the start. */
  public long written() {
    return written.get();
  }

  /** Decisions since the start that the queue had no room for, or that could not be written. */
  public long dropped() {
    return dropped.get();
  }

  /** Failed writes since the start. */
  public long failures() {
    return failures.get();
  }

  /** Writes what waits and closes the file; what is recorded from now on is dropped. */
  @Override
  public void close() throws IOException {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS_MAX));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      throw new IOException("the decision log could not be written to its end");
    }
  }

  private void run() {
    List<Decision> batch = new ArrayList<>();
    while (!closing || !queue.isEmpty()) {
      try {
        Decision first = queue.poll(IDLE_MS, TimeUnit.MILLISECONDS);
        if (first == null) {
          continue;
        }
        batch.add(first);
      } catch (InterruptedException e) {
        logger.warn("decision log: interrupted, which ends nothing");
      }
      if (!closing && !isHalfFull()) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(GATHER_MS));
      }
      do {
        queue.drainTo(batch, BATCH_MAX - batch.size());
        write(batch);
        batch.clear();
      } while (!queue.isEmpty());
    }
    try {
      file.close();
    } catch (IOException e) {
      failed(e);
    }
  }

  private void write(List<Decision> batch) {
    int done = 0;
    try {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      int waiting = 0;
      for (Decision decision : batch) {
        block.write(line(decision).getBytes(StandardCharsets.UTF_8));
        waiting++;
        if (block.size() >= BLOCK_BYTES || done + waiting == batch.size()) {
          file.write(ByteBuffer.wrap(block.toByteArray()));
          block.reset();
          done += waiting;
          waiting = 0;
        }
      }
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
    written.addAndGet(done);
    dropped.addAndGet(batch.size() - done);
  }

  private String line(Decision decision) throws IOException {
    StringWriter text = new StringWriter(256);
    try (JsonWriter json = new JsonWriter(text)) {
      json.setHtmlSafe(false);
      json.beginObject();
      json.name("time")
          .value(Instant.EPOCH.plus(decision.atMicros(), ChronoUnit.MICROS).toString());
      json.name("principal").value(mask.of(Field.PRINCIPALS, decision.principal()));
      if (!decision.actingThrough().isEmpty()) {
        json.name("actingThrough").beginArray();
        for (String link : decision.actingThrough()) {
          json.value(mask.of(Field.PRINCIPALS, link));
        }
        json.endArray();
      }
      json.name("resource").value(mask.of(Field.RESOURCES, decision.resource()));
      json.name("action").value(decision.action());
      json.name("decision").value(decision.outcome());
      json.name("reason").value(decision.reason());
      if (!decision.deniedLink().isEmpty()) {
        json.name("deniedLink").value(mask.of(Field.PRINCIPALS, decision.deniedLink()));
      }
      if (!decision.missing().isEmpty()) {
        json.name("missing").beginArray();
        for (String attribute : new TreeSet<>(decision.missing())) {
          json.value(attribute);
        }
        json.endArray();
      }
      json.name("revision").value(decision.revision());
      json.name("caller").value(mask.of(Field.CALLERS, decision.caller()));
      json.name("micros").value(TimeUnit.NANOSECONDS.toMicros(decision.nanos()));
      json.endObject();
    }
    return text.append('\n').toString();
  }

  private void failed(Exception e) {
    if (failures.getAndIncrement() == 0) {
      logger.error("decision log: it cannot be written; only this first failure is logged", e);
    }
  }
}
