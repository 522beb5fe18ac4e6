package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.Table;

/**
 * A principal in a group.
 *
 * @param addedBy the principal that added it; {@link Uid#NONE} for the system administrator
 * @param addedAtMicros when
 */
public record MemberRow(Uid group, Uid member, Uid addedBy, long addedAtMicros) implements Row {
  /** The key of a pair. */
  public static byte[] key(Uid group, Uid member) {
    return Layout.key(group, member);
  }

  /** Whether the member is a group itself: an edge of the group graph. */
  public boolean isGroupEdge() {
    return member.isSet();
  }

  /** What the keys of all members of a group begin with. */
  public static byte[] prefix(Uid group) {
    return Layout.key(group);
  }

  @Override
  public Table table() {
    return Table.MEMBERS;
  }

  @Override
  public byte[] key() {
    return key(group, member);
  }

  @Override
  public byte[] value() {
    return Layout.begin().varint(addedBy.value()).varint(addedAtMicros).toBytes();
  }

  /** Reads a stored row. */
  public static MemberRow decode(byte[] key, byte[] value) {
    ByteReader pair = new ByteReader(key);
    Uid group = Layout.uid(pair.fixed64());
    Uid member = Layout.uid(pair.fixed64());
    pair.end();
    return Layout.strictly(
        in -> new MemberRow(group, member, Layout.uid(in.varint()), in.varint()), value);
  }
}
