package dev.modelgate.store;

import dev.modelgate.model.Uid;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * The log of one machine: the replica that it delivers to stores the log rows too, so that a group
 * of records is appended, accepted and applied by one synced write.
 *
 * <p>One thread takes everything that waits as one group, delivers it, and completes the futures in
 * order; while it syncs, the next group gathers, pressing records before patient ones. There is no
 * artificial delay.
 *
 * <pre>
 *            append                deliver                     complete
 *   callers --------> AppendQueue ---------> BatchSink (sync) ---------> futures, in order
 *                        |                      | throws
 *                        |                      v
 *                        +--- fenced: refuses  FenceListener, futures fail, Recovery until it succeeds
 * </pre>
 *
 * <p>When a delivery throws, its records may or may not be durable (hazard 21): they fail with
 * {@link OutcomeUnknownException}, as do the barriers behind them; records behind them that were
 * not yet delivered fail with {@link NotAppendedException}. Appends are refused until {@link
 * Recovery} succeeds. Each fence and each recovery begins a new {@link #epoch}; a caller that
 * stages on top of unfinished appends names the epoch that it staged in, so that nothing staged on
 * a void state can be appended after the recovery.
 *
 * <p>Completions run on the committer thread: what depends on them must be quick or asynchronous.
 */
public final class EmbeddedChangeLog implements ChangeLog {
  private static final long BACKOFF_MS_MIN = 100;
  private static final long BACKOFF_MS_MAX = 1_000;
  private static final long CLOSE_WAIT_MS = 30_000;

  private final LogIdentity identity;
  private final BatchSink sink;
  private final Recovery recovery;
  private final FenceListener listener;
  private final AppendQueue queue;
  private final Thread committer;
  private Position last;

  /** As the other constructor, with the default bounds and nobody listening to fences. */
  public EmbeddedChangeLog(
      LogIdentity identity, Position start, BatchSink sink, Recovery recovery) {
    this(identity, start, sink, recovery, FenceListener.NONE, AppendLimits.DEFAULT);
  }

  /**
   * Starts the committer thread.
   *
   * @param start the replica's last position; the first record gets the next one
   * @param sink applies and publishes a group; called by one thread
   * @param recovery called after {@code sink} threw
   * @param listener told of a fence before the futures fail
   */
  public EmbeddedChangeLog(
      LogIdentity identity,
      Position start,
      BatchSink sink,
      Recovery recovery,
      FenceListener listener,
      AppendLimits limits) {
    this.identity = identity;
    this.sink = sink;
    this.recovery = recovery;
    this.listener = listener;
    this.queue = new AppendQueue(limits);
    this.last = start;
    this.committer = new Thread(this::run, "modelgate-committer");
    committer.setDaemon(true);
    committer.start();
  }

  @Override
  public CompletionStage<Position> append(LogRecord record) {
    return queue.add(record);
  }

  @Override
  public CompletionStage<Position> append(LogRecord record, long epoch, Urgency urgency) {
    return queue.add(record, epoch, urgency);
  }

  @Override
  public CompletionStage<Position> barrier(Uid org) {
    return queue.addBarrier(org);
  }

  @Override
  public long epoch() {
    return queue.epoch();
  }

  /** Whether appends are refused until the recovery succeeds. */
  public boolean isFenced() {
    return queue.isFenced();
  }

  @Override
  public LogIdentity identity() {
    return identity;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Waits 30 s at most for the group that is being delivered.
   */
  @Override
  public void close() {
    queue.close();
    boolean interrupted = false;
    try {
      committer.join(CLOSE_WAIT_MS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<AppendQueue.Entry> group = queue.takeGroup();
    while (!group.isEmpty()) {
      deliver(group);
      group = queue.takeGroup();
    }
  }

  private void deliver(List<AppendQueue.Entry> group) {
    List<Position> positions = new ArrayList<>(group.size());
    List<Positioned> batch = new ArrayList<>(group.size());
    for (AppendQueue.Entry entry : group) {
      LogRecord record = entry.record();
      if (record != null) {
        last = last.next();
        batch.add(new Positioned(last, record));
      }
      positions.add(last);
    }
    try {
      if (!batch.isEmpty()) {
        sink.accept(batch);
      }
    } catch (Throwable e) {
      fence(group, e);
      recover();
      return;
    }
    for (int i = 0; i < group.size(); i++) {
      group.get(i).outcome().complete(positions.get(i));
    }
  }

  /** The order matters: refuse, drop what was staged, and only then let callers try again. */
  private void fence(List<AppendQueue.Entry> group, Throwable cause) {
    List<AppendQueue.Entry> waiting = queue.fence();
    try {
      listener.onFenced();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
    OutcomeUnknownException unknown =
        new OutcomeUnknownException("the commit failed: " + cause.getMessage(), cause);
    for (AppendQueue.Entry entry : group) {
      entry.outcome().completeExceptionally(unknown);
    }
    NotAppendedException notAppended =
        new NotAppendedException("the commit before this record failed");
    for (AppendQueue.Entry entry : waiting) {
      entry.outcome().completeExceptionally(entry.record() == null ? unknown : notAppended);
    }
  }

  private void recover() {
    long backoffMs = BACKOFF_MS_MIN;
    while (!queue.awaitClosed(backoffMs, TimeUnit.MILLISECONDS)) {
      try {
        recovery.recover();
        queue.unfence();
        return;
      } catch (RuntimeException e) {
        backoffMs = Math.min(backoffMs * 2, BACKOFF_MS_MAX);
      }
    }
  }
}
