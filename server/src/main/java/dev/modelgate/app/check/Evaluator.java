package dev.modelgate.app.check;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.state.Dependencies;
import dev.modelgate.app.state.FactCache;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.PathFacts;
import dev.modelgate.app.state.Published;
import dev.modelgate.app.state.Subject;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Decider;
import dev.modelgate.decision.Facts;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.row.OrgRows;
import java.util.List;
import java.util.function.Function;

/**
 * Evaluates one (principal, model) from the rows of one published state; parses and validates the
 * raw names first.
 */
final class Evaluator {
  private final String defaultParent;
  private final ConditionLanguage language;
  private final FactCache facts;
  private final Function<String, ResourceName> resources = this::resource;

  Evaluator(String defaultParent, ConditionLanguage language, FactCache facts) {
    this.defaultParent = defaultParent;
    this.language = language;
    this.facts = facts;
  }

  /**
   * Evaluates what the caller may do on the resource. With claims nothing of it may be cached under
   * the key.
   *
   * @param rows those of the organization in that state
   * @param claimed the groups that the caller claims, by their names in the directory
   * @throws dev.modelgate.model.InvalidNameException when a name is not canonical
   * @throws dev.modelgate.model.RefusedException KIND_NOT_ALLOWED for a principal that cannot call,
   *     UNKNOWN_KIND
   * @throws dev.modelgate.store.StoreException when a row cannot be read; nothing may be cached
   *     then
   */
  CacheEntry evaluate(
      Published state,
      OrgState org,
      OrgRows rows,
      CacheKey key,
      List<PrincipalName> claimed,
      long nowMicros) {
    Dependencies dependencies = new Dependencies(org.uid());
    FactCache.Lens lens = facts.at(state, org, rows);
    Gathering gathering = lens.gathering(dependencies);
    Subject subject = lens.subject(key.principal(), Evaluator::caller, dependencies);
    PathFacts path = lens.path(key.model(), resources, subject.accounts().size(), dependencies);
    Facts gathered =
        gathering.gather(claimed.isEmpty() ? subject : gathering.claiming(subject, claimed), path);
    return entry(state, gathered, dependencies, nowMicros);
  }

  /** The same from the rows alone, for an organization whose remembered answers were wrong once. */
  CacheEntry evaluateAfresh(
      Published state,
      OrgState org,
      OrgRows rows,
      CacheKey key,
      List<PrincipalName> claimed,
      long nowMicros) {
    Dependencies dependencies = new Dependencies(org.uid());
    Facts gathered =
        new Gathering(org, rows, dependencies)
            .gather(caller(key.principal()), claimed, resource(key.model()));
    return entry(state, gathered, dependencies, nowMicros);
  }

  private static CacheEntry entry(
      Published state, Facts gathered, Dependencies dependencies, long nowMicros) {
    Access access = Decider.decide(gathered, nowMicros);
    return new CacheEntry(access, state.sequence(), dependencies.stripes());
  }

  /** Refuses malformed names of a question that is answered without looking at them. */
  void requireNames(Question question) {
    caller(question.principal());
    question.actingThrough().forEach(Evaluator::link);
    resource(question.model());
  }

  /** The resource behind a raw name. */
  ResourceName resource(String model) {
    return ResourceName.complete(model, defaultParent);
  }

  /** What conditions come to for one link of a question. */
  Conditions conditions(String link, Question question, long nowMicros) {
    return language.at(
        new ConditionLanguage.Request(
            link, resource(question.model()).toString(), nowMicros, question.request().context()));
  }

  /** The caller behind a raw name. */
  static PrincipalName caller(String principal) {
    PrincipalName name = PrincipalName.parse(principal);
    if (!name.kind().canCall()) {
      throw Refusal.ofField(
              Fault.KIND_NOT_ALLOWED,
              "principal",
              principal,
              "a user, serviceAccount, app or link, or anonymous")
          .asException();
    }
    return name;
  }

  /** The link of a chain behind a raw name: an account of its own. */
  static PrincipalName link(String principal) {
    PrincipalName name = caller(principal);
    if (name.kind() == PrincipalKind.LINK || name.kind() == PrincipalKind.ANONYMOUS) {
      throw Refusal.ofField(
              Fault.KIND_NOT_ALLOWED, "acting_through", principal, "a user, serviceAccount or app")
          .asException();
    }
    return name;
  }
}
