package dev.modelgate.decision;

import dev.modelgate.decision.Conditions.Truth;
import dev.modelgate.decision.ReferenceWorld.PlainDenyRule;
import dev.modelgate.decision.ReferenceWorld.PlainState;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Gate;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Switches;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
   * @param conditional whether it turns on attributes that the request does not have
   * @param reason the first denied link's reason, from {@link Reason} or a gate; else empty
   * @param deniedLink the first denied link; empty when none is, or when it is the principal itself
   * @param steps how it came about
   */
  public record Verdict(
      boolean allowed, boolean conditional, String reason, String deniedLink, List<Step> steps) {
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

  /** What is assumed of a condition whose attributes are missing. */
  private enum Missing {
    COUNTS_AGAINST,
    COUNTS_FOR,
    COUNTS_NOT
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
    List<PrincipalName> links = new ArrayList<>(List.of(principal));
    links.addAll(chain);
    String reason = Reason.NONE;
    String deniedLink = "";
    boolean conditional = false;
    for (int i = 0; i < links.size() && reason.isEmpty(); i++) {
      PrincipalName link = links.get(i);
      if (evaluator.denialOf(link, resource, action, Missing.COUNTS_AGAINST).isEmpty()) {
        continue;
      }
      if (evaluator.denialOf(link, resource, action, Missing.COUNTS_FOR).isEmpty()) {
        conditional = true;
      } else {
        reason = evaluator.denialOf(link, resource, action, Missing.COUNTS_NOT);
        deniedLink = i == 0 ? "" : link.toString();
      }
    }
    boolean denied = !reason.isEmpty();
    return new Verdict(
        !denied && !conditional, !denied && conditional, reason, deniedLink, evaluator.steps);
  }

  /** Why one link is denied under an assumption; empty when it is allowed. */
  private String denialOf(
      PrincipalName caller, ResourceName resource, String action, Missing assumption) {
    List<Kind> kinds = kindsAlong(resource);
    String denial = blanketDenial(caller, resource, kinds);
    if (denial.isEmpty()) {
      ReferenceHoldings holdings =
          new ReferenceHoldings(
              world,
              caller,
              resource,
              kinds,
              nowMicros,
              condition -> holds(caller, condition, assumption == Missing.COUNTS_FOR),
              this::note);
      denial =
          denialBeside(
              holdings,
              caller,
              resource,
              neededFor(action, kinds.get(kinds.size() - 1)),
              kinds,
              assumption);
    }
    note("%s %s on %s: %s", caller, action, resource, denial.isEmpty() ? "allowed" : denial);
    return denial;
  }

  /** Steps 0 to 2: why nothing at all is allowed, whatever is granted. */
  private String blanketDenial(PrincipalName caller, ResourceName resource, List<Kind> kinds) {
    if (world.organizationRestricted()) {
      return Reason.RESTRICTED;
    }
    if (new ReferenceSuspensions(world, this::note).isSuspended(caller, resource)) {
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
        boolean open =
            world.profile().switches().directory() == Switches.Directory.OPEN
                && caller.kind() != PrincipalKind.LINK;
        yield open ? Reason.NONE : Reason.PRINCIPAL_UNKNOWN;
      }
    };
  }

  /** Steps 4 to 7. */
  private String denialBeside(
      ReferenceHoldings holdings,
      PrincipalName caller,
      ResourceName resource,
      long needed,
      List<Kind> kinds,
      Missing assumption) {
    Kind kind = kinds.get(kinds.size() - 1);
    long denied = 0;
    for (int level = 0; level < resource.depth(); level++) {
      for (PlainDenyRule rule : world.denyRules(resource.ancestor(level))) {
        boolean excepted = rule.exceptions().stream().anyMatch(holdings::includes);
        if (!excepted
            && rule.principals().stream().anyMatch(holdings::includes)
            && denies(caller, rule, assumption == Missing.COUNTS_AGAINST)) {
          denied |= bits(rule.permissions());
          note("a deny rule on %s for %s", resource.ancestor(level), rule.principals());
        }
      }
    }
    if ((needed & denied) != 0) {
      return Reason.DENY_RULE;
    }
    long privileges =
        kind.privileges() == Kind.Privileges.REQUIRED ? holdings.typeRights(Effect.REQUIRES) : ~0L;
    if ((needed & ~privileges) != 0) {
      return Reason.PRIVILEGE;
    }
    boolean bounded =
        kind.ceilings() == Kind.Ceilings.REQUIRED
            || kind.ceilings() == Kind.Ceilings.IF_ANY && holdings.hasCeiling();
    long ceiling = bounded ? holdings.typeRights(Effect.BOUNDS) : ~0L;
    if ((needed & ~ceiling) != 0) {
      return Reason.CEILING;
    }
    long held = holdings.granted() | holdings.typeRights(Effect.ALLOWS);
    if ((held & needed) != needed) {
      return held == 0 ? Reason.NO_GRANT : Reason.ACCESS;
    }
    return gateAgainst(holdings, resource, needed, held & ~denied & privileges & ceiling, kinds);
  }

  /** Step 7. */
  private String gateAgainst(
      ReferenceHoldings holdings, ResourceName resource, long needed, long held, List<Kind> kinds) {
    for (Gate gate : world.profile().states().gates()) {
      for (int level = 0; level < kinds.size(); level++) {
        ResourceName at = resource.ancestor(level);
        boolean passes = (held & gate.unless()) != 0 || gate.exemptsOwner() && holdings.owns(at);
        if (world.isRegistered(at)
            && isClosed(gate, kinds.get(level), world.state(at))
            && (needed & gate.closes()) != 0
            && !passes) {
          note("%s closes a gate: %s", at, gate.reason());
          return gate.reason();
        }
      }
    }
    return Reason.NONE;
  }

  private boolean isClosed(Gate gate, Kind kind, PlainState state) {
    boolean meant =
        gate.kinds().contains(kind.name())
            && (gate.types().isEmpty() || gate.types().contains(state.type()));
    for (Map.Entry<String, Boolean> flag : gate.flags().entrySet()) {
      meant &= state.flags().contains(flag.getKey()) == flag.getValue();
    }
    for (Map.Entry<String, Boolean> feature : gate.features().entrySet()) {
      meant &= world.isFeatureOn(feature.getKey()) == feature.getValue();
    }
    return meant;
  }

  private boolean holds(PrincipalName caller, String condition, boolean missingHolds) {
    if (condition.isEmpty()) {
      return true;
    }
    Truth truth = world.conditions(caller).evaluate(condition).truth();
    note("condition %s: %s", condition, truth);
    return truth == Truth.TRUE || truth == Truth.MISSING && missingHolds;
  }

  private boolean denies(PrincipalName caller, PlainDenyRule rule, boolean missingHolds) {
    return holds(caller, rule.condition(), missingHolds)
        || world.conditions(caller).evaluate(rule.condition()).truth() == Truth.ERROR;
  }

  private long bits(Set<String> permissions) {
    long mask = 0;
    for (String permission : permissions) {
      mask |= world.profile().permission(permission).orElse(0);
    }
    return mask;
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

  private long neededFor(String action, Kind kind) {
    return world
        .profile()
        .action(action)
        .map(verb -> verb.on(kind))
        .orElseThrow(() -> new IllegalArgumentException("action: `" + action + "` is unknown"));
  }

  private void note(String format, Object... arguments) {
    steps.add(new Step(format, List.of(arguments)));
  }
}
