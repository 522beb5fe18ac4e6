package dev.modelgate.app.query;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;

/** A single change with names: something is now so, or is gone. */
public sealed interface Change {
  /** The organization's record is now so. */
  record OrganizationPut(OrganizationView organization) implements Change {}

  /** The principal's record is now so. */
  record PrincipalPut(PrincipalView principal) implements Change {}

  /**
   * The principal is gone, and with it its grants and memberships.
   *
   * @param uid in hexadecimal
   */
  record PrincipalDelete(PrincipalName name, String uid) implements Change {}

  /** The member is now in the group. */
  record MembershipPut(PrincipalName group, PrincipalName member) implements Change {}

  /** The member is no longer in the group. */
  record MembershipDelete(PrincipalName group, PrincipalName member) implements Change {}

  /** The resource's record is now so. */
  record ResourcePut(ResourceView resource) implements Change {}

  /**
   * The resource is gone, and with it its grants.
   *
   * @param uid in hexadecimal
   */
  record ResourceDelete(ResourceName name, String uid) implements Change {}

  /** There is now this grant. */
  record GrantPut(GrantView grant) implements Change {}

  /**
   * All direct grants of the principal on the resource are gone; those that stay follow as puts.
   */
  record GrantsDelete(ResourceName resource, String principal) implements Change {}

  /** There is now this type right. */
  record TypeRightPut(TypeRightView right) implements Change {}

  /** All rights of the principal for the kind are gone; those that stay follow as puts. */
  record TypeRightsDelete(String principal, String kind) implements Change {}

  /** The deny rule is now so. */
  record DenyRulePut(DenyRuleView rule) implements Change {}

  /** The deny rule is gone. */
  record DenyRuleDelete(String id) implements Change {}

  /** The external link is now so; its grant is told for itself. */
  record LinkPut(LinkView link) implements Change {}

  /** The external link is gone, and its grant with it. */
  record LinkDelete(String id) implements Change {}

  /** This version of the profile holds now. */
  record ProfilePut(ProfileView profile) implements Change {}

  /** The target is now suspended. */
  record SuspensionPut(SuspensionTarget target, SuspensionView suspension) implements Change {}

  /** The target is no longer suspended. */
  record SuspensionDelete(SuspensionTarget target) implements Change {}
}
