package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.state.Stamps;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Random histories: every answer, cached or not, is what the reference says of the plain model.
 *
 * <p>{@code -Dmodelgate.history.seconds=} plays for longer, {@code -Dmodelgate.history.seed=}
 * begins with that seed.
 */
final class RandomHistoryTest {
  private static final long SECONDS = Long.getLong("modelgate.history.seconds", 15);
  private static final long FIRST_SEED = Long.getLong("modelgate.history.seed", 1);

  @Test
  void everyAnswer_always_isThatOfTheReference() {
    long start = System.nanoTime();
    long end = start + TimeUnit.SECONDS.toNanos(SECONDS);
    long seed = FIRST_SEED;
    long hits = 0;
    long misses = 0;
    long accepted = 0;
    long allowed = 0;
    do {
      try (History history = new History(seed, new Stamps(), seed % 2 == 0 ? 5 : 0)) {
        Optional<String> wrong = history.play();
        assertTrue(wrong.isEmpty(), () -> wrong.orElse(""));
        assertEquals(0, history.counts().mismatches.sum(), "recheck cried wolf, seed " + seed);
        hits += history.counts().hits.sum();
        misses += history.counts().misses.sum();
        accepted += history.accepted();
        allowed += history.allowed();
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
      seed++;
    } while (System.nanoTime() < end);
    System.out.printf(
        "histories: %d seeds in %d ms, %d changes, %d hits, %d misses, %d allows%n",
        seed - FIRST_SEED,
        (System.nanoTime() - start) / 1_000_000,
        accepted,
        hits,
        misses,
        allowed);
    assertTrue(allowed > (hits + misses) / 20, "too few allows to prove anything: " + allowed);
    assertTrue(hits > misses / 4, "too few hits to prove anything: " + hits + " of " + misses);
  }

  @Test
  void everyAnswer_whenCommitsFail_isThatOfTheReference() {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Math.min(SECONDS, 10));
    long seed = FIRST_SEED;
    int failed = 0;
    do {
      try (History history = new History(seed, new Stamps(), 0, 30)) {
        Optional<String> wrong = history.play();
        assertTrue(wrong.isEmpty(), () -> wrong.orElse(""));
        failed += history.failed();
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed, e);
      }
      seed++;
    } while (System.nanoTime() < end);
    System.out.printf(
        "failing histories: %d seeds, %d failed commits%n", seed - FIRST_SEED, failed);
    assertTrue(failed > 0, "no commit failed");
  }
}
