package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Table;
import java.util.List;

/**
 * A rule that denies, whatever is granted.
 *
 * @param id 1 to 63 characters of a-z, 0-9 and hyphen; the key
 * @param description in its author's words; at most 256 bytes
 * @param principals whom it denies
 * @param exceptions whom it does not deny, though they are among these
 * @param mask the permissions that it denies
 * @param scope the resource at and below which it denies
 * @param condition a CEL expression; empty for always
 * @param changedAtMicros when it was last changed
 * @param changedIn the version that last changed it; the etag is made of it
 */
public record DenyRuleRow(
    String id,
    String description,
    List<Uid> principals,
    List<Uid> exceptions,
    long mask,
    Uid scope,
    String condition,
    long changedAtMicros,
    long changedIn)
    implements Row {
  /** Copies the lists. */
  public DenyRuleRow {
    principals = List.copyOf(principals);
    exceptions = List.copyOf(exceptions);
  }

  /** The key of an id. */
  public static byte[] key(String id) {
    return Layout.key(id);
  }

  @Override
  public Table table() {
    return Table.DENY_RULES;
  }

  @Override
  public byte[] key() {
    return key(id);
  }

  @Override
  public byte[] value() {
    ByteWriter out = Layout.begin().text(id).text(description);
    uids(out, principals);
    uids(out, exceptions);
    return out.varint(mask)
        .fixed64(scope.value())
        .text(condition)
        .varint(changedAtMicros)
        .varint(changedIn)
        .toBytes();
  }

  /** Reads a stored value. */
  public static DenyRuleRow decode(byte[] value) {
    return Layout.strictly(
        in ->
            new DenyRuleRow(
                in.text(),
                in.text(),
                Layout.list(in, uid -> Layout.uid(uid.fixed64())),
                Layout.list(in, uid -> Layout.uid(uid.fixed64())),
                in.varint(),
                Layout.uid(in.fixed64()),
                in.text(),
                in.varint(),
                in.varint()),
        value);
  }

  private static void uids(ByteWriter out, List<Uid> uids) {
    out.varint(uids.size());
    uids.forEach(uid -> out.fixed64(uid.value()));
  }
}
