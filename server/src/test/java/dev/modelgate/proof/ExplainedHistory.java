package dev.modelgate.proof;

import dev.modelgate.app.check.Question;
import dev.modelgate.app.query.Explanation;
import dev.modelgate.app.query.Explanation.Step;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.decision.ReferenceEvaluator;
import dev.modelgate.decision.ReferenceWorld;
import dev.modelgate.decision.Verdict;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.Profile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;

/**
 * An explanation in the middle of a history, held against the reference on the plain model: the
 * decision and its reason; that what an allow is said to rest on is enough by itself; and that no
 * single grant would be nearer.
 */
final class ExplainedHistory {
  private ExplainedHistory() {}

  /** What was wrong, or nothing. */
  static Optional<String> differs(
      Bed bed, PlainModel model, ResourceName resource, Question about) {
    Explanation found =
        bed.lookups()
            .explain(
                ExplainTest.query(about.principal(), resource.text(), about.action()),
                Requester.SYSTEM_ADMINISTRATOR);
    PrincipalName caller = PrincipalName.parse(about.principal());
    Verdict verdict = ask(bed, model, caller, resource, about.action());
    boolean allowed = found.reason().isEmpty() && found.missing().isEmpty();
    if (allowed != verdict.allowed() || !found.reason().equals(verdict.reason())) {
      return Optional.of(found + "\nthe reference says " + verdict.reason() + " " + about);
    }
    if (!allowed) {
      return found.steps().isEmpty() ? Optional.of("nothing said: " + found) : Optional.empty();
    }
    int nearest = nearest(bed, model, caller, resource, about.action());
    int length = 0;
    for (Step step : found.steps()) {
      int levels = resource.depth() - ResourceName.parse(step.resource()).depth();
      length = Math.max(length, step.path().size() - 1 + levels);
    }
    boolean isEnough =
        ask(
                bed,
                new Part(model, (on, to) -> found.steps().stream().anyMatch(s -> is(s, on, to))),
                caller,
                resource,
                about.action())
            .allowed();
    boolean isNearest = nearest < 0 || found.steps().size() == 1 && length == nearest;
    return isEnough && isNearest
        ? Optional.empty()
        : Optional.of(
            found + "\nenough: " + isEnough + ", the nearest has length " + nearest + ": " + about);
  }

  private static boolean is(Step step, ResourceName on, PrincipalName to) {
    return step.resource().equals(on.text())
        && step.path().get(step.path().size() - 1).equals(to.toString());
  }

  /** The length of the nearest grants of one pair that are enough; -1 when none are. */
  private static int nearest(
      Bed bed, PlainModel model, PrincipalName caller, ResourceName resource, String action) {
    int nearest = -1;
    for (int level = 0; level < resource.depth(); level++) {
      ResourceName at = resource.ancestor(level);
      for (PrincipalName holder : model.grantsOn(at).keySet()) {
        Part part = new Part(model, (on, to) -> on.equals(at) && to.equals(holder));
        if (ask(bed, part, caller, resource, action).allowed()) {
          int length = hops(model, caller, holder) + resource.depth() - 1 - level;
          nearest = nearest < 0 ? length : Math.min(nearest, length);
        }
      }
    }
    return nearest;
  }

  private static int hops(PlainModel model, PrincipalName from, PrincipalName to) {
    Set<PrincipalName> seen = new HashSet<>(Set.of(from));
    List<PrincipalName> level = List.of(from);
    for (int hops = 0; !level.isEmpty(); hops++) {
      if (level.contains(to)) {
        return hops;
      }
      List<PrincipalName> next = new ArrayList<>();
      for (PrincipalName member : level) {
        for (PrincipalName group : model.directGroups(member)) {
          if (model.groupIsActive(group) && seen.add(group)) {
            next.add(group);
          }
        }
      }
      level = next;
    }
    return 1; // A set that needs no membership.
  }

  private static Verdict ask(
      Bed bed, ReferenceWorld world, PrincipalName caller, ResourceName resource, String action) {
    return ReferenceEvaluator.evaluate(world, caller, List.of(), resource, action, bed.nowMicros());
  }

  /** A model with some of its grants only. */
  private record Part(PlainModel model, BiPredicate<ResourceName, PrincipalName> kept)
      implements ReferenceWorld {
    @Override
    public Profile profile() {
      return model.profile();
    }

    @Override
    public boolean organizationRestricted() {
      return model.organizationRestricted();
    }

    @Override
    public boolean organizationSuspended() {
      return model.organizationSuspended();
    }

    @Override
    public Account account(PrincipalName principal) {
      return model.account(principal);
    }

    @Override
    public Set<PrincipalName> directGroups(PrincipalName member) {
      return model.directGroups(member);
    }

    @Override
    public boolean groupIsActive(PrincipalName group) {
      return model.groupIsActive(group);
    }

    @Override
    public boolean isSuspended(PrincipalName principal) {
      return model.isSuspended(principal);
    }

    @Override
    public boolean isSuspended(ResourceName resource) {
      return model.isSuspended(resource);
    }

    @Override
    public boolean isRegistered(ResourceName resource) {
      return model.isRegistered(resource);
    }

    @Override
    public List<PlainGrant> grants(ResourceName resource, PrincipalName principal) {
      return kept.test(resource, principal) ? model.grants(resource, principal) : List.of();
    }
  }
}
