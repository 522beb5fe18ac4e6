package dev.modelgate.decision;

import dev.modelgate.decision.ReferenceWorld.Account;
import dev.modelgate.decision.ReferenceWorld.PlainGrant;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.model.profile.Switches;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The decision a second time, as plainly as it can be said: what the sampled recheck (hazard 9) and
 * the property tests hold the fast path against.
 *
 * <p>It shares nothing with {@link Decider} and what feeds it, knows names and no uids, looks at
 * one action at a time, and keeps nothing from one question to the next. It is meant to be read
 * next to the section "Decision" of the model, and to be slow.
 */
public final class ReferenceEvaluator {
  private static final int NESTING_MAX = 32;

  private final ReferenceWorld world;
  private final long nowMicros;
  private final List<Step> steps = new ArrayList<>();

  private ReferenceEvaluator(ReferenceWorld world, long nowMicros) {
    this.world = world;
    this.nowMicros = nowMicros;
  }

  /**
   * What the answer has to be.
   *
   * @param allowed whether every link may do it
   * @param reason the first denied link's reason, from {@link Reason}; empty when allowed
   * @param deniedLink the first denied link; empty when allowed, or when it is the principal itself
   * @param steps how it came about
   */
  public record Verdict(boolean allowed, String reason, String deniedLink, List<Step> steps) {
    /** Copies the list. */
    public Verdict {
      steps = List.copyOf(steps);
    }

    /** How it came about, one step per line, for people. */
    public String derivation() {
      return steps.stream().map(Step::toString).collect(Collectors.joining("\n"));
    }
  }

