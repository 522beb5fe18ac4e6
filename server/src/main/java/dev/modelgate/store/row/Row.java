package dev.modelgate.store.row;

import dev.modelgate.store.Mutation;
import dev.modelgate.store.Table;

/**
 * A typed row. Its layout begins with a format byte; readers refuse what they do not know (hazard
 * 28).
 */
public sealed interface Row
    permits DenyRuleRow,
        GrantRow,
        InactiveGroupRow,
        LinkRow,
        MemberRow,
        NoticeRow,
        OrganizationRow,
        OrphanRow,
        PrincipalRow,
        PrincipalUidRow,
        ProfileRow,
        ResourceRow,
        ResourceUidRow,
        SettingsRow,
        SuspensionRow,
        TypeRightRow {
  /** The table that it stands in. */
  Table table();

  /** Its key below the organization. */
  byte[] key();

  /** Its value. */
  byte[] value();

  /** The mutation that makes the row what it is. */
  default Mutation put() {
    return new Mutation.Put(table(), key(), value());
  }

  /** The mutation that removes the row. */
  default Mutation delete() {
    return new Mutation.Delete(table(), key());
  }
}
