package dev.modelgate.app.query;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.query.AccessChange.Answer;
import dev.modelgate.app.query.AccessChange.Conditional;
import dev.modelgate.app.query.AccessChange.Decision;
import dev.modelgate.app.query.AccessChange.Difference;
import dev.modelgate.app.query.AccessChange.Period;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Conditions;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.Micros;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableSet;

/**
 * Compares what one principal may do on one resource before and after, now and at every time ahead
 * at which a grant begins or ends: a share that begins tomorrow changes nothing now, and one that
 * only ends later changes nothing before the old end.
 */
final class AccessComparison {
  /** The most times ahead of one pair that are looked at. */
  static final int BOUNDARIES_MAX = 32;

  private final ConditionLanguage language;
  private final LookupContext context;
  private final Collection<String> actions;
  private final long nowMicros;

  /**
   * What a comparison found.
   *
   * @param untilMicros the earliest time at which it could be another with no change made
   * @param whole false when there are more times ahead than are looked at
   */
  record Found(List<Period> periods, long untilMicros, boolean whole) {
    private static final Found NOTHING = new Found(List.of(), Micros.NEVER, true);
  }

  /**
   * What two decisions at one time come to.
   *
   * @param usesTime whether a condition looked at the time, so that it may be another at any time
   */
  private record Compared(Difference difference, boolean usesTime) {}

  /**
   * Comparisons at one time.
   *
   * @param actions of both sides, sorted
   */
  AccessComparison(
      ConditionLanguage language,
      LookupContext context,
      Collection<String> actions,
      long nowMicros) {
    this.language = language;
    this.context = context;
    this.actions = actions;
    this.nowMicros = nowMicros;
  }

  /** Compares. */
  Found compare(PrincipalName principal, ResourceName resource, Sight before, Sight after) {
    if (before.decidesAs(after)) {
      return Found.NOTHING;
    }
    NavigableSet<Long> ahead = before.boundariesAhead(nowMicros);
    ahead.addAll(after.boundariesAhead(nowMicros));
    boolean whole = ahead.size() <= BOUNDARIES_MAX;
    List<Long> times = new ArrayList<>(List.of(nowMicros));
    ahead.stream().limit(BOUNDARIES_MAX).forEach(times::add);
    List<Period> periods = new ArrayList<>();
    boolean usesTime = false;
    for (long time : times) {
      Compared compared = compare(principal, resource, before, after, time);
      usesTime |= compared.usesTime();
      Long end = ahead.higher(time);
      add(
          periods,
          new Period(
              time == nowMicros ? 0 : time,
              end == null ? Micros.NEVER : end,
              compared.difference()));
    }
    long until = periods.isEmpty() || ahead.isEmpty() ? Micros.NEVER : ahead.first();
    return new Found(periods, usesTime ? nowMicros : until, whole);
  }

  /** Adds a period to those before it, or to the last of them if that goes on the same. */
  private static void add(List<Period> periods, Period next) {
    if (next.difference().isNone()) {
      return;
    }
    Period last = periods.isEmpty() ? null : periods.get(periods.size() - 1);
    if (last != null
        && last.untilMicros() == next.fromMicros()
        && last.difference().equals(next.difference())) {
      periods.set(
          periods.size() - 1, new Period(last.fromMicros(), next.untilMicros(), next.difference()));
    } else {
      periods.add(next);
    }
  }

  private Compared compare(
      PrincipalName principal, ResourceName resource, Sight before, Sight after, long time) {
    Access was = before.accessAt(time);
    Access would = after.accessAt(time);
    Conditions conditions = conditions(principal, resource, time, was, would);
    List<String> gained = new ArrayList<>();
    List<String> lost = new ArrayList<>();
    List<Conditional> conditional = new ArrayList<>();
    boolean usesTime = false;
    for (String action : actions) {
      Access.Outcome one = was.outcome(before.needed(action), conditions);
      Access.Outcome other = would.outcome(after.needed(action), conditions);
      usesTime |= one.usesTime() || other.usesTime();
      Answer from = answer(one);
      Answer to = answer(other);
      if (from.decision() == Decision.CONDITIONAL || to.decision() == Decision.CONDITIONAL) {
        if (!from.equals(to)) {
          conditional.add(new Conditional(action, from, to));
        }
      } else if (from.decision() != to.decision()) {
        (to.decision() == Decision.ALLOW ? gained : lost).add(action);
      }
    }
    return new Compared(new Difference(gained, lost, conditional), usesTime);
  }

  private Conditions conditions(
      PrincipalName principal, ResourceName resource, long time, Access was, Access would) {
    return was.bounds().conditionals().isEmpty() && would.bounds().conditionals().isEmpty()
        ? Conditions.UNKNOWN
        : PrincipalLookup.conditions(language, principal, resource, time, context).remembering();
  }

  private static Answer answer(Access.Outcome outcome) {
    if (outcome.allowed()) {
      return Answer.ALLOW;
    }
    return outcome.missing().isEmpty()
        ? Answer.DENY
        : new Answer(
            Decision.CONDITIONAL,
            outcome.missing().stream().filter(name -> !name.isEmpty()).sorted().toList());
  }
}
