package dev.modelgate.app.sharing;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.state.Dependencies;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.app.state.OrgContext;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Decider;
import dev.modelgate.decision.Facts;
import dev.modelgate.decision.HeldGrant;
import dev.modelgate.decision.Reason;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a requester of the admin plane may do in one organization at one moment, by the same
 * decision as a check. Reads the state itself, never a cache (hazard 33).
 */
public final class Rights {
  private final String organizationId;
  private final OrgContext context;
  private final OrgRows rows;
  private final Requester requester;
  private final long nowMicros;

  Rights(
      String organizationId,
      OrgContext context,
      OrgRows rows,
      Requester requester,
      long nowMicros) {
    this.organizationId = organizationId;
    this.context = context;
    this.rows = rows;
    this.requester = requester;
    this.nowMicros = nowMicros;
    if (!requester.isOf(organizationId)) {
      throw foreign(organizationId, requester).asException();
    }
    requester.onBehalfOf().ifPresent(this::requireActor);
    requester.self().ifPresent(this::requireNotOff);
  }

  /**
   * The rights at a published state.
   *
   * @param state the state, retained while these rights are used
   * @throws dev.modelgate.model.RefusedException ON_BEHALF_OF_INVALID when the principal acted for
   *     is not an active one of the organization (hazard 19), NOT_PERMITTED when it or the
   *     organization is suspended, or the credential is bound to other organizations
   */
  public static Rights of(
      Published state, OrgState org, OrgRows rows, Requester requester, long nowMicros) {
    if (!requester.isExempt() && state.isOrganizationSuspended(org.uid())) {
      throw suspended("organization", org.id(), requester).asException();
    }
    return new Rights(org.id(), org, rows, requester, nowMicros);
  }

  /** Whether no limits hold. */
  public boolean isSystemAdministrator() {
    return requester.isSystemAdministrator();
  }

  /**
   * Whether the requester administers the organization: the system administrator, or who has the
   * permission on the organization that its profile asks for.
   */
  public boolean isAdministrator() {
    return isSystemAdministrator()
        || hasAll(ResourceName.ofOrganization(organizationId), administration());
  }

  /**
   * Refuses a requester who does not administer the organization.
   *
   * @throws dev.modelgate.model.RefusedException NOT_PERMITTED or NOT_FOUND, as {@link #require}
   */
  public void requireAdministrator() {
    requireAll(ResourceName.ofOrganization(organizationId), administration());
  }

  /**
   * Whether the requester administers the organization by something that never ends: what has no
   * end itself, as a membership, an ownership or a profile, takes that (hazard 24).
   */
  boolean isLastingAdministrator() {
    if (isSystemAdministrator()) {
      return true;
    }
    ResourceName root = ResourceName.ofOrganization(organizationId);
    return isAdministrator() && holdsUntil(root, administration(), Micros.NEVER);
  }

  /**
   * Refuses a requester who does not administer the organization, or only for a time.
   *
   * @throws dev.modelgate.model.RefusedException NOT_PERMITTED or NOT_FOUND, as {@link #require}
   */
  void requireLastingAdministrator() {
    requireAdministrator();
    if (!isLastingAdministrator()) {
      throw administratorNeeded(
              "what has no end takes the administration of the organization without an end")
          .asException();
    }
  }

  /** The refusal of somebody who sees a resource and would have to administer the organization. */
  Refusal administratorNeeded(String message) {
    return Refusal.notPermitted(
        message,
        requester.actor(),
        String.join(",", context.profile().permissionNames(administration())),
        ResourceName.ofOrganization(organizationId).toString(),
        "");
  }

  /** The permissions on a resource; all bits for the system administrator. */
  public long mask(ResourceName resource) {
    return isSystemAdministrator() ? ~0L : Decider.decide(facts(resource), nowMicros).allowed();
  }

  /** Whether the requester may do that to a resource. */
  public boolean has(ResourceName resource, Operation operation) {
    return isSystemAdministrator() || hasAll(resource, needed(resource, operation));
  }

