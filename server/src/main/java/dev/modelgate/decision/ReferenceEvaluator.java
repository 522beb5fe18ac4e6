package dev.modelgate.decision;

import dev.modelgate.decision.Conditions.Truth;
import dev.modelgate.decision.ReferenceWorld.Account;
import dev.modelgate.decision.ReferenceWorld.PlainDenyRule;
import dev.modelgate.decision.ReferenceWorld.PlainGrant;
import dev.modelgate.decision.ReferenceWorld.PlainTypeRight;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Gate;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Role;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.model.profile.Verb;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The decision a second time, as plainly as it can be said: what the sampled recheck (hazard 9) and
 * the property tests hold the fast path against.
 *
 * <p>It shares nothing with {@link Decider} and what feeds it, knows names and no uids, looks at
 * one link, one action and one assumption at a time, and keeps nothing. It is meant to be read next
 * to the section "Decision" of the model.
 */
public final class ReferenceEvaluator {
  private static final int NESTING_MAX = 32;

  private final ReferenceWorld world;
  private final PrincipalName caller;
  private final ResourceName resource;
  private final long nowMicros;
  private final Missing assumed;
  private final List<Supplier<String>> steps;
  private final List<Kind> kinds = new ArrayList<>();
  private final Kind kind;
  private final Set<PrincipalName> groups;

  /**
   * Whom a claim alone has made a recipient is no exception, widens no ceiling, and administers
   * nothing (hazard 18).
   */
  private final Set<PrincipalName> unclaimed;

  private final Set<PrincipalName> recipients;

  /** What is assumed of a condition whose attributes are missing. */
  private enum Missing {
    COUNTS_AGAINST,
    COUNTS_FOR,
    COUNTS_NOT
  }

  private ReferenceEvaluator(
      ReferenceWorld world,
      PrincipalName caller,
      ResourceName resource,
      long nowMicros,
      Missing assumed,
      List<Supplier<String>> steps) {
    this.world = world;
    this.caller = caller;
    this.resource = resource;
    this.nowMicros = nowMicros;
    this.assumed = assumed;
    this.steps = steps;
    for (int level = 0; level < resource.depth(); level++) {
      Optional<Kind> at = world.profile().kindAt(resource, level);
      kinds.add(at.orElseThrow(() -> new IllegalArgumentException(resource + " is of no kind")));
    }
    this.kind = kinds.get(kinds.size() - 1);
    this.groups = activeGroups(world.directGroups(caller));
    this.unclaimed = recipients();
    this.recipients = recipients();
    this.recipients.addAll(activeGroups(world.claimedGroups(caller)));
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
    Verb verb =
        world.profile().action(action).orElseThrow(() -> new IllegalArgumentException(action));
    List<Supplier<String>> steps = new ArrayList<>();
    List<PrincipalName> links = new ArrayList<>(List.of(principal));
    links.addAll(chain);
    boolean conditional = false;
    for (int i = 0; i < links.size(); i++) {
      String[] denials = new String[Missing.values().length];
      for (Missing assumed : Missing.values()) {
        denials[assumed.ordinal()] =
            new ReferenceEvaluator(world, links.get(i), resource, nowMicros, assumed, steps)
                .denial(verb);
      }
      boolean allowed = denials[Missing.COUNTS_AGAINST.ordinal()].isEmpty();
      boolean perhaps = denials[Missing.COUNTS_FOR.ordinal()].isEmpty();
      if (!allowed && !perhaps) {
        String link = i == 0 ? "" : links.get(i).toString();
        return new Verdict(false, false, denials[Missing.COUNTS_NOT.ordinal()], link, steps);
      }
      conditional |= !allowed;
    }
    return new Verdict(!conditional, conditional, Reason.NONE, "", steps);
  }

  /** Steps 0 to 8: why the caller is denied; empty when it is allowed. */
  private String denial(Verb verb) {
    long needed = verb.on(kind);
    String denial = blanketDenial();
    if (denial.isEmpty()) {
      long denied = deniedMask();
      boolean free = kind.privileges() == Kind.Privileges.NONE;
      long privileges = free ? ~0L : rights(Effect.REQUIRES, recipients);
      long ceiling = ceiling(unclaimed, kind.ceilings() == Kind.Ceilings.REQUIRED);
      for (PrincipalName claimed : recipients) {
        // Each by itself: a claim lowers what others let through, and widens nothing.
        ceiling &= unclaimed.contains(claimed) ? ~0L : ceiling(Set.of(claimed), false);
      }
      long held = granted() | rights(Effect.ALLOWS, recipients);
      if ((needed & denied) != 0) {
        denial = Reason.DENY_RULE;
      } else if ((needed & ~privileges) != 0) {
        denial = Reason.PRIVILEGE;
      } else if ((needed & ~ceiling) != 0) {
        denial = Reason.CEILING;
      } else if ((needed & ~held) != 0) {
        denial = held == 0 ? Reason.NO_GRANT : Reason.ACCESS;
      } else {
        denial = gateAgainst(needed, held & ~denied & privileges & ceiling);
      }
    }
    note("%s on %s, missing attributes %s: %s", caller, resource, assumed, denial);
    return denial;
  }

