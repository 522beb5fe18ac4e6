package dev.modelgate.store;

import static dev.modelgate.store.Changes.after;
import static dev.modelgate.store.Changes.grant;
import static dev.modelgate.store.Changes.next;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Uid;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an {@link EmbeddedChangeLog} must do over every replica. */
public abstract class ChangeLogConformance {
  private static final Uid ACME = new Uid(0x100001);
  private static final long WAIT_SECONDS = 20;

  /** A delivery waits here when a test holds it. */
  private final Gate gate = new Gate();

  private final AtomicBoolean failing = new AtomicBoolean();
  private final AtomicBoolean stayDown = new AtomicBoolean();
  private final AtomicInteger groups = new AtomicInteger();
  private final List<String> events = Collections.synchronizedList(new ArrayList<>());
  private Replica replica;
  private EmbeddedChangeLog log;

  protected abstract Replica open();

  @BeforeEach
  void openLog() {
    replica = open();
    log = start(AppendLimits.DEFAULT);
  }

  private EmbeddedChangeLog start(AppendLimits limits) {
    return new EmbeddedChangeLog(
        replica.identity(),
        Position.START,
        this::deliver,
        this::recover,
        () -> events.add("fenced"),
        limits);
  }

  @AfterEach
  void closeLog() {
    gate.open();
    log.close();
    replica.close();
  }

  private void deliver(List<Positioned> batch) {
    gate.pass();
    groups.incrementAndGet();
    if (failing.getAndSet(false)) {
      throw new StoreException("injected");
    }
    replica.apply(batch);
  }

  private void recover() {
    if (stayDown.get()) {
      throw new StoreException("still down");
    }
    replica.reopen();
    events.add("recovered");
  }

  private OrgHead head() {
    StoreSnapshot snapshot = replica.snapshot();
    try {
      return snapshot.head(ACME);
    } finally {
      snapshot.release();
    }
  }

  /** Change sets that follow each other. */
  private static List<ChangeSet> chain(OrgHead head, int length) {
    List<ChangeSet> chain = new ArrayList<>();
    OrgHead at = head;
    for (int i = 0; i < length; i++) {
      ChangeSet changeSet = next(at, grant(1, at.version() + 1).put());
      chain.add(changeSet);
      at = after(at, changeSet);
    }
    return chain;
  }

  private CompletableFuture<Position> append(ChangeSet changeSet) {
    return log.append(LogRecord.of(changeSet)).toCompletableFuture();
  }

  private CompletableFuture<Position> append(ChangeSet changeSet, Urgency urgency) {
    return log.append(LogRecord.of(changeSet), log.epoch(), urgency).toCompletableFuture();
  }

  /** Notes when something is done. */
  private static CompletableFuture<?> told(
      List<String> done, String what, CompletableFuture<Position> outcome) {
    return outcome.thenRun(() -> done.add(what));
  }

  /** Appends a record whose outcome is somebody else's to look at. */
  private void appendUnwatched(ChangeSet changeSet) {
    CompletableFuture<Position> unwatched = append(changeSet);
    assertFalse(unwatched.isCompletedExceptionally());
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
  }

  private static Throwable failure(CompletionStage<?> stage) {
    CompletionException thrown = assertThrows(CompletionException.class, () -> await(stage));
    return thrown.getCause() == null ? thrown : thrown.getCause();
  }

