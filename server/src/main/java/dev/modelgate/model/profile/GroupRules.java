package dev.modelgate.model.profile;

import java.util.List;
import java.util.Set;

/**
 * What groups of which subtype can do. A subtype is named as in {@link #SUBTYPES}.
 *
 * @param owners the subtypes that can own resources
 * @param holders the subtypes that can have type rights
 * @param recipients the subtypes that can be given grants
 */
public record GroupRules(Set<String> owners, Set<String> holders, Set<String> recipients) {
  /** The subtypes of groups. */
  public static final List<String> SUBTYPES =
      List.of("owner", "directory", "access", "system_managed_access");

  /** What holds where a profile says nothing: every group can do everything. */
  public static final GroupRules DEFAULT =
      new GroupRules(Set.copyOf(SUBTYPES), Set.copyOf(SUBTYPES), Set.copyOf(SUBTYPES));

  /** Copies the sets. */
  public GroupRules {
    owners = Set.copyOf(owners);
    holders = Set.copyOf(holders);
    recipients = Set.copyOf(recipients);
  }
}
