package dev.modelgate.store;

/**
 * The tables of an organization. A row is a key and a value, both bytes; rows of one organization
 * are ordered by key, unsigned.
 *
 * <p>Numbers are stored and never reused. An <em>index</em> table is filled by the store itself
 * from the rows of another (see {@link IndexRows}) and never stands in a change set. A <em>log</em>
 * table is the other way round: it stands in change sets, of which it says what is no state, and
 * the store keeps no rows of it.
 */
public enum Table {
  /** Key empty. The organization's settings; exactly one row once it is initialized. */
  SETTINGS(1, false),
  /** Key: version, fixed64. A profile document. */
  PROFILES(2, false),
  /** Key: the principal's name in UTF-8. Active and disabled principals. */
  PRINCIPALS(3, false),
  /**
   * Key: uid, fixed64. The name behind a principal's uid, also of deleted ones; never removed
   * (hazard 13).
   */
  PRINCIPAL_UIDS(4, false),
  /** Key: the path below the organization in UTF-8; empty for the organization itself. */
  RESOURCES(5, false),
  /** Key: uid, fixed64. The path behind a resource's uid, also of deleted ones. */
  RESOURCE_UIDS(6, false),
  /** Key: resource uid, principal uid, fixed64 each. All grants of the pair. */
  GRANTS(7, false),
  /** Key: principal uid, resource uid, fixed64 each. Index of GRANTS; value empty. */
  GRANTS_BY_PRINCIPAL(8, true),
  /** Key: group uid, member uid, fixed64 each. */
  MEMBERS(9, false),
  /** Key: member uid, group uid, fixed64 each. Index of MEMBERS; value empty. */
  GROUPS_OF(10, true),
  /** Key: target kind (one byte), uid, fixed64. What is switched off. */
  SUSPENSIONS(11, false),
  /** Key: uid, fixed64. Deleted objects whose rows are still to be swept. */
  ORPHANS(12, false),
  /** Key: the organization's id in UTF-8. Only in the organization {@code system}. */
  ORGANIZATIONS(13, false),
  /**
   * Key: uid, fixed64. Groups that are disabled, or deleted and not yet swept: their members get
   * nothing from them.
   */
  INACTIVE_GROUPS(14, false),
  /**
   * Key: principal uid, fixed64, and the name of a kind in UTF-8. Its rights for the whole kind.
   */
  TYPE_RIGHTS(15, false),
  /** Key: the rule's id in UTF-8. */
  DENY_RULES(16, false),
  /** Key: uid of the link's principal, fixed64. */
  LINKS(17, false),
  /**
   * Key: resource uid, principal uid, fixed64 each. Who is to be told of which grants in the same
   * change set. Stands in the log only.
   */
  NOTICES(18, false),
  /**
   * Key: a principal's name in UTF-8. Index of PRINCIPAL_UIDS; value empty. There for every name
   * whose bearer was ever deleted, also when somebody bears it again, and never removed: a name
   * without a living bearer that is here is that of a deleted one (hazard 13).
   */
  DELETED_NAMES(19, true);

  private static final Table[] BY_NUMBER = new Table[64];

  static {
    for (Table table : values()) {
      BY_NUMBER[table.number] = table;
    }
  }

  private final int number;
  private final boolean index;

  Table(int number, boolean index) {
    this.number = number;
    this.index = index;
  }

  /** The stored number, 1 to 63. */
  public int number() {
    return number;
  }

  /** Whether the store fills it by itself. */
  public boolean isIndex() {
    return index;
  }

  /** Whether its rows stand in change sets only. */
  public boolean isLogOnly() {
    return this == NOTICES;
  }

  /**
   * The table with that number.
   *
   * @throws UndecodableException when there is none
   */
  public static Table ofNumber(int number) {
    Table table = number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
    if (table == null) {
      throw new UndecodableException("unknown table " + number);
    }
    return table;
  }
}
