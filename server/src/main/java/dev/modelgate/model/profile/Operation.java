package dev.modelgate.model.profile;

import java.util.Locale;

/**
 * What the admin plane does to a resource. Each kind of a profile says which permissions it takes,
 * so that no rule knows a permission by its name.
 */
public enum Operation {
  /** Registering a resource of the kind; the permission is looked for on its parent. */
  CREATE("create"),
  /** Finding it in listings. */
  LIST("discover"),
  /** Changing its record. */
  UPDATE("update"),
  /** Deleting it. */
  DELETE("delete"),
  /** Switching it off, and on again. */
  SUSPEND("delete"),
  /** Handing its ownership over. */
  TRANSFER("transfer"),
  /** Granting and revoking on it. */
  SHARE("grants.write"),
  /** Reading its grants. */
  READ_GRANTS("grants.read"),
  /**
   * Changing type rights, looked for on the organization; its administrators need no permission for
   * it.
   */
  TYPE_RIGHTS("rights.write"),
  /** Giving access in an emergency; a profile that does not declare it leaves it to the system. */
  BREAK_GLASS("break_glass");

  private final String defaultPermission;

  Operation(String defaultPermission) {
    this.defaultPermission = defaultPermission;
  }

  /** Whether it decides what somebody may do. */
  boolean administers() {
    return switch (this) {
      case TRANSFER, SHARE, TYPE_RIGHTS, BREAK_GLASS -> true;
      case CREATE, LIST, UPDATE, DELETE, SUSPEND, READ_GRANTS -> false;
    };
  }

  /** The permission that it takes where a profile does not say; a profile need not declare it. */
  String defaultPermission() {
    return defaultPermission;
  }

  /** The key in a profile: {@code read_grants}. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
