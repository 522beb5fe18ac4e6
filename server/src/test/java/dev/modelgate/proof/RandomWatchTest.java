package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.AccessWatches;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Random histories with watchers: once it is quiet after a change, a step of the clock or a failed
 * commit, what each watcher was told last is what Check answers. {@code -Dmodelgate.watch.seeds=}
 * sets how many, {@code -Dmodelgate.watch.seed=} the first.
 */
final class RandomWatchTest {
  private static final int SEEDS = Integer.getInteger("modelgate.watch.seeds", 15);
  private static final long FIRST_SEED = Long.getLong("modelgate.watch.seed", 1);
  private static final int SEEDS_OF_A_CONTROL = 30;

  @Test
  void lastAnswer_onceItIsQuiet_isThatOfCheck() {
    int told = 0;
    int allowed = 0;
    int ended = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      try (WatchHistory history = new WatchHistory(seed, Bed::watches, true)) {
        assertEquals(Optional.empty(), history.play());
        told += history.told();
        allowed += history.allowed();
        ended += history.cut();
      }
    }
    System.out.println(
        "watched histories: "
            + SEEDS
            + " from seed "
            + FIRST_SEED
            + ", "
            + told
            + " answers told, "
            + allowed
            + " of them allow, "
            + ended
            + " allows ended");
    assertTrue(ended > SEEDS / 2, "too few allows end: " + ended);
  }

  @Test
  void lastAnswer_whenNobodyHearsOfPublications_isWrong() {
    requireFound(
        "deaf",
        bed -> bed.watches(new DeafPublication(bed.publication()), bed.stamps(), System::nanoTime),
        true);
  }

  @Test
  void lastAnswer_whenNobodyLooksAtTheTime_isWrong() {
    requireFound("no timer", Bed::watches, false);
  }

  private static void requireFound(
      String what, Function<Bed, AccessWatches> watches, boolean ticks) {
    for (long seed = 1; seed <= SEEDS_OF_A_CONTROL; seed++) {
      try (WatchHistory history = new WatchHistory(seed, watches, ticks)) {
        if (history.play().isPresent()) {
          System.out.println(what + ": found by seed " + seed);
          return;
        }
      }
    }
    throw new AssertionError(what + " is not found by " + SEEDS_OF_A_CONTROL + " histories");
  }
}
