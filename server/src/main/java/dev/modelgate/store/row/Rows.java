package dev.modelgate.store.row;

import dev.modelgate.store.ByteReader;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.Table;
import dev.modelgate.store.UndecodableException;
import java.util.Arrays;

/** Whether raw rows are what this version of the program can read (hazard 28). */
public final class Rows {
  private Rows() {}

  /**
   * Refuses a put whose value is no row of its table or belongs to another key, and a delete whose
   * key cannot be one of its table. Costs one decoding.
   *
   * @throws UndecodableException naming the table
   */
  public static void check(Mutation mutation) {
    if (mutation instanceof Mutation.Put put) {
      check(put.table(), put.key(), put.value());
    } else {
      checkKey(mutation.table(), mutation.key());
    }
  }

  /**
   * Refuses a value that is no row of that table, or one of another key.
   *
   * @throws UndecodableException naming the table
   */
  public static void check(Table table, byte[] key, byte[] value) {
    Row row;
    try {
      row = decode(table, key, value);
    } catch (UndecodableException e) {
      throw new UndecodableException("a row of " + table + ": " + e.getMessage());
    } catch (IllegalArgumentException e) {
      throw new UndecodableException("a row of " + table + " is out of range: " + e.getMessage());
    }
    if (!Arrays.equals(row.key(), key)) {
      throw new UndecodableException("a row of " + table + " stands under the key of another");
    }
  }

  /** The row of a table that is no index. */
  private static Row decode(Table table, byte[] key, byte[] value) {
    return switch (table) {
      case SETTINGS -> SettingsRow.decode(value);
      case PROFILES -> ProfileRow.decode(value);
      case PRINCIPALS -> PrincipalRow.decode(value);
      case PRINCIPAL_UIDS -> PrincipalUidRow.decode(value);
      case RESOURCES -> ResourceRow.decode(value);
      case RESOURCE_UIDS -> ResourceUidRow.decode(value);
      case GRANTS -> GrantRow.decode(key, value);
      case MEMBERS -> MemberRow.decode(key, value);
      case SUSPENSIONS -> SuspensionRow.decode(value);
      case ORPHANS -> OrphanRow.decode(value);
      case ORGANIZATIONS -> OrganizationRow.decode(value);
      case INACTIVE_GROUPS -> InactiveGroupRow.decode(value);
      case TYPE_RIGHTS -> TypeRightRow.decode(value);
      case DENY_RULES -> DenyRuleRow.decode(value);
      case LINKS -> LinkRow.decode(value);
      case NOTICES -> NoticeRow.decode(key, value);
      case GRANTS_BY_PRINCIPAL, GROUPS_OF, DELETED_NAMES ->
          throw new UndecodableException("an index is filled by the store alone");
    };
  }

  /** Index keys are made from these keys, so their shape matters even for a delete. */
  private static void checkKey(Table table, byte[] key) {
    if (table.isIndex()) {
      throw new UndecodableException("a row of " + table + ": an index is filled by the store");
    }
    if (table.isLogOnly()) {
      throw new UndecodableException("a row of " + table + ": the log has nothing to delete");
    }
    if (table == Table.GRANTS || table == Table.MEMBERS) {
      ByteReader pair = new ByteReader(key);
      Layout.uid(pair.fixed64());
      Layout.uid(pair.fixed64());
      pair.end();
    }
  }
}
