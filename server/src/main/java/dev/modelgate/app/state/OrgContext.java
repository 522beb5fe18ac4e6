package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Profile;

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
}