  /**
   * Those permissions that a check of each would allow him now, in a request without attributes.
   *
   * @param permissions by name, each with its bit; not 0
   */
  public List<String> held(
      ResourceName resource, Map<String, Long> permissions, ConditionLanguage conditions) {
    if (isSystemAdministrator()) {
      return List.copyOf(permissions.keySet());
    }
    Access access = Decider.decide(facts(resource), nowMicros);
    Conditions now =
        conditions.at(
            new ConditionLanguage.Request(requester.actor(), resource.text(), nowMicros, Map::of));
    return permissions.entrySet().stream()
        .filter(permission -> access.outcome(permission.getValue(), now).allowed())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Whether the requester may know that a resource is there: any permission on it tells. */
  public boolean sees(ResourceName resource) {
    return isSystemAdministrator() || mask(resource) != 0;
  }

  /**
   * Refuses a requester who may not do that to a resource.
   *
   * @throws dev.modelgate.model.RefusedException NOT_PERMITTED; NOT_FOUND for a resource that the
   *     profile hides from him, in the same words as for one that is not there
   */
  public void require(ResourceName resource, Operation operation) {
    if (!isSystemAdministrator()) {
      requireAll(resource, needed(resource, operation));
    }
  }

  /** The same for switching a resource on again, which hides it from those who hold it. */
  void requireToResume(ResourceName resource) {
    if (isSystemAdministrator()) {
      return;
    }
    long needed = needed(resource, Operation.SUSPEND);
    long awake = Decider.decide(facts(resource).awake(), nowMicros).allowed();
    if (needed == 0 || (awake & needed) != needed) {
      require(resource, Operation.SUSPEND);
    }
  }

  /** Whether what gives him an operation lasts that long, and is under no condition. */
  boolean holdsUntil(ResourceName resource, Operation operation, long untilMicros) {
    return holdsUntil(resource, needed(resource, operation), untilMicros);
  }

  private boolean holdsUntil(ResourceName resource, long needed, long untilMicros) {
    if (isSystemAdministrator()) {
      return true;
    }
    Facts facts = facts(resource);
    List<HeldGrant> lasting =
        facts.grants().stream()
            .filter(held -> held.expiresAtMicros() >= untilMicros && held.condition().isEmpty())
            .toList();
    Facts then =
        new Facts(
            facts.kinds(),
            facts.caller(),
            facts.suspended(),
            facts.resourceKnown(),
            lasting,
            facts.layer());
    return needed != 0 && (Decider.decide(then, nowMicros).allowed() & needed) == needed;
  }

  /** The same for making a resource of a kind in a parent. */
  void requireCreate(ResourceName parent, Kind child) {
    requireAll(parent, child.right(Operation.CREATE));
  }

  /**
   * The same for a mask of permissions, all of them; an empty one is the system administrator's.
   */
  void requireAll(ResourceName resource, long permissions) {
    if (hasAll(resource, permissions)) {
      return;
    }
    boolean hides = context.profile().switches().unseen() == Switches.Unseen.NOT_FOUND;
    if (hides && !sees(resource)) {
      throw notFound(resource).asException();
    }
    String permission = String.join(",", context.profile().permissionNames(permissions));
    throw Refusal.notPermitted(
            "`" + permission + "` on `" + resource + "` is needed",
            requester.shown(),
            permission,
            resource.toString(),
            denial(resource, permissions))
        .asException();
  }

  /** Why a check of what an operation takes is denied; empty when it is not. */
  public String denial(ResourceName resource, Operation operation) {
    return denial(resource, needed(resource, operation));
  }

  private String denial(ResourceName resource, long permissions) {
    return isSystemAdministrator() || permissions == 0
        ? ""
        : Decider.decide(facts(resource), nowMicros)
            .outcome(permissions, Conditions.UNKNOWN)
            .reason();
  }

  /** What an operation takes; nobody but the system administrator has an empty mask. */
  private long needed(ResourceName resource, Operation operation) {
    return context.profile().kindOf(resource).map(kind -> kind.right(operation)).orElse(0L);
  }

  private long administration() {
    return context.profile().permission(context.profile().switches().administers()).orElse(0);
  }

  private boolean hasAll(ResourceName resource, long permissions) {
    return isSystemAdministrator()
        || permissions != 0 && (mask(resource) & permissions) == permissions;
  }

  /** Everything that is granted to the principal acted for on a resource and its ancestors. */
  private Facts facts(ResourceName resource) {
    return bounded(gathering().gather(requester.onBehalfOf().orElseThrow(), resource));
  }

  /** The same, and what bounds him below the resource, where what he gives on it reaches. */
  Facts factsToShare(ResourceName resource) {
    return bounded(gathering().gatherToShare(requester.onBehalfOf().orElseThrow(), resource));
  }

  /** What counts of it: a front end acts by the roles that it was given, and by nothing else. */
  private Facts bounded(Facts facts) {
    return requester.roles().map(facts::of).orElse(facts);
  }

  private Gathering gathering() {
    return new Gathering(context, rows, new Dependencies(Uid.NONE));
  }

  /** The principal acted for. */
  Optional<PrincipalName> actor() {
    return requester.onBehalfOf();
  }

  /** Who acts, for people. */
  String actorText() {
    return requester.shown();
  }

  /** The uid of the principal acted for; {@link Uid#NONE} for the system administrator. */
  Uid actorUid() {
    return actor().flatMap(rows::principal).map(PrincipalRow::uid).orElse(Uid.NONE);
  }

  /** The refusal that says that a resource is not there, or not for this requester. */
  public static Refusal notFound(ResourceName resource) {
    return Refusal.ofName(
        Fault.NOT_FOUND, "resource `" + resource + "` is not found", "", resource.toString());
  }

  private void requireActor(PrincipalName actor) {
    // A link has a record, too, but proves itself by its secret, which no such call carries.
    Optional<PrincipalRow> row =
        actor.kind() == PrincipalKind.LINK ? Optional.empty() : rows.principal(actor);
    if (row.isEmpty() || row.get().state() != PrincipalRow.State.ACTIVE) {
      if (requester.isHimself()) {
        throw unknown(actor).asException();
      }
      String expected = "an active principal of the organization";
      throw Refusal.ofField(
              Fault.ON_BEHALF_OF_INVALID, "x-modelgate-on-behalf-of", actor.toString(), expected)
          .asException();
    }
    requireNotSuspended(row.get());
  }

  /** The holder of the credential itself, where the organization knows him. */
  private void requireNotOff(PrincipalName self) {
    Optional<PrincipalRow> row = rows.principal(self);
    if (row.isPresent()) {
      if (row.get().state() != PrincipalRow.State.ACTIVE) {
        throw Refusal.notPermitted(
                "principal `" + self + "` is disabled", requester.shown(), "active", self + "", "")
            .asException();
      }
      requireNotSuspended(row.get());
    }
  }

  private void requireNotSuspended(PrincipalRow row) {
    if (context.isPrincipalSuspended(row.uid()) || gathering().isGroupAboveSuspended(row.uid())) {
      throw suspended("principal", row.name().toString(), requester).asException();
    }
  }

  /** The refusal of somebody who is himself, but nobody in the organization. */
  private Refusal unknown(PrincipalName self) {
    return Refusal.notPermitted(
        "`" + self + "` is no active principal of the organization",
        requester.shown(),
        "active",
        ResourceName.ofOrganization(organizationId).text(),
        "");
  }

  /** The refusal of somebody whose credential is bound to other organizations. */
  public static Refusal foreign(String organizationId, Requester requester) {
    return Refusal.notPermitted(
        "the credential of `" + requester.shown() + "` is bound to other organizations",
        requester.shown(),
        "a credential of the organization",
        "organizations/" + organizationId,
        "");
  }

  /** The refusal of somebody who is switched off, or whose organization is. */
  public static Refusal suspended(String what, String name, Requester requester) {
    return Refusal.notPermitted(
        what + " `" + name + "` is suspended",
        requester.shown(),
        "not suspended",
        name,
        Reason.SUSPENDED);
  }
}
