package dev.modelgate.app.query;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.sharing.Rights;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.row.OrgRows;
import java.util.List;
import java.util.Map;

/**
 * One requester's look at one organization in one retained state: what is there, and what he may
 * see of it. Lives as long as the state is retained, on one thread.
 */
final class Reading {
  private static final String ADMINISTRATOR = "administrator";

  private final Requester requester;
  private final boolean suspended;
  private final OrgState org;
  private final OrgRows rows;
  private final Rights rights;
  private final Names names;
  private final Views views;

  private Reading(Published state, OrgState org, Requester requester, long nowMicros) {
    this.requester = requester;
    this.suspended = state.isOrganizationSuspended(org.uid());
    this.org = org;
    this.rows = state.rows(org);
    this.rights = Rights.of(state, org, rows, requester, nowMicros);
    this.names = new Names(org, rows);
    this.views = new Views(state, org, names);
  }

  /**
   * Opens an organization.
   *
   * @throws RefusedException NOT_FOUND when there is no such organization, or only its
   *     registration; ORGANIZATION_RESTRICTED; ON_BEHALF_OF_INVALID when the requester acts for
   *     somebody who is not active in it, NOT_PERMITTED when he or the organization is suspended
   */
  static Reading of(Published state, String organizationId, Requester requester, long nowMicros) {
    OrgState org =
        state
            .organization(organizationId)
            .filter(
                found ->
                    found.isInitialized() || found.isRestricted() || found.uid().equals(Uid.SYSTEM))
            .orElseThrow(() -> notFound("organizations/" + organizationId));
    if (org.isRestricted()) {
      throw new Refusal(
              Fault.ORGANIZATION_RESTRICTED,
              "`" + organizationId + "` cannot be read safely until an operator repairs it",
              "",
              Map.of("organization", "organizations/" + organizationId))
          .asException();
    }
    return new Reading(state, org, requester, nowMicros);
  }

  OrgState org() {
    return org;
  }

  /**
   * The profile of the organization.
   *
   * @throws RefusedException NOT_FOUND in {@code system}, which has none
   */
  Profile profile() {
    if (!org.isInitialized()) {
      throw notFound("organizations/" + org.id());
    }
    return org.profile();
  }

  OrgRows rows() {
    return rows;
  }

  Names names() {
    return names;
  }

  Views views() {
    return views;
  }

  /** Whether the whole organization is switched off. */
  boolean isSuspended() {
    return suspended;
  }

  /** The system administrator needs no profile for that, which {@code system} lacks. */
  boolean isAdministrator() {
    return requester.isSystemAdministrator() || rights.isAdministrator();
  }

  /** Whether the requester acts for that principal. */
  boolean isActor(PrincipalName principal) {
    return requester.onBehalfOf().filter(principal::equals).isPresent();
  }

  /** Whether the requester may see that there is this resource. Its members see an organization. */
  boolean sees(ResourceName resource) {
    return !resource.hasParent() || isAdministrator() || rights.sees(resource);
  }

  /** Whether listings show the resource to the requester. */
  boolean discovers(ResourceName resource) {
    return may(resource, Operation.LIST);
  }

  /** Whether the requester may do that to a resource. */
  boolean may(ResourceName resource, Operation operation) {
    return isAdministrator() || rights.has(resource, operation);
  }

  /** Those permissions that a check of each would allow him now; each with its bit. */
  List<String> held(
      ResourceName resource, Map<String, Long> permissions, ConditionLanguage conditions) {
    return rights.held(resource, permissions, conditions);
  }

  /**
   * Refuses a resource that the requester does not see.
   *
   * @throws RefusedException NOT_FOUND; NOT_PERMITTED where the profile hides nothing
   */
  void requireVisible(ResourceName resource) {
    if (!sees(resource)) {
      if (org.profile().switches().unseen() == Switches.Unseen.NOT_FOUND) {
        throw notFound(resource.text());
      }
      throw notPermitted(
          needed(resource, Operation.LIST),
          resource.text(),
          rights.denial(resource, Operation.LIST));
    }
  }

  /**
   * Refuses who may not do that to a resource.
   *
   * @throws RefusedException NOT_FOUND when he does not see the resource, else NOT_PERMITTED
   */
  void require(ResourceName resource, Operation operation) {
    if (may(resource, operation)) {
      return;
    }
    if (org.profile().switches().unseen() == Switches.Unseen.NOT_FOUND) {
      requireVisible(resource);
    }
    String denial = rights.denial(resource, operation);
    throw notPermitted(needed(resource, operation), resource.text(), denial);
  }

  /**
   * Refuses everybody but administrators of the organization.
   *
   * @throws RefusedException NOT_PERMITTED
   */
  void requireAdministrator() {
    if (!isAdministrator()) {
      throw notPermitted(ADMINISTRATOR, "organizations/" + org.id(), "");
    }
  }

  /** The refusal of something that is missing or hidden. */
  static RefusedException notFound(String name) {
    return Refusal.ofName(Fault.NOT_FOUND, "not found: `" + name + "`", "", name).asException();
  }

  private String needed(ResourceName resource, Operation operation) {
    Profile profile = profile();
    long mask = profile.kindOf(resource).map(kind -> kind.right(operation)).orElse(0L);
    return String.join(",", profile.permissionNames(mask));
  }

  private RefusedException notPermitted(String permission, String resource, String denial) {
    String message = "`" + requester.actor() + "` lacks `" + permission + "` on `" + resource + "`";
    return Refusal.notPermitted(message, requester.shown(), permission, resource, denial)
        .asException();
  }
}
