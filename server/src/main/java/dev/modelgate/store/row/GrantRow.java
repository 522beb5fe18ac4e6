package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Table;
import java.util.List;

/**
 * All grants of one principal on one resource: one row, so that a check needs one read per pair and
 * a replacement is one put.
 *
 * @param grants at least one
 */
public record GrantRow(Uid resource, Uid principal, List<Grant> grants) implements Row {
  /** The most grants of one pair. */
  public static final int GRANTS_MAX = 64;

  /** Copies the list and refuses an empty one. */
  public GrantRow {
    grants = List.copyOf(grants);
    if (grants.isEmpty() || grants.size() > GRANTS_MAX) {
      throw new IllegalArgumentException(
          "a pair has " + grants.size() + " grants (expected: 1.." + GRANTS_MAX + ")");
    }
  }

  /** The key of a pair. */
  public static byte[] key(Uid resource, Uid principal) {
    return Layout.key(resource, principal);
  }

  /** What the keys of all pairs of a resource begin with. */
  public static byte[] prefix(Uid resource) {
    return Layout.key(resource);
  }

  @Override
  public Table table() {
    return Table.GRANTS;
  }

  @Override
  public byte[] key() {
    return key(resource, principal);
  }

  @Override
  public byte[] value() {
    ByteWriter out = Layout.begin().varint(grants.size());
    grants.forEach(grant -> grant.encode(out));
    return out.toBytes();
  }

  /** Reads a stored row. */
  public static GrantRow decode(byte[] key, byte[] value) {
    ByteReader pair = new ByteReader(key);
    Uid resource = Layout.uid(pair.fixed64());
    Uid principal = Layout.uid(pair.fixed64());
    pair.end();
    return Layout.strictly(
        in -> new GrantRow(resource, principal, Layout.list(in, Grant::decode)), value);
  }
}
