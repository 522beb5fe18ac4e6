package dev.modelgate.store;

import dev.modelgate.model.Uid;

/**
 * The state of all organizations at one moment, whatever is written later. Counted: a reader that
 * holds on to it across a publication calls {@link #tryRetain} first and {@link #release}
 * afterwards.
 */
public interface StoreSnapshot {
  /**
   * Takes a share; false when the last share was given back already, then the snapshot must not be
   * read.
   */
  boolean tryRetain();

  /** Gives a share back; with the last one the snapshot ends. The maker holds the first share. */
  void release();

  /** The last position whose records it shows. */
  Position position();

  /** The head of an organization; the empty head when it has no history. */
  OrgHead head(Uid org);

  /** The rows of an organization. */
  OrgView view(Uid org);

  /**
   * The rows of an organization for a reader that may not wait for a disk, such as an event loop
   * (hazard 11): every read says what {@link #view} would say, or throws {@link
   * NotAtOnceException}, which any of them may, also one that did not before.
   */
  OrgView viewAtOnce(Uid org);
}
