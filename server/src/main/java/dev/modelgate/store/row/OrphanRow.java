package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Table;
import java.util.Optional;

/**
 * A deleted object whose grants and memberships are still in the tables. They give nothing, for
 * their uid is gone; the sweeper removes them and then this row.
 *
 * @param target what kind of thing was deleted
 * @param left what a principal can be restored from; empty for everything else, and as soon as the
 *     sweeper has begun, so that nobody is restored in part
 */
public record OrphanRow(Uid uid, SuspensionRow.Target target, Optional<Left> left) implements Row {
  private static final SuspensionRow.Target[] TARGETS = SuspensionRow.Target.values();
  private static final byte[] NONE = {};

  /**
   * What a deleted principal left beside grants, memberships and rights.
   *
   * @param deletedAtMicros when it was deleted
   * @param record as it was
   * @param suspension of itself, as it was
   */
  public record Left(
      long deletedAtMicros, PrincipalRow record, Optional<SuspensionRow> suspension) {}

  /** One from which nothing can be restored. */
  public OrphanRow(Uid uid, SuspensionRow.Target target) {
    this(uid, target, Optional.empty());
  }

  /** The key of a uid. */
  public static byte[] key(Uid uid) {
    return Layout.key(uid);
  }

  @Override
  public Table table() {
    return Table.ORPHANS;
  }

  @Override
  public byte[] key() {
    return key(uid);
  }

  @Override
  public byte[] value() {
    ByteWriter out = Layout.begin().fixed64(uid.value()).varint(target.ordinal());
    left.ifPresent(
        found ->
            out.varint(found.deletedAtMicros())
                .bytes(found.record().value())
                .bytes(found.suspension().map(SuspensionRow::value).orElse(NONE)));
    return out.toBytes();
  }

  /** Reads a stored value. */
  public static OrphanRow decode(byte[] value) {
    return Layout.strictly(
        in ->
            new OrphanRow(
                Layout.uid(in.fixed64()),
                Layout.constant(TARGETS, in),
                in.hasMore() ? Optional.of(left(in)) : Optional.empty()),
        value);
  }

  private static Left left(ByteReader in) {
    long deletedAtMicros = in.varint();
    PrincipalRow record = PrincipalRow.decode(in.bytes());
    byte[] suspension = in.bytes();
    return new Left(
        deletedAtMicros,
        record,
        suspension.length == 0 ? Optional.empty() : Optional.of(SuspensionRow.decode(suspension)));
  }
}
