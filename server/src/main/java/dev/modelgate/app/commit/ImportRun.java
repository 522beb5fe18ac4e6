package dev.modelgate.app.commit;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.ImportItems;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Digest;
import dev.modelgate.store.RequestId;
import dev.modelgate.store.Revision;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * One import: a run of change sets, resumable (hazard 25). At most {@value #IN_FLIGHT_MAX} of them
 * wait for their sync, so that other commands go between them (hazard 23).
 *
 * <p>A refused batch is halved until the one record that is to blame stands alone; so all records
 * before it hold, and none of the batch behind it. Into a new organization, what holds is there all
 * at once, when the run has ended with an answer or such a refusal; a run that is closed before, or
 * whose store fails, leaves nothing. Not for use by several threads at a time; methods block for
 * commits.
 */
public final class ImportRun implements AutoCloseable {
  private static final int IN_FLIGHT_MAX = 2;

  /**
   * The most bytes of records in one batch. A record makes up to three rows, which hold its texts
   * twice, so that the change set stays far below its own limit.
   */
  private static final int BATCH_BYTES_MAX = 192 * 1024;

  private static final int ROW_BYTES = 100;

  private final ImportTarget target;
  private final String organizationId;
  private final Order order;
  private final Deque<Batch> inFlight = new ArrayDeque<>();
  private List<ImportLine> pending = new ArrayList<>();
  private long pendingBytes;
  private long next;
  private ImportCounts counts = ImportCounts.NONE;
  private Optional<Revision> revision = Optional.empty();

  /** A batch that was handed over. */
  private record Batch(long first, List<ImportLine> lines, CompletableFuture<Outcome> outcome) {}

  /**
   * An import into an organization.
   *
   * @param target closed with this
   * @param order whose request id the ids of the batches are derived from
   * @param skip how many records of the stream were left out, for numbering
   */
  public ImportRun(ImportTarget target, String organizationId, Order order, long skip) {
    this.target = target;
    this.organizationId = organizationId;
    this.order = order;
    this.next = skip;
  }

  /**
   * Takes the next record.
   *
   * @throws RefusedException as {@link Committer#commit} for this record or one before it, with the
   *     variables {@code line} and {@code appliedRecords}
   */
  public void add(ImportLine line) {
    int bytes = line.bytes() + ROW_BYTES;
    boolean full = pending.size() >= Command.CHANGES_MAX || pendingBytes + bytes > BATCH_BYTES_MAX;
    if (full) {
      flush();
    }
    pending.add(line);
    pendingBytes += bytes;
  }

  /**
   * Commits what was taken, and waits until it is there.
   *
   * @return the revision of the last record; empty when there was none
   * @throws RefusedException as {@link #add}
   */
  public Optional<Revision> finish() {
    settleAll();
    try {
      target.publish();
    } catch (RefusedException e) {
      throw placed(e.refusal(), next, 0).asException();
    }
    return revision;
  }

  private void settleAll() {
    flush();
    while (!inFlight.isEmpty()) {
      settle(inFlight.remove());
    }
  }

  /** Lets go of what is not there yet; what was finished or refused stays as it is. */
  @Override
  public void close() {
    target.close();
  }

  /** Where to. */
  public String organizationId() {
    return organizationId;
  }

  /** What was applied so far, by type. */
  public ImportCounts counts() {
    return counts;
  }

  /**
   * A refusal of the next record, before it could be taken: commits those before it and says where
   * it stands.
   */
  public RefusedException refusalOfNext(Refusal refusal) {
    settleAll();
    return stopped(refusal, next);
  }

  /** A refusal of a record, once those before it are there as far as they can be. */
  private RefusedException stopped(Refusal refusal, long record) {
    if (target.isImmediate()) {
      return placed(refusal, record, record).asException();
    }
    if (isOfStore(refusal.fault())) {
      return placed(refusal, record, 0).asException();
    }
    try {
      target.publish();
      return placed(refusal, record, record).asException();
    } catch (RefusedException e) {
      return placed(e.refusal(), record, 0).asException();
    }
  }

  private static boolean isOfStore(Fault fault) {
    return fault == Fault.STORE_UNAVAILABLE || fault == Fault.OUTCOME_UNKNOWN;
  }

  private void flush() {
    if (pending.isEmpty()) {
      return;
    }
    if (inFlight.size() >= IN_FLIGHT_MAX) {
      settle(inFlight.remove());
    }
    Batch batch = submit(next, pending);
    next += pending.size();
    pending = new ArrayList<>();
    pendingBytes = 0;
    inFlight.add(batch);
    if (batch.outcome().isCompletedExceptionally()) {
      while (!inFlight.isEmpty()) {
        settle(inFlight.remove());
      }
    }
  }

  private Batch submit(long first, List<ImportLine> lines) {
    Order batchOrder =
        new Order(
            order.requester(),
            derivedId(first, lines.size()),
            digest(lines),
            order.reason(),
            order.baseRevision());
    var items = new ImportItems(lines.stream().map(ImportLine::item).toList(), first);
    return new Batch(
        first, lines, target.commit(organizationId, batchOrder, items).toCompletableFuture());
  }

  private byte[] digest(List<ImportLine> lines) {
    if (!order.requestId().isPresent()) {
      return new byte[0];
    }
    MessageDigest digest = Digest.sha256();
    lines.forEach(line -> digest.update(new ByteWriter(64).bytes(line.form().get()).toBytes()));
    return digest.digest();
  }

  private RequestId derivedId(long first, int size) {
    if (!order.requestId().isPresent()) {
      return RequestId.NONE;
    }
    byte[] whole =
        new ByteWriter(160).text(order.requestId().text()).fixed64(first).fixed64(size).toBytes();
    return new RequestId("import:" + HexFormat.of().formatHex(Digest.sha256().digest(whole)));
  }

  /** Waits for a batch and counts it, or finds the record that it was refused for. */
  private void settle(Batch batch) {
    try {
      Outcome outcome = batch.outcome().join();
      revision = Optional.of(outcome.revision());
      counts = counts.plus(batch.lines());
    } catch (CompletionException | CancellationException e) {
      halve(batch, e.getCause() instanceof RefusedException refused ? refused : rethrown(e));
    }
  }

  private void halve(Batch batch, RefusedException refused) {
    int size = batch.lines().size();
    if (size == 1 || !blamesOneRecord(refused.refusal().fault())) {
      throw stopped(refused.refusal(), batch.first());
    }
    int half = size / 2;
    settle(submit(batch.first(), batch.lines().subList(0, half)));
    settle(submit(batch.first() + half, batch.lines().subList(half, size)));
  }

  private static boolean blamesOneRecord(Fault fault) {
    return switch (fault) {
      case REQUEST_ID_REUSED, REQUEST_EXPIRED, ORGANIZATION_RESTRICTED, ON_BEHALF_OF_INVALID ->
          false;
      default ->
          switch (fault.category()) {
            case INVALID, PRECONDITION, DENIED, MISSING, EXISTS -> true;
            default -> false;
          };
    };
  }

  /** The header is line 1, so that the first record, number 0, is line 2. */
  private Refusal placed(Refusal refusal, long record, long applied) {
    Refusal placed =
        refusal
            .with("line", String.valueOf(record + 2))
            .with("appliedRecords", String.valueOf(applied));
    return refusal.fault() == Fault.OUTCOME_UNKNOWN
        ? placed.with("requestId", order.requestId().text())
        : placed;
  }

  private static RefusedException rethrown(RuntimeException e) {
    throw e.getCause() instanceof RuntimeException cause ? cause : e;
  }
}