  /** Steps 0 to 2: why nothing at all is allowed, whatever is granted. */
  private String blanketDenial() {
    if (world.organizationRestricted()) {
      return Reason.RESTRICTED;
    }
    if (isSuspended()) {
      return Reason.SUSPENDED;
    }
    for (int level = 0; level < kinds.size(); level++) {
      if (kinds.get(level).needsRecord() && !world.isRegistered(resource.ancestor(level))) {
        return Reason.UNKNOWN_RESOURCE;
      }
    }
    boolean open = world.profile().switches().directory() == Switches.Directory.OPEN;
    if (caller.kind() == PrincipalKind.ANONYMOUS) {
      return Reason.NONE;
    }
    return switch (world.account(caller)) {
      case ACTIVE -> Reason.NONE;
      case DISABLED, DELETED -> Reason.PRINCIPAL_INACTIVE;
      case ABSENT ->
          open && caller.kind() != PrincipalKind.LINK ? Reason.NONE : Reason.PRINCIPAL_UNKNOWN;
    };
  }

  /** Step 0. A disabled group passes nothing on, but its suspension still hits its members. */
  private boolean isSuspended() {
    Set<PrincipalName> named = new LinkedHashSet<>(groups);
    named.addAll(world.claimedGroups(caller));
    named.addAll(activeGroups(world.claimedGroups(caller)));
    named.add(caller);
    List.copyOf(named).forEach(member -> named.addAll(world.directGroups(member)));
    boolean suspended =
        world.organizationSuspended() || named.stream().anyMatch(world::isSuspended);
    for (int level = 0; level < resource.depth(); level++) {
      suspended |= world.isSuspended(resource.ancestor(level));
    }
    return suspended;
  }

  /** Of those groups the active ones, and all that hold them through active groups only. */
  private Set<PrincipalName> activeGroups(Set<PrincipalName> direct) {
    Set<PrincipalName> found = new LinkedHashSet<>();
    Set<PrincipalName> next = new LinkedHashSet<>(direct);
    for (int depth = 0; depth < NESTING_MAX; depth++) {
      next.removeIf(group -> !world.groupIsActive(group) || !found.add(group));
      Set<PrincipalName> members = Set.copyOf(next);
      next.clear();
      members.forEach(member -> next.addAll(world.directGroups(member)));
    }
    return found;
  }

  /** Step 3: everything that a grant or a rule can name and mean the caller. */
  private Set<PrincipalName> recipients() {
    boolean known = world.account(caller) == Account.ACTIVE;
    boolean open = world.profile().switches().isolation() == Switches.Isolation.OPEN;
    boolean authenticated =
        caller.kind() != PrincipalKind.ANONYMOUS && caller.kind() != PrincipalKind.LINK;
    Set<PrincipalName> names = new LinkedHashSet<>();
    if (open) {
      names.add(PrincipalName.ALL_USERS);
    }
    if (open && authenticated) {
      names.add(PrincipalName.ALL_AUTHENTICATED_USERS);
    }
    if (known) {
      names.add(caller);
      names.addAll(groups);
    }
    if (known && authenticated) {
      names.add(PrincipalName.organization(resource.organizationId()));
    }
    if (known && authenticated && open && !caller.emailDomain().isEmpty()) {
      names.add(new PrincipalName(PrincipalKind.DOMAIN, caller.emailDomain()));
    }
    return names;
  }

  /** Step 4. A deny rule whose condition errors applies. */
  private long deniedMask() {
    long denied = 0;
    for (int level = 0; level < resource.depth(); level++) {
      for (PlainDenyRule rule : world.denyRules(resource.ancestor(level))) {
        boolean excepted = rule.exceptions().stream().anyMatch(unclaimed::contains);
        boolean meant = rule.principals().stream().anyMatch(recipients::contains);
        if (meant && !excepted && holds(rule.condition(), Missing.COUNTS_AGAINST, Truth.ERROR)) {
          denied |= bits(rule.permissions());
          note("deny rule on %s: %s", resource.ancestor(level), rule);
        }
      }
    }
    return denied;
  }

  /** Steps 5 and 6: the union of the caller's type rights for the kind that have that effect. */
  private long rights(Effect effect, Set<PrincipalName> holders) {
    long mask = 0;
    for (PrincipalName holder : holders) {
      long withheld = effect == Effect.BOUNDS ? 0 : withheldFrom(holder);
      for (PlainTypeRight right : world.typeRights(holder, kind.name())) {
        boolean reaches = effect != Effect.ALLOWS || reaches(holder, right);
        if (right.effects().contains(effect) && reaches) {
          mask |= bits(right.permissions()) & kind.permissions() & ~withheld;
          note("type right of %s: %s", holder, right);
        }
      }
    }
    return mask;
  }

  /** What reaches the caller through a claim decides nothing about others. */
  private long withheldFrom(PrincipalName recipient) {
    return unclaimed.contains(recipient) ? 0 : world.profile().administration();
  }

