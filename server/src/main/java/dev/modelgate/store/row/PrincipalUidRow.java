package dev.modelgate.store.row;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Table;

/**
 * The name behind a principal's uid; stays when the principal is deleted (hazard 13).
 *
 * @param deletedAtMicros when it was deleted; 0 while it is not
 */
public record PrincipalUidRow(Uid uid, PrincipalName name, long deletedAtMicros) implements Row {
  /** The key of a uid. */
  public static byte[] key(Uid uid) {
    return Layout.key(uid);
  }

  /** Whether the principal is gone. */
  public boolean isDeleted() {
    return deletedAtMicros != 0;
  }

  @Override
  public Table table() {
    return Table.PRINCIPAL_UIDS;
  }

  @Override
  public byte[] key() {
    return key(uid);
  }

  @Override
  public byte[] value() {
    return Layout.begin()
        .fixed64(uid.value())
        .text(name.toString())
        .varint(deletedAtMicros)
        .toBytes();
  }

  /** Reads a stored value. */
  public static PrincipalUidRow decode(byte[] value) {
    return Layout.strictly(
        in ->
            new PrincipalUidRow(
                Layout.uid(in.fixed64()), PrincipalName.parse(in.text()), in.varint()),
        value);
  }
}
