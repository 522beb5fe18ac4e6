package dev.modelgate.app.query;

import dev.modelgate.app.query.Explanation.Effect;
import dev.modelgate.app.query.Explanation.Kind;
import dev.modelgate.app.query.Explanation.Step;
import dev.modelgate.app.query.ShortestCover.Part;
import dev.modelgate.app.state.Dependencies;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.app.state.OrgContext;
import dev.modelgate.app.state.Subject;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Conditions.Truth;
import dev.modelgate.decision.Decider;
import dev.modelgate.decision.Facts;
import dev.modelgate.decision.HeldGrant;
import dev.modelgate.decision.TypeLayer;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.TypeRightRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Everything that is said about a caller and a resource, with where it stands and whom it names.
 * What a type right or deny rule comes to is asked of the gathering of a check, one at a time.
 */
final class Evidence {
  private final Reading reading;
  private final ResourceName resource;
  private final Subject subject;
  private final Facts facts;
  private final Conditions conditions;
  private final CallerPaths paths;
  private final long needed;
  private final long nowMicros;
  private final dev.modelgate.model.profile.Kind kind;

  /** What gives permissions now. */
  final List<Part<Step>> given = new ArrayList<>();

  /** What would, if the request had more attributes. */
  final List<Part<Step>> perhaps = new ArrayList<>();

  /** What gives needed permissions but does not count. */
  final List<Step> idle = new ArrayList<>();

  /** The privileges for the kind. */
  final List<Part<Step>> privileges = new ArrayList<>();

  /** The ceilings for the kind. */
  final List<Part<Step>> ceilings = new ArrayList<>();

  /** The deny rules that take needed permissions, or might. */
  final List<Step> denials = new ArrayList<>();

  Evidence(
      Reading reading,
      ExplainQuery query,
      Subject subject,
      Facts facts,
      Conditions conditions,
      CallerPaths paths,
      long needed,
      long nowMicros) {
    this.reading = reading;
    this.resource = query.resource();
    this.subject = subject;
    this.facts = facts;
    this.conditions = conditions;
    this.paths = paths;
    this.needed = needed;
    this.nowMicros = nowMicros;
    this.kind = facts.kinds().get(facts.kinds().size() - 1);
    for (int level = 0; level < resource.depth(); level++) {
      Optional<ResourceRow> row = reading.rows().resource(resource.relativePathAt(level));
      if (row.isPresent()) {
        addGrants(level, row.get().uid());
        addDenials(level, row.get().uid());
      }
    }
    subject.accounts().forEach(this::addRights);
  }

  private void addGrants(int level, Uid on) {
    for (Uid account : subject.accounts()) {
      Optional<GrantRow> row = reading.rows().grants(on, account);
      if (row.isPresent()) {
        row.get().grants().forEach(grant -> add(level, account, grant));
      }
    }
  }

  private void add(int level, Uid account, Grant grant) {
    HeldGrant held = Gathering.held(reading.org().profile(), level, grant);
    long mask = held.maskOn(kind);
    Truth truth =
        grant.condition().isEmpty() ? Truth.TRUE : conditions.evaluate(grant.condition()).truth();
    String idleFor = idleFor(level, held, truth);
    Effect effect =
        !idleFor.isEmpty()
            ? Effect.IDLE
            : truth == Truth.MISSING ? Effect.CONDITIONAL : Effect.ALLOWS;
    boolean inherited = level < resource.depth() - 1;
    Step step =
        new Step(
            Kind.GRANT,
            effect,
            resource.ancestor(level).text(),
            paths.to(account),
            held.role().map(role -> role.name()).orElse(""),
            names(mask & needed),
            grant.condition(),
            idleFor.isEmpty() && inherited ? "inherited from there" : idleFor);
    if (effect == Effect.IDLE) {
      if ((mask & needed) != 0) {
        idle.add(step);
      }
    } else {
      int length = paths.to(account).size() - 1 + resource.depth() - 1 - level;
      (effect == Effect.ALLOWS ? given : perhaps).add(new Part<>(mask, length, step));
    }
  }

  private String idleFor(int level, HeldGrant held, Truth truth) {
    if (nowMicros < held.notBeforeMicros()) {
      return "begins only at " + Micros.toInstant(held.notBeforeMicros());
    }
    if (!held.isLiveAt(nowMicros)) {
      return "ended at " + Micros.toInstant(held.expiresAtMicros());
    }
    if (!Decider.reaches(facts, level)) {
      return "not inherited by what was asked for";
    }
    return switch (truth) {
      case FALSE -> "the condition is false";
      case ERROR -> "the condition fails";
      case TRUE, MISSING -> "";
    };
  }

  private void addRights(Uid account) {
    Optional<TypeRightRow> row = reading.org().typeRights(account, kind.name());
    if (row.isEmpty()) {
      return;
    }
    for (TypeRightRow.Right right : row.get().rights()) {
      TypeLayer.Masks masks = layer(OneRule.right(reading.org(), row.get(), right)).on(kind);
      int length = paths.to(account).size() - 1;
      for (var effect : right.effects()) {
        switch (effect) {
          case ALLOWS -> addAllowing(account, right, masks.allowed(), length);
          case REQUIRES ->
              privileges.add(
                  new Part<>(
                      masks.privileges(),
                      length,
                      right(Kind.PRIVILEGE, account, right, masks.privileges(), "")));
          case BOUNDS ->
              ceilings.add(
                  new Part<>(
                      masks.ceiling(),
                      length,
                      right(Kind.CEILING, account, right, masks.ceiling(), "")));
        }
      }
    }
  }

  private void addAllowing(Uid account, TypeRightRow.Right right, long mask, int length) {
    long would = right.mask() & kind.permissions();
    if (mask != 0) {
      given.add(new Part<>(mask, length, right(Kind.TYPE_RIGHT, account, right, mask, "")));
    } else if ((would & needed) != 0) {
      idle.add(right(Kind.TYPE_RIGHT, account, right, would, "does not reach the resource's unit"));
    }
  }

  private Step right(Kind what, Uid account, TypeRightRow.Right right, long mask, String why) {
    return new Step(
        what,
        why.isEmpty() ? Effect.ALLOWS : Effect.IDLE,
        resource.text(),
        paths.to(account),
        right.depth().name(),
        names(mask & needed),
        "",
        why);
  }

  private void addDenials(int level, Uid scope) {
    for (DenyRuleRow rule : reading.org().denyRules(scope)) {
      for (TypeLayer.Denial denial : layer(OneRule.rule(reading.org(), rule)).denials()) {
        Truth truth =
            denial.condition().isEmpty()
                ? Truth.TRUE
                : conditions.evaluate(denial.condition()).truth();
        if ((denial.mask() & needed) != 0 && truth != Truth.FALSE) {
          denials.add(
              new Step(
                  Kind.DENY_RULE,
                  truth == Truth.MISSING ? Effect.CONDITIONAL : Effect.DENIES,
                  resource.ancestor(level).text(),
                  rule.principals().stream()
                      .filter(subject.accounts()::contains)
                      .findFirst()
                      .map(paths::to)
                      .orElse(List.of()),
                  rule.id(),
                  names(denial.mask() & needed),
                  rule.condition(),
                  truth == Truth.ERROR ? "the condition fails, so that it applies" : ""));
        }
      }
    }
  }

  private TypeLayer layer(OrgContext context) {
    return new Gathering(context, reading.rows(), new Dependencies(Uid.NONE))
        .gather(subject, resource)
        .layer();
  }

  private List<String> names(long mask) {
    return reading.org().profile().permissionNames(mask);
  }
}
