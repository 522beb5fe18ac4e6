package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.row.Rows;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Three threads ask while one changes: each answer is that of the reference at some version between
 * the last one acknowledged before the question and the last one submitted before the answer, at
 * some time between. So no allow comes after an acknowledged revoke.
 *
 * <p>An answer is compared once the outcome of every change in its window is known; a refused
 * change leaves the version as it was.
 */
final class ConcurrentHistoryTest {
  private static final long SECONDS = Long.getLong("modelgate.history.seconds", 10);
  private static final long FIRST_SEED = Long.getLong("modelgate.history.seed", 1);
  private static final int CHECKERS = 3;
  private static final int ASKED_PER_VERSION = 20;
  private static final int STEPS = 400;
  private static final int NEGATIVE_SEEDS_MAX = 30;

  @Test
  void everyAnswer_whileThingsChange_isThatOfAVersionInItsWindow() throws InterruptedException {
    long start = System.nanoTime();
    long end = start + TimeUnit.SECONDS.toNanos(SECONDS);
    long seed = FIRST_SEED;
    long compared = 0;
    long hits = 0;
    do {
      try (Play play = new Play(seed, new Stamps(), seed % 2 == 0 ? 5 : 0)) {
        assertNull(play.run());
        assertEquals(0, play.bed.counts().mismatches.sum(), "recheck cried wolf, seed " + seed);
        compared += play.compared.get();
        hits += play.bed.counts().hits.sum();
      }
      seed++;
    } while (System.nanoTime() < end);
    System.out.printf(
        "concurrent histories: %d seeds in %d ms, %d answers, %d hits%n",
        seed - FIRST_SEED, (System.nanoTime() - start) / 1_000_000, compared, hits);
    assertTrue(hits > compared / 20, "too few hits to prove anything: " + hits);
  }

  @Test
  void everyAnswer_whenStampsAreNeverRaised_isWrongSometimes() throws InterruptedException {
    boolean found = false;
    for (long seed = 1; seed <= NEGATIVE_SEEDS_MAX && !found; seed++) {
      Stamps broken =
          new Stamps() {
            @Override
            public void raise(int stripe, long sequence) {
              // The rule that is switched off.
            }
          };
      try (Play play = new Play(seed, broken, 0)) {
        found = play.run() != null;
      }
    }
    assertTrue(found, "stale answers are not found");
  }

  /** An answer and what may be behind it: versions and times, both ends included. */
  private record Seen(
      Question question, Answer answer, int firstVersion, int lastVersion, int first, int last) {}

  /** One history. */
  private static final class Play implements AutoCloseable {
    private final long seed;
    private final HandClock wall = new HandClock();
    private final Bed bed;
    private final Narrator narrator;
    private final Map<Integer, PlainModel> models = new ConcurrentHashMap<>();
    private final Map<Integer, Long> times = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable String> wrong = new AtomicReference<>();
    private final AtomicLong compared = new AtomicLong();
    private volatile int submitted;
    private volatile int acknowledged;
    private volatile int timeBegun;
    private volatile int timeReached;
    private volatile boolean over;

    Play(long seed, Stamps stamps, int recheckEvery) {
      this.seed = seed;
      this.bed = new Bed(new MemoryReplica(Rows::check), stamps, wall, recheckEvery);
      this.narrator = new Narrator(seed, "acme");
      models.put(0, new PlainModel());
      times.put(0, wall.micros());
    }

    /** Plays it; what the first wrong answer was, or null. */
    @Nullable String run() throws InterruptedException {
      assertTrue(bed.commit("system", new Command.RegisterOrganization("acme")).isEmpty());
      narrator.opening().forEach(this::change);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < CHECKERS; i++) {
        Narrator asker = new Narrator(seed * 31 + i, "acme");
        threads.add(new Thread(() -> check(asker), "checker-" + i));
      }
      threads.forEach(Thread::start);
      try {
        mutate();
      } finally {
        over = true;
        for (Thread thread : threads) {
          thread.join(TimeUnit.SECONDS.toMillis(60));
          assertFalse(thread.isAlive(), "a checker hangs");
        }
      }
      return wrong.get();
    }

    @Override
    public void close() {
      bed.close();
    }

    private void mutate() {
      for (int step = 0; step < STEPS && wrong.get() == null; step++) {
        if (narrator.happens(8)) {
          moveClock(narrator.clock(model(acknowledged), wall.micros()));
        } else {
          change(bed.resolved("acme", narrator.command(model(acknowledged), bed.nowMicros())));
        }
        for (int i = 0; i < 2; i++) {
          compare(
              ask(narrator.question())); // Nothing changes meanwhile: the window is one version.
        }
      }
    }

    private void change(Command command) {
      int version = submitted + 1;
      PlainModel before = model(acknowledged);
      models.put(version, before.after(command, bed.nowMicros()));
      submitted = version;
      String to = command instanceof Command.SystemCommand ? "system" : "acme";
      if (bed.commit(to, command).isPresent()) {
        models.put(version, before);
      }
      acknowledged = version;
    }

    private void moveClock(long micros) {
      int time = timeBegun + 1;
      times.put(time, Math.max(micros, bed.nowMicros()));
      timeBegun = time;
      wall.set(micros);
      bed.nowMicros();
      timeReached = time;
    }

    private void check(Narrator asker) {
      Deque<Seen> waiting = new ArrayDeque<>();
      int version = -1;
      int asked = 0;
      try {
        while (!over && wrong.get() == null) {
          asked = version == acknowledged ? asked + 1 : 0;
          version = acknowledged;
          if (asked > ASKED_PER_VERSION) {
            LockSupport.parkNanos(20_000); // Enough of this version; let the next one come.
          }
          waiting.add(ask(asker.question()));
          while (!waiting.isEmpty() && waiting.getFirst().lastVersion() <= acknowledged) {
            compare(waiting.removeFirst());
          }
        }
        while (!waiting.isEmpty()) {
          compare(waiting.removeFirst());
        }
      } catch (RuntimeException | AssertionError e) {
        wrong.compareAndSet(null, "seed " + seed + ": " + e);
      }
    }

    private Seen ask(Question question) {
      int firstVersion = acknowledged;
      int first = timeReached;
      Answer answer = bed.ask(question);
      return new Seen(question, answer, firstVersion, submitted, first, timeBegun);
    }

    private void compare(Seen seen) {
      compared.incrementAndGet();
      for (int version = seen.lastVersion(); version >= seen.firstVersion(); version--) {
        for (int time = seen.last(); time >= seen.first(); time--) {
          long now = times.getOrDefault(time, 0L);
          if (History.agree(seen.answer(), History.verdict(model(version), seen.question(), now))) {
            return;
          }
        }
      }
      wrong.compareAndSet(
          null, "seed " + seed + ": " + seen + " is right at no moment of its window");
    }

    private PlainModel model(int version) {
      PlainModel model = models.get(version);
      if (model == null) {
        throw new IllegalStateException("no model of version " + version);
      }
      return model;
    }
  }
}
