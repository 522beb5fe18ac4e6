package dev.modelgate.app.commit;

import dev.modelgate.store.Acceptor;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Overlay;
import dev.modelgate.store.RequestId;
import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The change sets of one organization that are appended and not yet published, in version order.
 * Guarded by its lock, which covers validating and staging, not the sync; what was published is
 * told without it.
 */
final class Staging {
  /**
   * How many encoded bytes of change sets may be laid that are published already; then those that
   * are still staged are laid anew, so that each row is laid about once.
   */
  private static final long LAID_BYTES_BEYOND_MAX = 512 << 10;

  /**
   * One staged change set and the head behind it.
   *
   * @param bytes its length, encoded
   */
  record Staged(ChangeSet changeSet, OrgHead head, int bytes) {}

  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition calm = lock.newCondition();
  private final Condition loaded = lock.newCondition();
  private final AtomicInteger urgent = new AtomicInteger();
  private final Deque<Staged> staged = new ArrayDeque<>();
  private final AtomicLong epoch = new AtomicLong();

  /** The last version that is known to be published; whoever has the lock next lets go of those. */
  private final AtomicLong published = new AtomicLong();

  /** The last version that was let go; written under the lock. */
  private volatile long letGo;

  /** What was staged since the last time that nothing was, laid; null when it has to be made. */
  private @Nullable Overlay overlay;

  /** The encoded bytes of the change sets that the overlay holds. */
  private long laidBytes;

  /** Whether a load has the organization to itself; guarded by the lock. */
  private boolean loading;

  /** Of imports; held softly, so that it goes a while after the last one has. */
  private SoftReference<RowMemory> memory = new SoftReference<>(null);

  /** Takes the lock; a patient command lets every other one that waits go first (hazard 23). */
  @SuppressWarnings("LockNotBeforeTry") // unlock() is the other half
  void lock(boolean patient) {
    if (patient) {
      lock.lock();
      while (urgent.get() > 0) {
        calm.awaitUninterruptibly();
      }
    } else {
      urgent.incrementAndGet();
      lock.lock();
      urgent.decrementAndGet();
    }
  }

  void unlock() {
    letGoOfPublished();
    calm.signal();
    lock.unlock();
    // What was published meanwhile could not wait for the lock.
    settlePublished();
  }

  private void letGoOfPublished() {
    long to = published.get();
    if (to > letGo) {
      staged.removeIf(entry -> entry.changeSet().version() <= to);
      letGo = to;
    }
    if (staged.isEmpty()) {
      overlay = null; // It would hold on to the view that it lies over.
    }
  }

  /** The state with everything staged laid over it; holds under the lock only. */
  StagedView over(OrgView published) {
    staged.removeIf(entry -> entry.changeSet().version() <= published.head().version());
    OrgHead head = staged.isEmpty() ? published.head() : staged.getLast().head();
    return new StagedView(laidOver(published), head);
  }

  /** The same state as {@link #over} gives, for a batch of an import; holds under the lock only. */
  OrgView overForImport(OrgView published) {
    StagedView view = over(published);
    RowMemory known = memory.get();
    if (known == null) {
      known = new RowMemory(view.head());
      memory = new SoftReference<>(known);
    }
    known.moveTo(view.head());
    return new ImportView(view, known);
  }

  /**
   * The overlay of before over the new view, as long as the first change set that is staged follows
   * the published one: then everything else that was laid led there, by the chain of digests, and
   * changes nothing in a view that has it.
   */
  private Overlay laidOver(OrgView published) {
    Overlay known = overlay;
    long needed = staged.stream().mapToLong(Staged::bytes).sum();
    boolean few = laidBytes - needed <= LAID_BYTES_BEYOND_MAX;
    if (known == null || !few || !follows(published.head())) {
      known = new Overlay(published);
      laidBytes = needed;
      for (Staged entry : staged) {
        entry.changeSet().mutations().forEach(known::put);
      }
    } else {
      known = known.over(published);
    }
    overlay = known;
    return known;
  }

  private boolean follows(OrgHead published) {
    Staged first = staged.peekFirst();
    return first != null
        && first.changeSet().baseVersion() == published.version()
        && first.changeSet().baseDigest().equals(published.digest());
  }

  /** Adds a change set that follows the last one; returns the epoch to settle it in. */
  long stage(ChangeSet changeSet, LogRecord record) {
    OrgHead base =
        staged.isEmpty()
            ? new OrgHead(
                changeSet.org(), changeSet.baseVersion(), changeSet.baseDigest(), changeSet.at())
            : staged.getLast().head();
    byte[] stored = record.stored();
    OrgHead head = Acceptor.advance(base, changeSet, stored);
    staged.addLast(new Staged(changeSet, head, stored.length));
    RowMemory remembered = memory.get();
    if (remembered != null) {
      remembered.follow(base, changeSet, head);
    }
    Overlay known = overlay;
    if (known != null) {
      changeSet.mutations().forEach(known::put);
      laidBytes += stored.length;
    }
    return epoch.get();
  }

  /** Whether a load has the organization to itself; holds under the lock only. */
  boolean isLoading() {
    return loading;
  }

  /** Begins or ends a load; under the lock. */
  void setLoading(boolean loads) {
    loading = loads;
    loaded.signalAll();
  }

  /** Waits that long for a load to end; under the lock, which is free meanwhile. */
  void awaitLoaded(long nanos) {
    long left = nanos;
    try {
      while (loading && left > 0) {
        left = loaded.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether nothing waits for its sync. */
  boolean isEmpty() {
    return staged.isEmpty();
  }

  /** A staged change set of that request. */
  Optional<ChangeSet> find(Actor actor, RequestId requestId) {
    for (Iterator<Staged> entries = staged.descendingIterator(); entries.hasNext(); ) {
      ChangeSet changeSet = entries.next().changeSet();
      if (changeSet.requestId().equals(requestId) && changeSet.actor().equals(actor)) {
        return Optional.of(changeSet);
      }
    }
    return Optional.empty();
  }

  /**
   * A staged change set reached its outcome; when it failed, it and all that was staged above it
   * are void. What was staged below waits for an outcome of its own: a log that was full took it.
   *
   * <p>Called by the thread that commits, which does not wait for those that validate: it would
   * wait for each of them in turn, for every change set that it has made durable.
   */
  void settle(long stagedIn, long version, boolean failed) {
    if (failed) {
      fail(stagedIn, version);
    } else if (stagedIn == epoch.get()) {
      published.accumulateAndGet(version, Math::max);
      settlePublished();
    }
  }

  /** Whoever has the lock meanwhile does the same after it. */
  private void settlePublished() {
    while (published.get() > letGo && lock.tryLock()) {
      try {
        letGoOfPublished();
        calm.signal();
      } finally {
        lock.unlock();
      }
    }
  }

  private void fail(long stagedIn, long version) {
    lock.lock();
    try {
      calm.signal();
      if (stagedIn == epoch.get()) {
        staged.removeIf(entry -> entry.changeSet().version() >= version);
        overlay = null;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Voids everything staged. */
  void fence() {
    lock.lock();
    try {
      staged.clear();
      overlay = null;
      epoch.incrementAndGet();
    } finally {
      lock.unlock();
    }
  }
}
