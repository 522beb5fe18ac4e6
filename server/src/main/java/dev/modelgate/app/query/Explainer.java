package dev.modelgate.app.query;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.query.Explanation.Effect;
import dev.modelgate.app.query.Explanation.Kind;
import dev.modelgate.app.query.Explanation.Step;
import dev.modelgate.app.query.ShortestCover.Part;
import dev.modelgate.app.state.Dependencies;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.app.state.Subject;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Bounds;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Decider;
import dev.modelgate.decision.Facts;
import dev.modelgate.decision.Reason;
import dev.modelgate.decision.TypeLayer;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Explains one answer. The answer itself is that of the gathering and the decision of a check; what
 * is said about it is looked up afterwards and never changes it.
 */
final class Explainer {
  private static final int STEPS_MAX = 16;

  private final Reading reading;
  private final ConditionLanguage language;
  private final ExplainQuery query;
  private final long needed;
  private final long nowMicros;
  private final List<Step> steps = new ArrayList<>();
  private long lacking;

  Explainer(
      Reading reading,
      ConditionLanguage language,
      ExplainQuery query,
      long needed,
      long nowMicros) {
    this.reading = reading;
    this.language = language;
    this.query = query;
    this.needed = needed;
    this.nowMicros = nowMicros;
  }

  /**
   * Explains.
   *
   * @param search looks for somebody who could help; empty when the asker may not know
   */
  Explanation explain(Optional<GranterSearch> search) {
    Gathering gathering = new Gathering(reading.org(), reading.rows(), new Dependencies(Uid.NONE));
    Subject subject = gathering.subject(query.principal());
    Facts facts = gathering.gather(subject, query.resource());
    Access access = Decider.decide(facts, nowMicros);
    Conditions conditions = conditions();
    Access.Outcome outcome =
        reading.isSuspended()
            ? Access.denied(Reason.SUSPENDED).outcome(needed, conditions)
            : access.outcome(needed, conditions);
    CallerPaths paths = new CallerPaths(reading, query.principal());
    if (access.blanket().isEmpty() && !reading.isSuspended()) {
      Evidence evidence =
          new Evidence(reading, query, subject, facts, conditions, paths, needed, nowMicros);
      derive(outcome, access, facts, evidence);
    } else {
      blanket(outcome.reason(), facts, paths);
    }
    long until =
        reading.isSuspended()
            ? Micros.NEVER
            : outcome.usesTime() ? nowMicros : access.untilMicros();
    return new Explanation(
        outcome.reason(),
        outcome.missing().stream().sorted().toList(),
        reading.org().token(),
        until,
        steps.subList(0, Math.min(STEPS_MAX, steps.size())),
        reading.org().profile().permissionNames(lacking),
        search.map(found -> found.forDenial(outcome.reason(), lacking)).orElse(List.of()));
  }

  /** The steps of an answer that rests on what is given and what stands in between. */
  private void derive(Access.Outcome outcome, Access access, Facts facts, Evidence evidence) {
    Bounds bounds = access.bounds();
    switch (outcome.reason()) {
      case Reason.NONE -> {
        List<Part<Step>> parts = new ArrayList<>(evidence.given);
        List<Step> chosen = ShortestCover.of(needed, parts);
        if (chosen.isEmpty()) {
          parts.addAll(evidence.perhaps);
          chosen = ShortestCover.of(needed, parts);
        }
        steps.addAll(chosen);
        letThrough(bounds, evidence);
        passed(access, facts, evidence);
        evidence.denials.stream()
            .filter(step -> step.effect() == Effect.CONDITIONAL)
            .forEach(steps::add);
      }
      case Reason.DENY_RULE ->
          evidence.denials.stream()
              .filter(step -> step.effect() == Effect.DENIES)
              .forEach(steps::add);
      case Reason.PRIVILEGE -> {
        lacking = needed & ~bounds.privileges();
        steps.add(lack(Kind.PRIVILEGE, "no privilege for the kind gives it"));
        evidence.privileges.forEach(part -> steps.add(part.what()));
      }
      case Reason.CEILING -> {
        lacking = needed & ~bounds.ceiling();
        steps.add(lack(Kind.CEILING, "no ceiling for the kind lets it through"));
        evidence.ceilings.forEach(part -> steps.add(part.what()));
      }
      case Reason.NO_GRANT, Reason.ACCESS -> {
        lacking = needed;
        evidence.given.forEach(part -> lacking &= ~part.mask());
        steps.add(lack(Kind.GRANT, notGiven(outcome.reason(), facts)));
        steps.addAll(evidence.idle);
        evidence.given.forEach(part -> steps.add(part.what()));
      }
      default -> closed(access, facts);
    }
  }

  private String notGiven(String reason, Facts facts) {
    var kind = facts.kinds().get(facts.kinds().size() - 1);
    if ((lacking & ~kind.permissions()) != 0) {
      return "a resource of kind `" + kind.name() + "` has no such permission";
    }
    return reason.equals(Reason.NO_GRANT)
        ? "nothing is granted to the caller here"
        : "what is granted to the caller here does not give it";
  }

