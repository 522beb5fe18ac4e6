package dev.modelgate.store.row;

import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Table;

/**
 * One version of an organization's profile; immutable.
 *
 * @param version 1 for the first
 * @param name what the document calls itself
 * @param createdAtMicros when it was put
 * @param text the document
 */
public record ProfileRow(long version, String name, long createdAtMicros, String text)
    implements Row {
  /** The key of a version. */
  public static byte[] key(long version) {
    return new ByteWriter(8).fixed64(version).toBytes();
  }

  @Override
  public Table table() {
    return Table.PROFILES;
  }

  @Override
  public byte[] key() {
    return key(version);
  }

  @Override
  public byte[] value() {
    return Layout.begin().varint(version).text(name).varint(createdAtMicros).text(text).toBytes();
  }

  /** Reads a stored value. */
  public static ProfileRow decode(byte[] value) {
    return Layout.strictly(
        in -> new ProfileRow(in.varint(), in.text(), in.varint(), in.text()), value);
  }
}
