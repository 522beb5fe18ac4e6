package dev.modelgate.store;

import dev.modelgate.model.Uid;

/**
 * One record of the log: the stored bytes of one change set.
 *
 * @param org the organization, by which the log is divided; the same as inside
 * @param stored what {@link ChangeSetCodec} wrote; must not be changed
 */
public record LogRecord(Uid org, byte[] stored) {
  /** The record of a change set. */
  public static LogRecord of(ChangeSet changeSet) {
    return new LogRecord(changeSet.org(), ChangeSetCodec.encode(changeSet));
  }

  /** The shard that the record belongs to. */
  public Shard shard() {
    return Shard.of(org);
  }
}
