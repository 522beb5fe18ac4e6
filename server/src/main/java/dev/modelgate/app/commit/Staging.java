package dev.modelgate.app.commit;

import dev.modelgate.store.Acceptor;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.RequestId;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The change sets of one organization that are appended and not yet published, in version order.
 * Guarded by its lock, which covers validating and staging, not the sync.
 */
final class Staging {
  /** One staged change set and the head behind it. */
  record Staged(ChangeSet changeSet, OrgHead head) {}

  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition calm = lock.newCondition();
  private final AtomicInteger urgent = new AtomicInteger();
  private final Deque<Staged> staged = new ArrayDeque<>();
  private long epoch;

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
    calm.signal();
    lock.unlock();
  }

  /** The state with everything staged laid over it; holds under the lock only. */
  StagedView over(OrgView published) {
    staged.removeIf(entry -> entry.changeSet().version() <= published.head().version());
    OrgHead head = staged.isEmpty() ? published.head() : staged.getLast().head();
    StagedView view = new StagedView(published, head);
    for (Staged entry : staged) {
      entry.changeSet().mutations().forEach(view::lay);
    }
    return view;
  }

  /** Adds a change set that follows the last one; returns the epoch to settle it in. */
  long stage(ChangeSet changeSet, LogRecord record) {
    OrgHead base =
        staged.isEmpty()
            ? new OrgHead(
                changeSet.org(), changeSet.baseVersion(), changeSet.baseDigest(), changeSet.at())
            : staged.getLast().head();
    staged.addLast(new Staged(changeSet, Acceptor.advance(base, changeSet, record.stored())));
    return epoch;
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
   */
  void settle(long stagedIn, long version, boolean failed) {
    lock.lock();
    try {
      calm.signal();
      if (stagedIn == epoch) {
        if (failed) {
          staged.removeIf(entry -> entry.changeSet().version() >= version);
        } else {
          staged.removeIf(entry -> entry.changeSet().version() <= version);
        }
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
      epoch++;
    } finally {
      lock.unlock();
    }
  }
}
