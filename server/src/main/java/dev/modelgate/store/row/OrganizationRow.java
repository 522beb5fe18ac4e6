package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Table;

/**
 * An organization, as the reserved organization {@code system} records it: name and identity.
 * Everything else about it stands in its own log.
 *
 * @param id {@code acme}
 * @param uid its identity; the prefix of all of its rows
 * @param createdAtMicros when it was registered
 */
public record OrganizationRow(String id, Uid uid, long createdAtMicros) implements Row {
  /** The key of an id. */
  public static byte[] key(String id) {
    return Layout.key(id);
  }

  @Override
  public Table table() {
    return Table.ORGANIZATIONS;
  }

  @Override
  public byte[] key() {
    return key(id);
  }

  @Override
  public byte[] value() {
    return Layout.begin().text(id).fixed64(uid.value()).varint(createdAtMicros).toBytes();
  }

  /** Reads a stored value. */
  public static OrganizationRow decode(byte[] value) {
    return Layout.strictly(
        in -> new OrganizationRow(in.text(), Layout.uid(in.fixed64()), in.varint()), value);
  }
}
