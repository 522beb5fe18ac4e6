package dev.modelgate.proof;

import dev.modelgate.app.state.Derived;
import dev.modelgate.app.state.Stamps;

/** Runs an action inside the next validation of a hit, after it has looked. */
final class HookedStamps extends Stamps {
  private volatile Runnable onNextValidation = () -> {};

  void afterTheNextValidation(Runnable action) {
    onNextValidation = action;
  }

  @Override
  public boolean hold(Derived derived, long published) {
    boolean holds = super.hold(derived, published);
    Runnable action = onNextValidation;
    onNextValidation = () -> {};
    action.run();
    return holds;
  }
}
