package dev.modelgate.app.query;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.state.Dependencies;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.app.state.Subject;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Conditions.Truth;
import dev.modelgate.decision.Decider;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.store.row.PrincipalUidRow;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One page of the principals who may do something to a resource, by uid. Each is decided by the
 * gathering and the decision of a check; a set of accounts by those of somebody of whom no more is
 * known than that he is in it.
 */
final class PrincipalLookup {
  /** The most sets whose decision is remembered for their members. */
  private static final int REMEMBERED_MAX = 4_096;

  private final Reading reading;
  private final ConditionLanguage language;
  private final PrincipalQuery query;
  private final long needed;
  private final LookupWalk walk;
  private final long nowMicros;
  private final RememberedRows rows;
  private final Map<Uid, Boolean> allowedSets = new HashMap<>();

  /**
   * Begins a page.
   *
   * @param needed the permissions that the action needs
   */
  PrincipalLookup(
      Reading reading,
      ConditionLanguage language,
      PrincipalQuery query,
      long needed,
      LookupWalk walk,
      long nowMicros) {
    this.reading = reading;
    this.language = language;
    this.query = query;
    this.needed = needed;
    this.walk = walk;
    this.nowMicros = nowMicros;
    this.rows = new RememberedRows(reading.rows(), Map.of());
  }

  LookupPage page() {
    if (!reading.isSuspended()) {
      List<Kind> kinds = Gathering.kinds(reading.profile(), query.resource());
      new PrincipalCandidates(reading, rows, query.resource(), kinds.get(kinds.size() - 1))
          .each(walk.resumed().orElse(Uid.NONE), this::look);
    }
    return walk.page();
  }

  private boolean look(Uid uid) {
    if (!walk.take(uid)) {
      return false;
    }
    PrincipalUidRow named = reading.names().principal(uid);
    if (!named.isDeleted()) {
      boolean listed = !uid.isSet() || !query.expand() || !hasRecordedMembers(named.name());
      Optional<Subject> subject =
          uid.isSet()
              ? gathering().member(named.name(), uid)
              : Optional.of(gathering().subject(named.name()));
      if (listed && subject.isPresent()) {
        look(uid, named.name(), subject.get());
      }
    }
    return true;
  }

  private void look(Uid uid, PrincipalName name, Subject subject) {
    Access access = access(subject);
    Access.Outcome outcome = access.outcome(needed, conditions(access, name));
    walk.decided(access, outcome);
    boolean leftOut =
        !outcome.reason().isEmpty()
            || !(query.expand() && !uid.isSet()) && isInAnAllowedSet(uid, subject);
    if (!leftOut) {
      walk.show(name.toString(), outcome);
    }
  }

  private boolean isInAnAllowedSet(Uid uid, Subject subject) {
    for (Uid account : subject.accounts()) {
      if (account.isSet() && !account.equals(uid) && isAllowed(account)) {
        return true;
      }
    }
    return false;
  }

  private boolean isAllowed(Uid set) {
    Boolean known = allowedSets.get(set);
    if (known == null) {
      PrincipalName name = reading.names().principal(set).name();
      Optional<Access> access = gathering().member(name, set).map(this::access);
      known =
          access.isPresent()
              && access.get().outcome(needed, conditions(access.get(), name)).allowed();
      if (allowedSets.size() >= REMEMBERED_MAX) {
        allowedSets.clear();
      }
      allowedSets.put(set, known);
    }
    return known;
  }

  private Access access(Subject subject) {
    return Decider.decide(gathering().gather(subject, query.resource()), nowMicros);
  }

  private Gathering gathering() {
    return new Gathering(reading.org(), reading.rows(), rows, new Dependencies(Uid.NONE));
  }

  private Conditions conditions(Access access, PrincipalName name) {
    return access.bounds().conditionals().isEmpty()
        ? Conditions.UNKNOWN
        : conditions(language, name, query.resource(), nowMicros, query.context());
  }

  /**
   * What conditions come to for a principal, or for somebody in a set: a condition that names the
   * principal says nothing certain of a set.
   */
  static Conditions conditions(
      ConditionLanguage language,
      PrincipalName name,
      ResourceName resource,
      long nowMicros,
      LookupContext context) {
    boolean anybody = name.kind() == PrincipalKind.ALL_USERS;
    String caller = (anybody ? PrincipalName.ANONYMOUS : name).toString();
    Conditions conditions =
        language.at(
            new ConditionLanguage.Request(
                caller, resource.text(), nowMicros, context.attributes()));
    return name.kind().canCall() || anybody
        ? conditions
        : condition ->
            ConditionLanguage.mayNamePrincipal(condition)
                ? new Conditions.Result(Truth.MISSING, Set.of(), false)
                : conditions.evaluate(condition);
  }

  private static boolean hasRecordedMembers(PrincipalName set) {
    return set.kind() != PrincipalKind.ALL_USERS
        && set.kind() != PrincipalKind.ALL_AUTHENTICATED_USERS;
  }
}
