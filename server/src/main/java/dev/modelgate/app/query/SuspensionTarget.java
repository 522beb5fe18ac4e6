package dev.modelgate.app.query;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;

/** What is switched off or on. */
public sealed interface SuspensionTarget {
  /** A principal in the directory of an organization; of a group its members. */
  record Principal(String organizationId, PrincipalName name) implements SuspensionTarget {}

  /** A resource and everything below it. */
  record Resource(ResourceName name) implements SuspensionTarget {}

  /** Everything in an organization. */
  record Organization(String organizationId) implements SuspensionTarget {}
}
