package dev.modelgate.app.commit;

/** Where the change sets of an import go. */
public interface ImportTarget extends Committer, AutoCloseable {
  /** Whether a change set is there once it was committed; if not, {@link #publish} brings all. */
  boolean isImmediate();

  /**
   * Has everything that was committed be there; blocks.
   *
   * @throws dev.modelgate.model.RefusedException when none of it will be: STORE_UNAVAILABLE, and as
   *     a commit for who asked; OUTCOME_UNKNOWN
   */
  void publish();

  /** Lets go of what was not published. */
  @Override
  void close();

  /** An organization that is there already: each change set is a commit of its own. */
  static ImportTarget existing(Committer committer) {
    return new ExistingTarget(committer);
  }
}
