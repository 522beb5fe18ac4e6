package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Table;

/**
 * An external link: whoever knows its secret may do what is granted to the principal {@code
 * link:<id>} (hazard 32).
 *
 * @param id the id behind the colon of the principal's name
 * @param uid the identity of that principal; the key
 * @param resource the resource that it leads to
 * @param secretHash SHA-256 of the secret, 32 bytes; the secret itself is never stored
 * @param changedAtMicros when it was last changed
 * @param changedIn the version that last changed it
 */
public record LinkRow(
    String id, Uid uid, Uid resource, byte[] secretHash, long changedAtMicros, long changedIn)
    implements Row {
  /** The size of a hash, in bytes. */
  public static final int HASH_BYTES = 32;

  /** Refuses a hash of another size. */
  public LinkRow {
    if (secretHash.length != HASH_BYTES) {
      throw new IllegalArgumentException(
          "a hash of " + secretHash.length + " bytes (expected: " + HASH_BYTES + ")");
    }
    secretHash = secretHash.clone();
  }

  /** The key of a link. */
  public static byte[] key(Uid uid) {
    return Layout.key(uid);
  }

  @Override
  public byte[] secretHash() {
    return secretHash.clone();
  }

  @Override
  public Table table() {
    return Table.LINKS;
  }

  @Override
  public byte[] key() {
    return key(uid);
  }

  @Override
  public byte[] value() {
    return Layout.begin()
        .text(id)
        .fixed64(uid.value())
        .fixed64(resource.value())
        .bytes(secretHash)
        .varint(changedAtMicros)
        .varint(changedIn)
        .toBytes();
  }

  /** Reads a stored value. */
  public static LinkRow decode(byte[] value) {
    return Layout.strictly(
        in ->
            new LinkRow(
                in.text(),
                Layout.uid(in.fixed64()),
                Layout.uid(in.fixed64()),
                in.bytes(),
                in.varint(),
                in.varint()),
        value);
  }
}
