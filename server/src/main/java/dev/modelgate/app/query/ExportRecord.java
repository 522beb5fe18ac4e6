package dev.modelgate.app.query;

import dev.modelgate.model.PrincipalName;
import java.util.Map;

/** One record of an export, in the order and shape that an import reads. */
public sealed interface ExportRecord {
  /** A principal that is not deleted. */
  record Principal(PrincipalView principal) implements ExportRecord {}

  /** A principal was deleted, and nobody has its name now. */
  record DeletedPrincipal(PrincipalName principal) implements ExportRecord {}

  /** A principal is directly in a group. */
  record Membership(PrincipalName group, PrincipalName member) implements ExportRecord {}

  /** A registered resource, the organization itself included. */
  record Resource(ResourceView resource) implements ExportRecord {}

  /** A grant that has not ended. */
  record Grant(GrantView grant) implements ExportRecord {}

  /** A principal has a right for a kind. */
  record TypeRight(TypeRightView right) implements ExportRecord {}

  /** A link leads to a resource, with the hash of its secret. */
  record Link(LinkView link, byte[] secretHash) implements ExportRecord {}

  /** A rule denies. */
  record DenyRule(DenyRuleView rule) implements ExportRecord {}

  /** The organization's settings, where there are any. */
  record Settings(Map<String, Boolean> features) implements ExportRecord {
    /** Copies the map. */
    public Settings {
      features = Map.copyOf(features);
    }
  }

  /** A principal or resource is suspended. */
  record Suspension(SuspensionTarget target, String reason) implements ExportRecord {}
}
