package dev.modelgate.store;

import dev.modelgate.model.Uid;
import java.util.List;
import java.util.Optional;

/**
 * The index: what the change sets of the log add up to, organization by organization.
 *
 * <p>One thread applies, any number read. Nothing here knows what the rows mean.
 */
public interface Replica extends AutoCloseable {
  /** How long a request id is remembered, in hours of change-set time. */
  int RECENT_HOURS = 24;

  /** The history that this is the state of. */
  LogIdentity identity();

  /**
   * Applies a batch: decides on each record in order by {@link Acceptor}, and writes rows, index
   * rows, heads, recent requests and the position in one atomic batch, durable on return (embedded:
   * log rows too, one sync).
   *
   * @param batch in log order; positions ascend from above the last applied one. Accepted and stale
   *     records advance it; the others have no effect at all.
   * @throws IllegalArgumentException when the positions do not ascend
   * @throws StoreException when the outcome is unknown: all of the batch may be durable, or none.
   *     The replica refuses further batches until {@link #reopen}.
   */
  ApplyResult apply(List<Positioned> batch);

  /**
   * Begins to fill an organization that has no change set yet.
   *
   * @return empty where there is nothing quicker than the log: another load is open, or the
   *     technology has none
   * @throws StoreException when it cannot be begun
   */
  default Optional<BulkLoad> load(Uid org) {
    return Optional.empty();
  }

  /** A new snapshot of what was applied. The caller releases it. */
  StoreSnapshot snapshot();

  /** What is remembered of that actor's request, read from the newest state. */
  Optional<Recent> recent(Uid org, Actor actor, RequestId requestId);

  /**
   * The highest version whose request id may be forgotten, 0 for none: a retry based on an older
   * version has left the window and must not be executed (hazard 20). See {@link RecentWindow}.
   */
  long recentSince(Uid org);

  /**
   * The stored bytes of the change set that made that version; empty when it was trimmed or is not
   * there yet. What is durable only; never blocks an apply.
   */
  Optional<LogRecord> read(Uid org, long version);

  /**
   * Closes and opens again after a failed {@link #apply}, and reads heads and recent requests anew.
   * Snapshots of before stay readable where the technology allows it; where not, their reads throw
   * {@link StoreException} from here on.
   *
   * @throws StoreException when that is not possible yet, for instance because the disk is still
   *     full; may be tried again
   */
  void reopen();

  /** Writes all state to a sink, at one moment. */
  void exportSnapshot(SnapshotSink sink);

  @Override
  void close();
}
