package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.TypeRightRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What gathering needs of an organization beside its rows, in the same state as they: from memory
 * for checks, from the rows themselves for a change that is being validated.
 */
public interface OrgContext {
  /** The compiled profile. */
  Profile profile();

  /** Whether that principal is itself suspended. */
  boolean isPrincipalSuspended(Uid principal);

  /** Whether that resource is itself suspended. */
  boolean isResourceSuspended(Uid resource);

  /** Whether that group gives its members nothing. */
  boolean isInactiveGroup(Uid group);

  /** The rights of a principal for a kind. */
  Optional<TypeRightRow> typeRights(Uid principal, String kind);

  /** The deny rules whose scope is that resource. */
  List<DenyRuleRow> denyRules(Uid scope);

  /** All deny rules, by the resource that is their scope. */
  Map<Uid, List<DenyRuleRow>> denyRules();

  /** The features of the profile that are switched off. */
  Set<String> featuresOff();
}
