package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.state.Stamps;
import dev.modelgate.store.rocksdb.RocksOptions;
import dev.modelgate.store.rocksdb.RocksReplica;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories: every answer, cached or not, is what the reference says of the plain model and
 * does not change before the time that it names; no bounded actor gets through with what he has no
 * right to.
 *
 * <p>{@code -Dmodelgate.history.seconds=} plays for so long instead of a fixed number of seeds,
 * {@code -Dmodelgate.history.seeds=} sets that number, {@code -Dmodelgate.history.seed=} begins
 * with that seed.
 */
final class RandomHistoryTest {
  private static final int SEEDS = Integer.getInteger("modelgate.history.seeds", 2_000);
  private static final long SECONDS = Long.getLong("modelgate.history.seconds", 0);
  private static final long FIRST_SEED = Long.getLong("modelgate.history.seed", 1);

  @TempDir Path directory;

  @Test
  void everyAnswer_always_isThatOfTheReference() {
    Tally tally = new Tally("histories");
    for (long seed = FIRST_SEED; tally.goesOn(SEEDS); seed++) {
      tally.play(new History(seed, new Stamps(), seed % 2 == 0 ? 5 : 0), seed);
    }
    tally.print();
    assertTrue(tally.allowed > tally.asked() / 20, "too few allows: " + tally.allowed);
    assertTrue(tally.hits > tally.misses / 4, "too few hits: " + tally.hits);
    if (SEEDS >= 100) {
      assertTrue(tally.bounded > SEEDS / 10, "too few bounded commands: " + tally.bounded);
      assertTrue(tally.policies > SEEDS / 50, "too few policies: " + tally.policies);
      assertTrue(tally.memberships > SEEDS / 50, "too few memberships: " + tally.memberships);
      assertTrue(tally.refused > SEEDS, "too few refusals: " + tally.refused);
      assertTrue(tally.swept > SEEDS / 10, "too little swept: " + tally.swept);
      assertTrue(tally.restored > SEEDS / 20, "too few restored: " + tally.restored);
      assertTrue(tally.looked > SEEDS, "too little looked up: " + tally.looked);
    }
  }

  @Test
  void everyAnswer_whenCommitsFail_isThatOfTheReference() {
    Tally tally = new Tally("failing histories");
    for (long seed = FIRST_SEED; tally.goesOn(Math.max(1, SEEDS / 50)); seed++) {
      tally.play(new History(seed, new Stamps(), 0, 30), seed);
    }
    tally.print();
    assertTrue(tally.failed > 0, "no commit failed");
  }

  @Test
  void everyAnswer_overRocksDb_isThatOfTheReference() {
    Tally tally = new Tally("histories over RocksDB");
    for (long seed = FIRST_SEED; tally.goesOn(Math.max(6, SEEDS / 100)); seed++) {
      Path store = directory.resolve("store" + seed);
      tally.play(
          new History(
              seed,
              new Stamps(),
              seed % 2 == 0 ? 5 : 0,
              0,
              failures -> RocksReplica.open(RocksOptions.of(store))),
          seed);
    }
    tally.print();
    assertTrue(tally.allowed > tally.asked() / 20, "too few allows: " + tally.allowed);
  }

  /** What was seen in many histories. */
  private static final class Tally {
    private final String what;
    private final long start = System.nanoTime();
    private int seeds;
    private long hits;
    private long misses;
    private long accepted;
    private long bounded;
    private long policies;
    private long memberships;
    private long refused;
    private long swept;
    private long restored;
    private long allowed;
    private long looked;
    private int failed;

    Tally(String what) {
      this.what = what;
    }

    boolean goesOn(int enough) {
      return SECONDS > 0
          ? System.nanoTime() - start < TimeUnit.SECONDS.toNanos(SECONDS)
          : seeds < enough;
    }

    void play(History history, long seed) {
      try (history) {
        Optional<String> wrong = history.play();
        assertTrue(wrong.isEmpty(), () -> wrong.orElse(""));
        assertEquals(0, history.counts().mismatches.sum(), "recheck cried wolf, seed " + seed);
        hits += history.counts().hits.sum();
        misses += history.counts().misses.sum();
        accepted += history.accepted();
        bounded += history.bounded();
        policies += history.policies();
        memberships += history.memberships();
        refused += history.refused();
        swept += history.swept();
        restored += history.restored();
        allowed += history.allowed();
        looked += history.counts().looked.sum();
        failed += history.failed();
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
      seeds++;
    }

    long asked() {
      return hits + misses;
    }

    void print() {
      System.out.printf(
          "%s: %d seeds in %d ms, %d changes (%d by bounded actors, %d of them policies and %d memberships, %d swept, %d restored), %d refusals, %d failures,"
              + " %d hits, %d misses, %d allows, %d looked up%n",
          what,
          seeds,
          (System.nanoTime() - start) / 1_000_000,
          accepted,
          bounded,
          policies,
          memberships,
          swept,
          restored,
          refused,
          failed,
          hits,
          misses,
          allowed,
          looked);
    }
  }
}
