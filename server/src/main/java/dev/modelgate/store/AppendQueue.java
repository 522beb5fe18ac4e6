package dev.modelgate.store;

import dev.modelgate.model.Uid;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be delivered by an {@link EmbeddedChangeLog}. Any number of threads add, one takes.
 * No future is ever completed under the lock.
 *
 * <p>There are two lanes, each in the order of the calls, and the pressing one goes first (hazard
 * 23). Invariant: what belongs to one organization, barriers included, is taken in the order in
 * which it was added. So a pressing record takes along what waits of its organization, and a
 * barrier, which presses nobody, stays behind it:
 *
 * <pre>
 *   pressing                patient: a1 b1 a2 |a| c1
 *   add pressing a3
 *   pressing: a1 a2 |a| a3  patient: b1 c1
 * </pre>
 */
final class AppendQueue {
  /**
   * A record, or a barrier when {@code record} is null.
   *
   * @param org the organization of the record, or whose records the barrier waits for
   * @param outcome completed by the committer thread alone
   */
  record Entry(Uid org, @Nullable LogRecord record, CompletableFuture<Position> outcome) {
    static Entry of(LogRecord record) {
      return new Entry(record.org(), record, new CompletableFuture<>());
    }

    long bytes() {
      return record == null ? 0 : record.stored().length;
    }
  }

  private final AppendLimits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Entry> pressing = new ArrayDeque<>();
  private final Deque<Entry> patient = new ArrayDeque<>();
  private long bytes;
  private boolean fenced;
  private boolean closed;
  private final AtomicLong epoch = new AtomicLong();

  AppendQueue(AppendLimits limits) {
    this.limits = limits;
  }

  CompletableFuture<Position> add(LogRecord record) {
    return add(Entry.of(record), -1, Urgency.PRESSING);
  }

  CompletableFuture<Position> add(LogRecord record, long inEpoch, Urgency urgency) {
    return add(Entry.of(record), inEpoch, urgency);
  }

  CompletableFuture<Position> addBarrier(Uid org) {
    return add(new Entry(org, null, new CompletableFuture<>()), -1, Urgency.PRESSING);
  }

  /** Adds at the end of its lane, or fails the future with the reason for not doing so. */
  private CompletableFuture<Position> add(Entry entry, long inEpoch, Urgency urgency) {
    String refusal;
    lock.lock();
    try {
      refusal = refusal(entry, inEpoch, urgency);
      if (refusal.isEmpty()) {
        lane(entry, urgency).add(entry);
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

  private Deque<Entry> lane(Entry entry, Urgency urgency) {
    if (urgency == Urgency.PATIENT) {
      return patient;
    }
    if (entry.record() == null) {
      boolean behind = patient.stream().anyMatch(waiting -> waiting.org().equals(entry.org()));
      return behind ? patient : pressing;
    }
    for (Iterator<Entry> entries = patient.iterator(); entries.hasNext(); ) {
      Entry waiting = entries.next();
      if (waiting.org().equals(entry.org())) {
        entries.remove();
        pressing.add(waiting);
      }
    }
    return pressing;
  }

  /** Why not; patient records have half of the room, so that they never keep pressing ones out. */
  private String refusal(Entry entry, long inEpoch, Urgency urgency) {
    if (closed) {
      return "the log is closed";
    }
    if (fenced) {
      return "the log recovers from a failed commit";
    }
    if (inEpoch >= 0 && inEpoch != epoch.get()) {
      return "the log recovered from a failed commit meanwhile";
    }
    int share = urgency == Urgency.PATIENT ? 2 : 1;
    int size = pressing.size() + patient.size();
    boolean full =
        size >= Math.max(1, limits.queueRecordsMax() / share)
            || bytes + entry.bytes() > limits.queueBytesMax() / share;
    return full ? "the log is full: " + size + " records, " + bytes + " bytes" : "";
  }

  /** Waits for entries and takes as many as one group may hold; empty once closed and drained. */
  List<Entry> takeGroup() {
    lock.lock();
    try {
      while (peek() == null && !closed) {
        changed.awaitUninterruptibly();
      }
      int size = pressing.size() + patient.size();
      List<Entry> group = new ArrayList<>(Math.min(size, limits.groupRecordsMax()));
      long groupBytes = 0;
      Entry next = peek();
      while (next != null
          && (group.isEmpty()
              || group.size() < limits.groupRecordsMax()
                  && groupBytes + next.bytes() <= limits.groupBytesMax())) {
        group.add((pressing.isEmpty() ? patient : pressing).remove());
        groupBytes += next.bytes();
        next = peek();
      }
      bytes -= groupBytes;
      return group;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Entry peek() {
    return pressing.isEmpty() ? patient.peek() : pressing.peek();
  }

  /** Refuses from here on and hands over what waits. */
  List<Entry> fence() {
    lock.lock();
    try {
      fenced = true;
      epoch.incrementAndGet();
      List<Entry> waiting = new ArrayList<>(pressing);
      waiting.addAll(patient);
      pressing.clear();
      patient.clear();
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
