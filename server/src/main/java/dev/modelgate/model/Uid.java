package dev.modelgate.model;

/**
 * The identity of an organization, a resource or a principal inside its organization's log: the
 * version of the change set that made it and its ordinal there (hazards 13 and 15). It is never
 * given twice, so a name that is deleted and made again is somebody else.
 *
 * <pre>
 *   63            20 19        1   0
 *   +---------------+-----------+-----+
 *   |    version    |  ordinal  | set |
 *   +---------------+-----------+-----+
 * </pre>
 *
 * <p>The last bit tells a set of accounts (a group, a domain, everybody) from a single one, so that
 * a change of a grant says by itself whose cached answers it concerns.
 *
 * @param value the packed triple; positive. Version 0 holds the few identities that need no record.
 */
public record Uid(long value) implements Comparable<Uid> {
  /** The most objects that one change set can make. */
  public static final int ORDINAL_MAX = (1 << 19) - 1;

  private static final long VERSION_MAX = (1L << 43) - 1;

  /** Nobody: the system administrator, as the author of a grant. */
  public static final Uid NONE = new Uid(0);

  /** Everybody with an active record in the organization. */
  public static final Uid ORGANIZATION = new Uid(1);

  /** Everybody who is authenticated. */
  public static final Uid ALL_AUTHENTICATED_USERS = new Uid(3);

  /** Everybody. */
  public static final Uid ALL_USERS = new Uid(5);

  /** The reserved organization that records the other organizations. */
  public static final Uid SYSTEM = new Uid(2);

  /** Refuses a negative value. */
  public Uid {
    if (value < 0) {
      throw new IllegalArgumentException("uid: " + value + " (expected: 0 or above)");
    }
  }

  /**
   * The uid of the object with that ordinal in the change set that makes that version.
   *
   * @param version 1 or above
   * @param ordinal 0 to {@value #ORDINAL_MAX}
   * @param set whether it is a principal that stands for several accounts
   */
  public static Uid of(long version, int ordinal, boolean set) {
    if (version < 1 || version > VERSION_MAX || ordinal < 0 || ordinal > ORDINAL_MAX) {
      throw new IllegalArgumentException(
          "uid of version " + version + ", ordinal " + ordinal + " is out of range");
    }
    return new Uid(version << 20 | (long) ordinal << 1 | (set ? 1 : 0));
  }

  /** Whether it is a principal that stands for several accounts. */
  public boolean isSet() {
    return (value & 1) != 0;
  }

  @Override
  public int compareTo(Uid other) {
    return Long.compare(value, other.value);
  }

  /** Lower-case hexadecimal without leading zeros. */
  @Override
  public String toString() {
    return Long.toHexString(value);
  }
}