  private Step lack(Kind kind, String why) {
    List<String> names = reading.org().profile().permissionNames(lacking);
    return new Step(kind, Effect.DENIES, query.resource().text(), List.of(), "", names, "", why);
  }

  /** The privileges and ceilings that an allowed action needs. */
  private void letThrough(Bounds bounds, Evidence evidence) {
    if (bounds.privileges() != ~0L) {
      steps.addAll(ShortestCover.of(needed, evidence.privileges));
    }
    if (bounds.ceiling() != ~0L) {
      steps.addAll(ShortestCover.of(needed, evidence.ceilings));
    }
  }

  /** The closed gates that the caller passes, perhaps only where a condition holds. */
  private void passed(Access access, Facts facts, Evidence evidence) {
    long held = 0;
    for (Part<Step> part : evidence.given) {
      held |= part.mask();
    }
    for (TypeLayer.ClosedGate gate : facts.layer().gates()) {
      if ((gate.mask() & needed) != 0) {
        boolean byOwning =
            access.bounds().gates().stream()
                .noneMatch(closed -> closed.reason().equals(gate.reason()));
        List<String> unless = reading.org().profile().permissionNames(held & gate.unless());
        boolean perhaps = !byOwning && unless.isEmpty();
        if (perhaps) {
          evidence.perhaps.stream()
              .filter(part -> (part.mask() & gate.unless()) != 0 && !steps.contains(part.what()))
              .forEach(part -> steps.add(part.what()));
        }
        String why =
            byOwning
                ? "owners pass it"
                : perhaps
                    ? "passed where a condition holds"
                    : "passed with " + String.join(", ", unless);
        steps.add(gate(gate, perhaps ? Effect.CONDITIONAL : Effect.ALLOWS, why));
      }
    }
  }

  /** The first gate that denies. */
  private void closed(Access access, Facts facts) {
    String reason = access.outcome(needed, conditions()).reason();
    for (TypeLayer.ClosedGate gate : facts.layer().gates()) {
      if (gate.reason().equals(reason) && (gate.mask() & needed) != 0) {
        List<String> unless = reading.org().profile().permissionNames(gate.unless());
        steps.add(
            gate(
                gate,
                Effect.DENIES,
                unless.isEmpty()
                    ? "closed by the state of the resource"
                    : "closed by the state of the resource but to holders of "
                        + String.join(" or ", unless)));
      }
    }
  }

  private Step gate(TypeLayer.ClosedGate gate, Effect effect, String why) {
    return new Step(
        Kind.GATE,
        effect,
        query.resource().ancestor(gate.level()).text(),
        List.of(),
        gate.reason(),
        reading.org().profile().permissionNames(gate.mask() & needed),
        "",
        why);
  }

  /** The steps of an answer that is the same for every action. */
  private void blanket(String reason, Facts facts, CallerPaths paths) {
    switch (reason) {
      case Reason.SUSPENDED -> suspended(paths);
      case Reason.UNKNOWN_RESOURCE -> {
        for (int level = 0; level < facts.kinds().size(); level++) {
          if (facts.kinds().get(level).needsRecord() && row(level).isEmpty()) {
            steps.add(step(Kind.RESOURCE, query.resource().ancestor(level), "has no record"));
          }
        }
      }
      case Reason.PRINCIPAL_UNKNOWN ->
          steps.add(
              principal(
                  List.of(query.principal().toString()), "is not in the directory, a strict one"));
      default -> {
        boolean deleted = reading.rows().principal(query.principal()).isEmpty();
        steps.add(
            principal(
                List.of(query.principal().toString()), deleted ? "is deleted" : "is disabled"));
      }
    }
  }

  private void suspended(CallerPaths paths) {
    ResourceName resource = query.resource();
    if (reading.isSuspended()) {
      steps.add(step(Kind.SUSPENSION, resource.ancestor(0), "the whole organization is suspended"));
    }
    for (Uid uid : paths.all()) {
      if (reading.org().isPrincipalSuspended(uid)) {
        steps.add(
            new Step(
                Kind.SUSPENSION,
                Effect.DENIES,
                resource.ancestor(0).text(),
                paths.to(uid),
                "",
                List.of(),
                "",
                "suspended"));
      }
    }
    for (int level = 0; level < resource.depth(); level++) {
      if (row(level).filter(row -> reading.org().isResourceSuspended(row.uid())).isPresent()) {
        steps.add(step(Kind.SUSPENSION, resource.ancestor(level), "suspended"));
      }
    }
  }

  private Optional<ResourceRow> row(int level) {
    return reading.rows().resource(query.resource().relativePathAt(level));
  }

  private Step principal(List<String> path, String why) {
    return new Step(
        Kind.PRINCIPAL,
        Effect.DENIES,
        query.resource().ancestor(0).text(),
        path,
        "",
        List.of(),
        "",
        why);
  }

  private static Step step(Kind kind, ResourceName on, String why) {
    return new Step(kind, Effect.DENIES, on.text(), List.of(), "", List.of(), "", why);
  }

  private Conditions conditions() {
    return language.at(
        new ConditionLanguage.Request(
            query.principal().toString(),
            query.resource().text(),
            nowMicros,
            query.context().attributes()));
  }
}
