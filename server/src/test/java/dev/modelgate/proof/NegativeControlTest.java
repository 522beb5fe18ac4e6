package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.fail;

import dev.modelgate.app.state.Derived;
import dev.modelgate.app.state.Stamps;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * The random histories with one rule of the cache switched off each: they must find a wrong answer,
 * or they prove nothing.
 */
final class NegativeControlTest {
  private static final int SEEDS_MAX = 60;

  @Test
  void histories_whenHitsAreNeverValidated_findAWrongAnswer() {
    requireFound(
        "no validation (hazards 1 and 3)",
        () ->
            new Stamps() {
              @Override
              public boolean unchangedSince(int[] dependencies, long sequence) {
                return true;
              }
            });
  }

  @Test
  void histories_whenWhatHeldForThePublicationBeforeIsBelieved_findAWrongAnswer() {
    requireFound(
        "validation for another publication (hazard 1)",
        () ->
            new Stamps() {
              @Override
              public boolean hold(Derived derived, long published) {
                return super.hold(derived, Math.max(derived.sequence(), published - 1));
              }
            });
  }

  @Test
  void histories_whenRememberedRowsAreNeverValidated_findAWrongAnswer() {
    requireFound("no validation of rows (hazards 3 and 5)", () -> new Believing(1, 1));
  }

  @Test
  void histories_whenRememberedCallersAreNeverValidated_findAWrongAnswer() {
    requireFound("no validation of callers (hazards 3 and 5)", () -> new Believing(3, 5));
  }

  @Test
  void histories_whenWhatACallerIsGrantedIsNeverValidated_findAWrongAnswer() {
    requireFound(
        "no validation of a caller's grants (hazards 3 and 5)",
        () ->
            new Stamps() {
              @Override
              public boolean hold(Derived derived, long published) {
                return derived.getClass().getSimpleName().equals("Granted")
                    || super.hold(derived, published);
              }
            });
  }

  @Test
  void histories_whenStampsAreNeverRaised_findAWrongAnswer() {
    requireFound(
        "no raise (hazard 1)",
        () ->
            new Stamps() {
              @Override
              public void raise(int stripe, long sequence) {
                // The rule that is switched off.
              }
            });
  }

  @Test
  void histories_whenStampsAreRaisedOneChangeLate_findAWrongAnswer() {
    requireFound("raise after the acknowledgement (hazard 1)", LateStamps::new);
  }

  @Test
  void histories_whenStampsAreVersionsInsteadOfPublications_findAWrongAnswer() {
    requireFound(
        "stamps behind publications (hazard 2)",
        () ->
            new Stamps() {
              @Override
              public void raise(int stripe, long sequence) {
                super.raise(stripe, sequence / 2);
              }
            });
  }

  @Test
  void histories_whenOneStripeInEightIsForgotten_findAWrongAnswer() {
    requireFound(
        "incomplete dependencies (hazard 5)",
        () ->
            new Stamps() {
              @Override
              public void raise(int stripe, long sequence) {
                if (stripe % 8 != 0) {
                  super.raise(stripe, sequence);
                }
              }
            });
  }

  @Test
  void histories_whenARecoveryInvalidatesNothing_findAWrongAnswer() {
    requireFound(
        "no raise after a recovery (hazard 21)",
        30,
        () ->
            new Stamps() {
              @Override
              public void raiseAll(long sequence) {
                // The rule that is switched off.
              }
            });
  }

  private static void requireFound(String what, Supplier<Stamps> broken) {
    requireFound(what, 0, broken);
  }

  private static void requireFound(String what, int failOneIn, Supplier<Stamps> broken) {
    for (long seed = 1; seed <= SEEDS_MAX; seed++) {
      try (History history = new History(seed, broken.get(), 0, failOneIn)) {
        Optional<String> wrong = history.play();
        if (wrong.isPresent()) {
          System.out.println(what + ": found by seed " + seed);
          return;
        }
      }
    }
    fail(what + " is not found by " + SEEDS_MAX + " histories");
  }

  /** Believes what depends on so few things: facts, but no answer. */
  private static final class Believing extends Stamps {
    private final int least;
    private final int most;

    Believing(int least, int most) {
      this.least = least;
      this.most = most;
    }

    @Override
    public boolean unchangedSince(int[] dependencies, long sequence) {
      return dependencies.length >= least && dependencies.length <= most
          || super.unchangedSince(dependencies, sequence);
    }
  }

  /**
   * Raises what a change raises only when the next one comes. Single-threaded, as publishing is.
   */
  private static final class LateStamps extends Stamps {
    private record Raise(int stripe, long sequence) {}

    private final List<Raise> waiting = new ArrayList<>();

    @Override
    public void raise(int stripe, long sequence) {
      for (Raise raise : waiting) {
        if (raise.sequence() < sequence) {
          super.raise(raise.stripe(), raise.sequence());
        }
      }
      waiting.removeIf(raise -> raise.sequence() < sequence);
      waiting.add(new Raise(stripe, sequence));
    }
  }
}
