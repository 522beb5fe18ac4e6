package dev.modelgate.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be delivered by an {@link EmbeddedChangeLog}, in the order of the calls. Any number
 * of threads add, one takes. No future is ever completed under the lock.
 */
final class AppendQueue {
  /**
   * A record, or a barrier when {@code record} is null.
   *
   * @param outcome completed by the committer thread alone
   */
  record Entry(@Nullable LogRecord record, CompletableFuture<Position> outcome) {
    long bytes() {
      return record == null ? 0 : record.stored().length;
    }
  }

  private final AppendLimits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Entry> entries = new ArrayDeque<>();
  private long bytes;
  private boolean fenced;
  private boolean closed;
  private final AtomicLong epoch = new AtomicLong();

  AppendQueue(AppendLimits limits) {
    this.limits = limits;
  }

  CompletableFuture<Position> add(LogRecord record) {
    return add(new Entry(record, new CompletableFuture<>()), -1);
  }

  CompletableFuture<Position> add(LogRecord record, long inEpoch) {
    return add(new Entry(record, new CompletableFuture<>()), inEpoch);
  }

  CompletableFuture<Position> addBarrier() {
    return add(new Entry(null, new CompletableFuture<>()), -1);
  }

  /** Adds at the end, or fails the future with the reason for not doing so. */
  private CompletableFuture<Position> add(Entry entry, long inEpoch) {
    String refusal;
    lock.lock();
    try {
      refusal = refusal(entry, inEpoch);
      if (refusal.isEmpty()) {
        entries.add(entry);
        bytes += entry.bytes();
        changed.signal();
      }
    } finally {
      lock.unlock();
    }
    if (!refusal.isEmpty()) {
      entry.outcome().completeExceptionally(new NotAppendedException(refusal));
    }
    return entry.outcome();
  }

  private String refusal(Entry entry, long inEpoch) {
    if (closed) {
      return "the log is closed";
    }
    if (fenced) {
      return "the log recovers from a failed commit";
    }
    if (inEpoch >= 0 && inEpoch != epoch.get()) {
      return "the log recovered from a failed commit meanwhile";
    }
    boolean full =
        entries.size() >= limits.queueRecordsMax()
            || bytes + entry.bytes() > limits.queueBytesMax();
    return full ? "the log is full: " + entries.size() + " records, " + bytes + " bytes" : "";
  }

  /** Waits for entries and takes as many as one group may hold; empty once closed and drained. */
  List<Entry> takeGroup() {
    lock.lock();
    try {
      while (entries.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      List<Entry> group = new ArrayList<>(Math.min(entries.size(), limits.groupRecordsMax()));
      long groupBytes = 0;
      Entry next = entries.peek();
      while (next != null
          && (group.isEmpty()
              || group.size() < limits.groupRecordsMax()
                  && groupBytes + next.bytes() <= limits.groupBytesMax())) {
        group.add(entries.remove());
        groupBytes += next.bytes();
        next = entries.peek();
      }
      bytes -= groupBytes;
      return group;
    } finally {
      lock.unlock();
    }
  }

  /** Refuses from here on and hands over what waits. */
  List<Entry> fence() {
    lock.lock();
    try {
      fenced = true;
      epoch.incrementAndGet();
      List<Entry> waiting = new ArrayList<>(entries);
      entries.clear();
      bytes = 0;
      return waiting;
    } finally {
      lock.unlock();
    }
  }

  /** Accepts again what was staged from here on. */
  void unfence() {
    lock.lock();
    try {
      epoch.incrementAndGet();
      fenced = false;
    } finally {
      lock.unlock();
    }
  }

  /** Waits that long for the close; whether it came. */
  boolean awaitClosed(long time, TimeUnit unit) {
    lock.lock();
    try {
      long nanos = unit.toNanos(time);
      while (!closed && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
      return closed;
    } catch (InterruptedException e) {
      // Nobody interrupts the committer thread; if somebody does, it goes on retrying.
      return closed;
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  long epoch() {
    return epoch.get();
  }

  boolean isFenced() {
    lock.lock();
    try {
      return fenced;
    } finally {
      lock.unlock();
    }
  }
}