  /**
   * Something that the evaluation saw; put into words only when somebody reads it.
   *
   * @param format as in {@link String#format}
   */
  public record Step(String format, List<Object> arguments) {
    /** Copies the list. */
    public Step {
      arguments = List.copyOf(arguments);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, format, arguments.toArray());
    }
  }

  /**
   * Answers one question.
   *
   * @param chain the links after the principal, each of which must be allowed too
   * @throws IllegalArgumentException for a resource whose path, or an action that the profile does
   *     not declare: such a question has no answer
   */
  public static Verdict evaluate(
      ReferenceWorld world,
      PrincipalName principal,
      List<PrincipalName> chain,
      ResourceName resource,
      String action,
      long nowMicros) {
    var evaluator = new ReferenceEvaluator(world, nowMicros);
    String reason = evaluator.denialOf(principal, resource, action);
    String deniedLink = "";
    for (PrincipalName link : chain) {
      if (reason.isEmpty()) {
        reason = evaluator.denialOf(link, resource, action);
        deniedLink = reason.isEmpty() ? "" : link.toString();
      }
    }
    return new Verdict(reason.isEmpty(), reason, deniedLink, evaluator.steps);
  }

  /** Why one link is denied; empty when it is allowed. */
  private String denialOf(PrincipalName caller, ResourceName resource, String action) {
    List<Kind> kinds = kindsAlong(resource);
    long needed = neededFor(action);
    String denial = blanketDenial(caller, resource, kinds);
    if (denial.isEmpty()) {
      long held = heldBy(caller, resource, kinds);
      if ((held & needed) != needed) {
        denial = held == 0 ? Reason.NO_GRANT : Reason.ACCESS;
      }
    }
    note("%s %s on %s: %s", caller, action, resource, denial.isEmpty() ? "allowed" : denial);
    return denial;
  }

  /** Steps 0 to 2: why nothing at all is allowed, whatever is granted. */
  private String blanketDenial(PrincipalName caller, ResourceName resource, List<Kind> kinds) {
    if (world.organizationRestricted()) {
      return Reason.RESTRICTED;
    }
    if (isSuspended(caller, resource)) {
      return Reason.SUSPENDED;
    }
    for (int level = 0; level < kinds.size(); level++) {
      if (kinds.get(level).needsRecord() && !world.isRegistered(resource.ancestor(level))) {
        note("%s has no record", resource.ancestor(level));
        return Reason.UNKNOWN_RESOURCE;
      }
    }
    if (caller.kind() == PrincipalKind.ANONYMOUS) {
      return Reason.NONE;
    }
    return switch (world.account(caller)) {
      case ACTIVE -> Reason.NONE;
      case DISABLED -> Reason.PRINCIPAL_INACTIVE;
      case ABSENT -> {
        boolean open = world.profile().switches().directory() == Switches.Directory.OPEN;
        yield open ? Reason.NONE : Reason.PRINCIPAL_UNKNOWN;
      }
    };
  }

  /**
   * Step 0. A group that is disabled passes nothing on, but its suspension still hits its members:
   * disabling must not be a way to lift it.
   */
  private boolean isSuspended(PrincipalName caller, ResourceName resource) {
    if (world.organizationSuspended()) {
      note("the organization is suspended");
      return true;
    }
    for (int level = 0; level < resource.depth(); level++) {
      if (world.isSuspended(resource.ancestor(level))) {
        note("%s is suspended", resource.ancestor(level));
        return true;
      }
    }
    Set<PrincipalName> groupsAndCaller = new LinkedHashSet<>(Set.of(caller));
    groupsAndCaller.addAll(activeGroupsOf(caller));
    for (PrincipalName member : groupsAndCaller) {
      if (world.isSuspended(member)) {
        note("%s is suspended", member);
        return true;
      }
      for (PrincipalName group : world.directGroups(member)) {
        if (world.isSuspended(group)) {
          note("%s, which holds %s, is suspended", group, member);
          return true;
        }
      }
    }
    return false;
  }

  /** Steps 3 and 6: the permissions that the caller has on the resource, as a mask. */
  private long heldBy(PrincipalName caller, ResourceName resource, List<Kind> kinds) {
    Kind kind = kinds.get(kinds.size() - 1);
    Set<PrincipalName> recipients = recipientsReaching(caller, resource.organizationId());
    long held = 0;
    boolean inherits = true;
    for (int level = kinds.size() - 1; level >= 0 && inherits; level--) {
      ResourceName at = resource.ancestor(level);
      for (PrincipalName recipient : recipients) {
        for (PlainGrant grant : world.grants(at, recipient)) {
          boolean live =
              grant.notBeforeMicros() <= nowMicros && nowMicros < grant.expiresAtMicros();
          long mask = live ? maskOf(grant, kind) : 0;
          held |= mask;
          note("%s on %s for %s gives %x", grant, at, recipient, mask);
        }
      }
      inherits = kinds.get(level).inherits();
    }
    return held;
  }

  /** Step 3: everything that a grant can name and mean the caller. */
  private Set<PrincipalName> recipientsReaching(PrincipalName caller, String organizationId) {
    Set<PrincipalName> recipients = new LinkedHashSet<>();
    recipients.add(PrincipalName.ALL_USERS);
    if (caller.kind() == PrincipalKind.ANONYMOUS) {
      return recipients;
    }
    recipients.add(PrincipalName.ALL_AUTHENTICATED_USERS);
    if (world.account(caller) == Account.ACTIVE) {
      recipients.add(caller);
      recipients.add(PrincipalName.organization(organizationId));
      recipients.addAll(activeGroupsOf(caller));
    }
    return recipients;
  }

  /** The active groups that hold the member through active groups only. */
  private Set<PrincipalName> activeGroupsOf(PrincipalName member) {
    Set<PrincipalName> found = new LinkedHashSet<>();
    Set<PrincipalName> members = Set.of(member);
    for (int depth = 0; depth < NESTING_MAX && !members.isEmpty(); depth++) {
      Set<PrincipalName> next = new HashSet<>();
      for (PrincipalName inner : members) {
        for (PrincipalName group : world.directGroups(inner)) {
          if (world.groupIsActive(group) && found.add(group)) {
            next.add(group);
          }
        }
      }
      members = next;
    }
    return found;
  }

  private long maskOf(PlainGrant grant, Kind kind) {
    Profile profile = world.profile();
    long mask = 0;
    boolean owner = false;
    if (grant.role().isEmpty()) {
      for (String permission : grant.permissions()) {
        mask |= profile.permission(permission).orElse(0) & kind.permissions();
      }
    } else if (profile.role(grant.role()).isPresent()) {
      Role role = profile.role(grant.role()).get();
      mask = role.masks().getOrDefault(kind.name(), 0L);
      owner = role.owner();
    }
    return grant.canUseData() || owner ? mask : mask & ~kind.dataPermissions();
  }

  private List<Kind> kindsAlong(ResourceName resource) {
    List<Kind> kinds = new ArrayList<>();
    for (int level = 0; level < resource.depth(); level++) {
      kinds.add(
          world
              .profile()
              .kindAt(resource, level)
              .orElseThrow(
                  () -> new IllegalArgumentException("resource: `" + resource + "` of no kind")));
    }
    return kinds;
  }

  private long neededFor(String action) {
    return world
        .profile()
        .verb(action)
        .orElseThrow(() -> new IllegalArgumentException("action: `" + action + "` is unknown"));
  }

  private void note(String format, Object... arguments) {
    steps.add(new Step(format, List.of(arguments)));
  }
}
