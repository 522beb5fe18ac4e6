package dev.modelgate.store.rocksdb;

import dev.modelgate.store.Table;
import java.nio.charset.StandardCharsets;

/**
 * The column families. What a check reads has its own, so that its keys stay dense and its filters
 * small; the small tables share one. See {@link Keys} for the layouts.
 */
enum Family {
  METADATA("default"),
  PRINCIPALS("principals"),
  PRINCIPAL_UIDS("principal_uids"),
  RESOURCES("resources"),
  RESOURCE_UIDS("resource_uids"),
  GRANTS("grants"),
  GRANTS_BY_PRINCIPAL("grants_by_principal"),
  MEMBERS("members"),
  GROUPS_OF("groups_of"),
  ORG_STATE("org_state"),
  LOG("log"),
  HEADS("heads"),
  RECENT("recent");

  private final String storedName;

  Family(String storedName) {
    this.storedName = storedName;
  }

  String storedName() {
    return storedName;
  }

  byte[] nameBytes() {
    return storedName.getBytes(StandardCharsets.UTF_8);
  }

  /** Where the rows of a table stand. */
  static Family of(Table table) {
    return switch (table) {
      case PRINCIPALS -> PRINCIPALS;
      case PRINCIPAL_UIDS -> PRINCIPAL_UIDS;
      case RESOURCES -> RESOURCES;
      case RESOURCE_UIDS -> RESOURCE_UIDS;
      case GRANTS -> GRANTS;
      case GRANTS_BY_PRINCIPAL -> GRANTS_BY_PRINCIPAL;
      case MEMBERS -> MEMBERS;
      case GROUPS_OF -> GROUPS_OF;
      case SETTINGS,
          PROFILES,
          SUSPENSIONS,
          ORPHANS,
          ORGANIZATIONS,
          INACTIVE_GROUPS,
          TYPE_RIGHTS,
          DENY_RULES,
          LINKS,
          NOTICES,
          DELETED_NAMES ->
          ORG_STATE;
    };
  }
}
