package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Table;

/**
 * The path behind a resource's uid; stays when the resource is deleted, so that the log can be read
 * with names.
 *
 * @param deletedAtMicros when it was deleted; 0 while it is not
 */
public record ResourceUidRow(Uid uid, String path, long deletedAtMicros) implements Row {
  /** The key of a uid. */
  public static byte[] key(Uid uid) {
    return Layout.key(uid);
  }

  /** Whether the resource is gone. */
  public boolean isDeleted() {
    return deletedAtMicros != 0;
  }

  @Override
  public Table table() {
    return Table.RESOURCE_UIDS;
  }

  @Override
  public byte[] key() {
    return key(uid);
  }

  @Override
  public byte[] value() {
    return Layout.begin().fixed64(uid.value()).text(path).varint(deletedAtMicros).toBytes();
  }

  /** Reads a stored value. */
  public static ResourceUidRow decode(byte[] value) {
    return Layout.strictly(
        in -> new ResourceUidRow(Layout.uid(in.fixed64()), in.text(), in.varint()), value);
  }
}
