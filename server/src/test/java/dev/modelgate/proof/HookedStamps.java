package dev.modelgate.proof;

import dev.modelgate.app.state.Stamps;

/** Runs an action inside the next validation of a hit, after it has looked. */
final class HookedStamps extends Stamps {
  private volatile Runnable onNextValidation = () -> {};

  void afterTheNextValidation(Runnable action) {
    onNextValidation = action;
  }

  @Override
  public boolean unchangedSince(int[] dependencies, long sequence) {
    boolean unchanged = super.unchangedSince(dependencies, sequence);
    Runnable action = onNextValidation;
    onNextValidation = () -> {};
    action.run();
    return unchanged;
  }
}
