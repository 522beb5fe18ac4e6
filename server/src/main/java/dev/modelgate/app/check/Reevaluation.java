package dev.modelgate.app.check;

/** The evaluation of a watch of which something has changed, while it waits for a thread. */
final class Reevaluation implements MissPool.Miss {
  private final AccessWatches watches;
  private final AccessWatch watch;

  Reevaluation(AccessWatches watches, AccessWatch watch) {
    this.watches = watches;
    this.watch = watch;
  }

  @Override
  public void run() {
    watches.evaluate(watch);
  }

  @Override
  public void shed() {
    watches.lose(watch, AccessWatches.overloaded("too many changes wait to be looked at"));
  }

  @Override
  public boolean isPatient() {
    return true;
  }
}
