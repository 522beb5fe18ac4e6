package dev.modelgate.store.row;

import dev.modelgate.model.Uid;
import dev.modelgate.store.ByteReader;
import dev.modelgate.store.ByteWriter;
import dev.modelgate.store.Table;

/**
 * Something that is switched off at once.
 *
 * @param target what kind of thing
 * @param uid its identity; {@link Uid#ORGANIZATION} for the organization
 * @param sinceMicros since when
 * @param by the principal that did it; {@link Uid#NONE} for the system administrator
 * @param reason in his words; at most 1,024 bytes
 * @param authority by which right; whoever resumes needs at least that one (hazard 34)
 */
public record SuspensionRow(
    Target target, Uid uid, long sinceMicros, Uid by, String reason, Authority authority)
    implements Row {

  /** What right a suspension came by, in rising order. Stored by ordinal; append only. */
  public enum Authority {
    /** A permission on the resource. */
    RESOURCE,
    /** Administration of the organization. */
    ORGANIZATION,
    /** That of the system administrator. */
    SYSTEM
  }

  private static final Authority[] AUTHORITIES = Authority.values();

  /** What can be suspended. Stored by ordinal; append only. */
  public enum Target {
    ORGANIZATION,
    PRINCIPAL,
    RESOURCE
  }

  private static final Target[] TARGETS = Target.values();

  /** The key of a thing. */
  public static byte[] key(Target target, Uid uid) {
    return new ByteWriter(9).fixed8(target.ordinal()).fixed64(uid.value()).toBytes();
  }

  @Override
  public Table table() {
    return Table.SUSPENSIONS;
  }

  @Override
  public byte[] key() {
    return key(target, uid);
  }

  @Override
  public byte[] value() {
    return Layout.begin()
        .varint(target.ordinal())
        .fixed64(uid.value())
        .varint(sinceMicros)
        .varint(by.value())
        .text(reason)
        .varint(authority.ordinal())
        .toBytes();
  }

  /**
   * Reads a stored value. One without an authority is of a version that kept none: as nobody knows
   * by which right it came, none but the highest ends it.
   */
  public static SuspensionRow decode(byte[] value) {
    return Layout.strictly(SuspensionRow::decode, value);
  }

  private static SuspensionRow decode(ByteReader in) {
    Target target = Layout.constant(TARGETS, in);
    return new SuspensionRow(
        target,
        Layout.uid(in.fixed64()),
        in.varint(),
        Layout.uid(in.varint()),
        in.text(),
        in.hasMore() ? Layout.constant(AUTHORITIES, in) : Authority.SYSTEM);
  }
}
