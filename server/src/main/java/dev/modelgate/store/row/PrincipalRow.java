package dev.modelgate.store.row;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.store.Table;

/**
 * A principal in an organization's directory.
 *
 * @param name its name, the key
 * @param uid its identity
 * @param state whether it may act
 * @param groupType what kind of group it is; {@link GroupType#NONE} for everything else
 * @param displayName for people; at most 256 bytes
 * @param unit the organizational unit that it belongs to
 * @param createdAtMicros when the record was made
 * @param changedAtMicros when it was last changed
 * @param changedIn the version that last changed it; the etag is made of it
 */
public record PrincipalRow(
    PrincipalName name,
    Uid uid,
    State state,
    GroupType groupType,
    String displayName,
    UnitName unit,
    long createdAtMicros,
    long changedAtMicros,
    long changedIn)
    implements Row {

  /** Whether a principal may act. Stored by ordinal; append only. */
  public enum State {
    ACTIVE,
    DISABLED
  }

  /** The subtypes of groups. Stored by ordinal; append only. */
  public enum GroupType {
    NONE,
    OWNER,
    DIRECTORY,
    ACCESS,
    SYSTEM_MANAGED_ACCESS
  }

  private static final State[] STATES = State.values();
  private static final GroupType[] GROUP_TYPES = GroupType.values();

  /** The key of a name. */
  public static byte[] key(PrincipalName name) {
    return Layout.key(name.toString());
  }

  @Override
  public Table table() {
    return Table.PRINCIPALS;
  }

  @Override
  public byte[] key() {
    return key(name);
  }

  @Override
  public byte[] value() {
    return Layout.begin()
        .text(name.toString())
        .fixed64(uid.value())
        .varint(state.ordinal())
        .varint(groupType.ordinal())
        .text(displayName)
        .text(unit.text())
        .varint(createdAtMicros)
        .varint(changedAtMicros)
        .varint(changedIn)
        .toBytes();
  }

  /** Reads a stored value. */
  public static PrincipalRow decode(byte[] value) {
    return Layout.strictly(
        in ->
            new PrincipalRow(
                PrincipalName.parse(in.text()),
                Layout.uid(in.fixed64()),
                Layout.constant(STATES, in),
                Layout.constant(GROUP_TYPES, in),
                in.text(),
                new UnitName(in.text()),
                in.varint(),
                in.varint(),
                in.varint()),
        value);
  }
}