  private void awaitRecovery() {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (log.isFenced() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertFalse(log.isFenced());
  }

  @Test
  void append_record_completesWhenApplied() {
    ChangeSet changeSet = chain(OrgHead.empty(ACME), 1).get(0);
    assertEquals(new Position(1), await(append(changeSet)));
    assertEquals(after(OrgHead.empty(ACME), changeSet), head());
  }

  @Test
  void append_recordsThatWaitTogether_goInOneGroupAndCompleteInOrder() {
    gate.hold();
    List<ChangeSet> chain = chain(OrgHead.empty(ACME), 50);
    List<Long> completed = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Position> first = append(chain.get(0));
    gate.awaitArrival();
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (ChangeSet changeSet : chain.subList(1, 50)) {
      all.add(append(changeSet).thenAccept(position -> completed.add(position.value())));
    }
    assertFalse(first.isDone());
    gate.open();
    all.forEach(ChangeLogConformance::await);
    assertEquals(2, groups.get());
    assertEquals(all.size(), completed.size());
    assertEquals(completed.stream().sorted().toList(), completed);
    assertEquals(50, head().version());
  }

  @Test
  void append_moreThanOneGroupMayHold_isSplit() {
    log.close();
    log = start(new AppendLimits(100, 1 << 20, 10, 1 << 20));
    gate.hold();
    List<ChangeSet> chain = chain(OrgHead.empty(ACME), 31);
    CompletableFuture<Position> last = append(chain.get(0));
    gate.awaitArrival();
    for (ChangeSet changeSet : chain.subList(1, 31)) {
      last = append(changeSet);
    }
    gate.open();
    await(last);
    assertEquals(4, groups.get());
  }

  /** Hazard 23. */
  @Test
  void append_pressing_goesBeforePatientRecordsOfOthers_andBehindThoseOfItsOwn() {
    log.close();
    log = start(new AppendLimits(1_000, 1 << 20, 2, 1 << 20));
    Uid other = new Uid(0x200001);
    List<ChangeSet> acme = chain(OrgHead.empty(ACME), 4);
    List<ChangeSet> others = chain(OrgHead.empty(other), 20);
    List<String> done = Collections.synchronizedList(new ArrayList<>());
    gate.hold();
    CompletableFuture<?> last = append(acme.get(0));
    gate.awaitArrival();
    List<CompletableFuture<?>> all = new ArrayList<>(List.of(last));
    for (int i = 0; i < 20; i++) {
      all.add(told(done, "b" + i, append(others.get(i), Urgency.PATIENT)));
      if (i < 2) {
        all.add(told(done, "a" + (i + 1), append(acme.get(i + 1), Urgency.PATIENT)));
      }
    }
    all.add(told(done, "|b", log.barrier(other).toCompletableFuture()));
    all.add(told(done, "|a", log.barrier(ACME).toCompletableFuture()));
    all.add(told(done, "a3", append(acme.get(3), Urgency.PRESSING)));
    all.add(told(done, "|a again", log.barrier(ACME).toCompletableFuture()));
    gate.open();
    all.forEach(ChangeLogConformance::await);
    assertEquals(List.of("a1", "a2", "|a", "a3", "|a again", "b0"), done.subList(0, 6));
    assertEquals(List.of("b19", "|b"), done.subList(24, 26));
    assertEquals(26, done.size());
    assertEquals(4, head().version());
  }

  /** Hazard 23: imports fill half of the queue, so that a suspension is always taken. */
  @Test
  void append_queueFullOfPatientRecords_takesPressingOnes() {
    log.close();
    log = start(new AppendLimits(4, 1 << 20, 1, 1 << 20));
    List<ChangeSet> others = chain(OrgHead.empty(new Uid(0x200001)), 4);
    List<ChangeSet> acme = chain(OrgHead.empty(ACME), 3);
    gate.hold();
    appendUnwatched(others.get(0));
    gate.awaitArrival();
    CompletableFuture<Position> second = append(others.get(1), Urgency.PATIENT);
    CompletableFuture<Position> third = append(others.get(2), Urgency.PATIENT);
    assertInstanceOf(NotAppendedException.class, failure(append(others.get(3), Urgency.PATIENT)));
    CompletableFuture<Position> pressing = append(acme.get(0));
    appendUnwatched(acme.get(1));
    assertInstanceOf(NotAppendedException.class, failure(append(acme.get(2))));
    gate.open();
    assertEquals(new Position(2), await(pressing));
    assertEquals(new Position(4), await(second));
    assertEquals(new Position(5), await(third));
  }

  @Test
  void append_fullQueue_isNotAppended() {
    log.close();
    log = start(new AppendLimits(2, 1 << 20, 1, 1 << 20));
    gate.hold();
    List<ChangeSet> chain = chain(OrgHead.empty(ACME), 4);
    appendUnwatched(chain.get(0));
    gate.awaitArrival();
    appendUnwatched(chain.get(1));
    CompletableFuture<Position> last = append(chain.get(2));
    assertInstanceOf(NotAppendedException.class, failure(append(chain.get(3))));
    assertInstanceOf(NotAppendedException.class, failure(log.barrier(ACME)));
    gate.open();
    assertEquals(new Position(3), await(last));
  }

  @Test
  void append_queueFullOfBytes_isNotAppended() {
    List<ChangeSet> chain = chain(OrgHead.empty(ACME), 3);
    int recordBytes = LogRecord.of(chain.get(0)).stored().length;
    log.close();
    log = start(new AppendLimits(100, recordBytes * 3 / 2, 1, 1 << 20));
    gate.hold();
    appendUnwatched(chain.get(0));
    gate.awaitArrival();
    CompletableFuture<Position> second = append(chain.get(1));
    assertInstanceOf(NotAppendedException.class, failure(append(chain.get(2))));
    gate.open();
    await(second);
  }

  @Test
  void barrier_waitsForWhatWasAppendedBefore() {
    gate.hold();
    CompletableFuture<Position> record = append(chain(OrgHead.empty(ACME), 1).get(0));
    gate.awaitArrival();
    CompletableFuture<Position> barrier = log.barrier(ACME).toCompletableFuture();
    assertFalse(barrier.isDone());
    gate.open();
    assertEquals(await(record), await(barrier));
  }

  @Test
  void barrier_onAnIdleLog_completesWithoutAWrite() {
    assertEquals(Position.START, await(log.barrier(ACME)));
    assertEquals(0, groups.get());
  }

  @Test
  void failure_groupIsUnknown_laterRecordsAreNotAppended_barriersAreUnknown() {
    gate.hold();
    failing.set(true);
    List<ChangeSet> chain = chain(OrgHead.empty(ACME), 3);
    CompletableFuture<Position> first = append(chain.get(0));
    gate.awaitArrival();
    CompletableFuture<Position> second = append(chain.get(1));
    CompletionStage<Position> barrier = log.barrier(ACME);
    gate.open();
    assertInstanceOf(OutcomeUnknownException.class, failure(first));
    assertInstanceOf(NotAppendedException.class, failure(second));
    assertInstanceOf(OutcomeUnknownException.class, failure(barrier));
  }

  @Test
  void failure_listenerIsToldBeforeFuturesFail_andAppendsAreRefusedUntilRecovery() {
    failing.set(true);
    stayDown.set(true);
    List<ChangeSet> chain = chain(OrgHead.empty(ACME), 1);
    CompletableFuture<List<String>> seen =
        append(chain.get(0)).handle((position, e) -> List.copyOf(events));
    assertEquals(List.of("fenced"), await(seen));
    assertInstanceOf(NotAppendedException.class, failure(append(chain.get(0))));
    assertInstanceOf(NotAppendedException.class, failure(log.barrier(ACME)));
    stayDown.set(false);
    awaitRecovery();
    assertEquals(List.of("fenced", "recovered"), events);
    OrgHead head = head();
    assertTrue(await(append(next(head, grant(1, 9).put()))).value() > 1);
    assertEquals(head.version() + 1, head().version());
  }

  @Test
  void failure_whatWasStagedInAnOlderEpoch_isNotAppendedAfterRecovery() {
    long before = log.epoch();
    failing.set(true);
    List<ChangeSet> chain = chain(OrgHead.empty(ACME), 1);
    failure(append(chain.get(0)));
    long during = log.epoch();
    awaitRecovery();
    LogRecord record = LogRecord.of(chain.get(0));
    assertInstanceOf(
        NotAppendedException.class, failure(log.append(record, before, Urgency.PRESSING)));
    if (during != log.epoch()) {
      assertInstanceOf(
          NotAppendedException.class, failure(log.append(record, during, Urgency.PRESSING)));
    }
    await(log.append(record, log.epoch(), Urgency.PRESSING));
  }

  @Test
  void close_lets_whatWasTakenReachItsOutcome() {
    gate.hold();
    List<ChangeSet> chain = chain(OrgHead.empty(ACME), 2);
    appendUnwatched(chain.get(0));
    gate.awaitArrival();
    CompletableFuture<Position> second = append(chain.get(1));
    gate.open();
    log.close();
    assertEquals(new Position(2), await(second));
    assertInstanceOf(NotAppendedException.class, failure(append(chain.get(0))));
  }
}