  /** The union of their ceilings; everything where there is none and none is required. */
  private long ceiling(Set<PrincipalName> holders, boolean required) {
    boolean bounded =
        holders.stream()
            .flatMap(holder -> world.typeRights(holder, kind.name()).stream())
            .anyMatch(right -> right.effects().contains(Effect.BOUNDS));
    boolean counts = kind.ceilings() != Kind.Ceilings.NONE && (bounded || required);
    return counts ? rights(Effect.BOUNDS, holders) : ~0L;
  }

  private boolean reaches(PrincipalName holder, PlainTypeRight right) {
    int level = kinds.size() - 1;
    while (level > 0
        && (!world.isRegistered(resource.ancestor(level)) || !kinds.get(level).sharing().owned())) {
      level--;
    }
    ResourceName at = resource.ancestor(level);
    UnitName there = world.state(at).unit();
    UnitName own =
        world.unit(holder).equals(UnitName.ROOT) ? world.unit(caller) : world.unit(holder);
    return switch (right.depth()) {
      case OWN -> owns(at);
      case UNIT -> owns(at) || own.equals(there);
      case SUBTREE -> owns(at) || own.contains(there);
      case ORGANIZATION -> true;
    };
  }

  /** Whether the caller owns that resource itself; ownership is not inherited. */
  private boolean owns(ResourceName at) {
    return recipients.stream()
        .flatMap(recipient -> world.grants(at, recipient).stream())
        .anyMatch(grant -> isLive(grant) && isOwner(grant));
  }

  /** Step 6 without type rights: what grants give, here and on ancestors that are inherited. */
  private long granted() {
    long held = 0;
    boolean inherits = true;
    for (int level = kinds.size() - 1; level >= 0 && inherits; level--) {
      for (PrincipalName recipient : recipients) {
        for (PlainGrant grant : world.grants(resource.ancestor(level), recipient)) {
          if (isLive(grant) && holds(grant.condition(), Missing.COUNTS_FOR, Truth.TRUE)) {
            held |= maskOf(grant) & ~withheldFrom(recipient);
            note("%s has on %s %s", recipient, resource.ancestor(level), grant);
          }
        }
      }
      inherits = kinds.get(level).inherits();
    }
    return held;
  }

  private long maskOf(PlainGrant grant) {
    Optional<Role> role = world.profile().role(grant.role());
    long mask =
        grant.role().isEmpty()
            ? bits(grant.permissions()) & kind.permissions()
            : role.map(r -> r.maskOn(kind)).orElse(0L);
    if (!grant.canUseData() && !isOwner(grant)) {
      mask &= ~kind.dataPermissions();
    }
    boolean shares =
        grant.canShare()
            || isOwner(grant) && kind.sharing().ownersShare()
            || !kind.sharing().honoursCanShare();
    return shares ? mask : mask & ~kind.sharePermissions();
  }

  private boolean isOwner(PlainGrant grant) {
    return world.profile().role(grant.role()).filter(Role::owner).isPresent();
  }

  private boolean isLive(PlainGrant grant) {
    return grant.notBeforeMicros() <= nowMicros && nowMicros < grant.expiresAtMicros();
  }

  /** Step 7. */
  private String gateAgainst(long needed, long held) {
    for (Gate gate : world.profile().states().gates()) {
      for (int level = 0; level < kinds.size(); level++) {
        ResourceName at = resource.ancestor(level);
        boolean passes = (held & gate.unless()) != 0 || gate.exemptsOwner() && owns(at);
        if ((needed & gate.closes()) != 0 && !passes && isClosed(gate, level)) {
          note("%s closes a gate: %s", at, gate.reason());
          return gate.reason();
        }
      }
    }
    return Reason.NONE;
  }

  private boolean isClosed(Gate gate, int level) {
    ReferenceWorld.PlainState state = world.state(resource.ancestor(level));
    return world.isRegistered(resource.ancestor(level))
        && gate.kinds().contains(kinds.get(level).name())
        && (gate.types().isEmpty() || gate.types().contains(state.type()))
        && gate.flags().entrySet().stream()
            .allMatch(flag -> state.flags().contains(flag.getKey()) == flag.getValue())
        && gate.features().entrySet().stream()
            .allMatch(feature -> world.isFeatureOn(feature.getKey()) == feature.getValue());
  }

  /** Whether a condition counts: it holds, misses attributes as assumed, or comes to {@code or}. */
  private boolean holds(String condition, Missing assumption, Truth or) {
    if (condition.isEmpty()) {
      return true;
    }
    Truth truth = world.conditions(caller).evaluate(condition).truth();
    note("condition %s: %s", condition, truth);
    return truth == Truth.TRUE || truth == or || truth == Truth.MISSING && assumed == assumption;
  }

  private long bits(Set<String> permissions) {
    return permissions.stream()
        .mapToLong(permission -> world.profile().permission(permission).orElse(0))
        .reduce(0, (one, other) -> one | other);
  }

  private void note(String format, Object... arguments) {
    steps.add(() -> String.format(Locale.ROOT, format, arguments));
  }
}
