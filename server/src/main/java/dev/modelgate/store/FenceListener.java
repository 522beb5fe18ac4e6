package dev.modelgate.store;

/** Is told that what was staged on top of unfinished appends is void. */
@FunctionalInterface
public interface FenceListener {
  /** Nobody listens. */
  FenceListener NONE = () -> {};

  /**
   * The log is fenced: what was appended and is not complete will fail. Called on the committer
   * thread before those futures fail; must be quick and must not throw.
   */
  void onFenced();
}
