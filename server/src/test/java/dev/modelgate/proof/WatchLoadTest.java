package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.AccessListener;
import dev.modelgate.app.check.AccessWatches;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * {@value #WATCHES} watched accesses while {@value #PER_SECOND} changes a second are committed:
 * each is told what it concerns, what waits is bounded by what is watched, and memory does not grow
 * with the changes. How long it took is printed, for a busy machine keeps no bound.
 */
final class WatchLoadTest {
  private static final int WATCHES = 10_000;
  private static final int PER_SECOND = 1_000;
  private static final int CHANGES = 2_000;
  private static final int CHANGES_OF_ONE_COMMAND = 100;

  /** How many wait for a first answer at a time, which is a check like others. */
  private static final int FIRST_ANSWERS = 500;

  private static final long BYTES_OF_A_WATCH_MAX = 8 << 10;

  /**
   * What {@value #CHANGES} changes may leave behind, in the log and the rows of the replica, too.
   */
  private static final long GROWTH_BYTES_MAX = 32L << 20;

  private static final long SEED = 39;

  /** What somebody was told last, and how often; and when he might have been. */
  private static final class Watcher implements AccessListener {
    final PrincipalName who;
    final Question question;
    private final AtomicInteger told = new AtomicInteger();
    private volatile boolean allowed;
    private volatile boolean lost;
    private volatile long toldNanos;

    Watcher(int number) {
      who = PrincipalName.parse("user:w" + number + "@acme.com");
      question = Acme.gets(who, Acme.ROOT);
    }

    @Override
    public void told(Answer answer) {
      allowed = answer.allowed();
      toldNanos = System.nanoTime();
      told.incrementAndGet();
    }

    @Override
    public void lost(Refusal refusal) {
      lost = true;
    }
  }

  @Test
  void watches_manyUnderManyCommits_areToldInBoundedMemory() {
    try (Acme acme = new Acme()) {
      List<Watcher> watchers = new ArrayList<>();
      for (int i = 0; i < WATCHES; i++) {
        watchers.add(new Watcher(i));
      }
      shareWithAll(acme, watchers);
      // Time stands still for what waits: how long a change may is another test.
      AccessWatches watches = acme.bed.watches(acme.bed.publication(), acme.bed.stamps(), () -> 0);
      long before = heapBytes();
      for (int from = 0; from < WATCHES; from += FIRST_ANSWERS) {
        List<Watcher> some = watchers.subList(from, from + FIRST_ANSWERS);
        for (Watcher watcher : some) {
          Runnable unused = watches.watch(watcher.question, WatchLoadTest.class, 100, watcher);
        }
        Acme.until("first answers", () -> some.stream().allMatch(w -> w.told.get() == 1));
      }
      long each = (heapBytes() - before) / WATCHES;
      System.out.println(WATCHES + " watched accesses of " + each + " bytes each");
      assertTrue(each < BYTES_OF_A_WATCH_MAX, each + " bytes");
      long opened = heapBytes();
      change(acme, watches, watchers);
      long grown = heapBytes() - opened;
      System.out.println("the heap grew by " + (grown >> 10) + " KiB, that of the log included");
      assertTrue(grown < GROWTH_BYTES_MAX, "the heap grew by " + grown + " bytes");
      suspendAll(acme, watches, watchers);
      assertEquals(WATCHES, watches.open());
    }
  }

  private static void shareWithAll(Acme acme, List<Watcher> watchers) {
    for (int from = 0; from < WATCHES; from += CHANGES_OF_ONE_COMMAND) {
      acme.commit(
          Acme.grants(
              Acme.ROOT,
              watchers.subList(from, from + CHANGES_OF_ONE_COMMAND).stream()
                  .map(watcher -> Acme.set(watcher.who, "viewer"))
                  .toArray(GrantChange[]::new)));
    }
  }

  /** Revokes from one after the other, and gives some of it back. */
  private static void change(Acme acme, AccessWatches watches, List<Watcher> watchers) {
    Random random = new Random(SEED);
    boolean[] holds = new boolean[WATCHES];
    Arrays.fill(holds, true);
    long evaluated = acme.bed.counts().watched.sum();
    long[] doneNanos = new long[WATCHES];
    List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
    int waitingMax = 0;
    long begin = System.nanoTime();
    for (int i = 0; i < CHANGES; i++) {
      long at = begin + i * (TimeUnit.SECONDS.toNanos(1) / PER_SECOND);
      while (System.nanoTime() < at) {
        LockSupport.parkNanos(at - System.nanoTime());
      }
      int who = random.nextInt(WATCHES);
      holds[who] = !holds[who];
      GrantChange change =
          holds[who]
              ? Acme.set(watchers.get(who).who, "viewer")
              : Acme.remove(watchers.get(who).who);
      outcomes.add(
          acme.submit(Order.of(Requester.SYSTEM_ADMINISTRATOR), Acme.grants(Acme.ROOT, change))
              .whenComplete((outcome, failure) -> doneNanos[who] = System.nanoTime()));
      waitingMax = Math.max(waitingMax, watches.waiting());
    }
    outcomes.forEach(Acme::await);
    long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    AccessHazardTest.quiet(watches);
    long[] micros = new long[WATCHES];
    int concerned = 0;
    for (int i = 0; i < WATCHES; i++) {
      Watcher watcher = watchers.get(i);
      assertTrue(!watcher.lost && watcher.allowed == holds[i], watcher.question + " is told wrong");
      if (!holds[i]) {
        micros[concerned++] = Math.max(0, watcher.toldNanos - doneNanos[i]) / 1_000;
      }
    }
    Arrays.sort(micros, 0, concerned);
    long evaluations = acme.bed.counts().watched.sum() - evaluated;
    System.out.printf(
        "%d changes in %d ms: %d evaluations, at most %d waiting; %d denials told after the"
            + " acknowledgement: p50 %d us, p99 %d us, max %d us%n",
        CHANGES,
        tookMs,
        evaluations,
        waitingMax,
        concerned,
        micros[concerned / 2],
        micros[concerned * 99 / 100],
        micros[concerned - 1]);
    assertTrue(concerned > CHANGES / 4, "too few lose anything");
    // A stripe may be shared now and then.
    assertTrue(evaluations < 2 * CHANGES, evaluations + " evaluations");
    assertTrue(waitingMax <= WATCHES, waitingMax + " wait");
  }

  /** One change that concerns everybody. */
  private static void suspendAll(Acme acme, AccessWatches watches, List<Watcher> watchers) {
    assertEquals(
        Optional.empty(), acme.bed.commit("system", new Command.SuspendOrganization("acme", true)));
    long done = System.nanoTime();
    AccessHazardTest.quiet(watches);
    assertTrue(watchers.stream().noneMatch(watcher -> watcher.allowed), "somebody still may");
    long last = watchers.stream().mapToLong(watcher -> watcher.toldNanos).max().orElse(done);
    System.out.printf(
        "a suspension of all: told %d us after the acknowledgement%n",
        Math.max(0, last - done) / 1_000);
  }

  private static long heapBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
