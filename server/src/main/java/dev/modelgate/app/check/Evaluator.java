package dev.modelgate.app.check;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.state.Dependencies;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Decider;
import dev.modelgate.decision.Facts;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import java.util.List;

/**
 * Evaluates one (principal, model) from the rows of one published state; parses and validates the
 * raw names first.
 */
final class Evaluator {
  private final String defaultParent;
  private final ConditionLanguage language;

  Evaluator(String defaultParent, ConditionLanguage language) {
    this.defaultParent = defaultParent;
    this.language = language;
  }

  /**
   * Evaluates what the caller may do on the resource.
   *
   * @throws dev.modelgate.model.InvalidNameException when a name is not canonical
   * @throws dev.modelgate.model.RefusedException KIND_NOT_ALLOWED for a principal that cannot call,
   *     UNKNOWN_KIND
   * @throws dev.modelgate.store.StoreException when a row cannot be read; nothing may be cached
   *     then
   */
  CacheEntry evaluate(Published state, OrgState org, CacheKey key, long nowMicros) {
    return evaluate(state, org, key, List.of(), nowMicros);
  }

  /**
   * The same for a caller who claims groups; nothing of it may be cached under the key.
   *
   * @param claimed by their names in the directory
   */
  CacheEntry evaluate(
      Published state, OrgState org, CacheKey key, List<PrincipalName> claimed, long nowMicros) {
    PrincipalName caller = caller(key.principal());
    ResourceName resource = resource(key.model());
    Dependencies dependencies = new Dependencies(org.uid());
    Facts facts =
        new Gathering(org, state.rows(org), dependencies).gather(caller, claimed, resource);
    Access access = Decider.decide(facts, nowMicros);
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
