package dev.modelgate.proof;

import dev.modelgate.app.check.Question;
import dev.modelgate.app.query.LookupContext;
import dev.modelgate.app.query.PrincipalQuery;
import dev.modelgate.app.query.ResourceQuery;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A lookup in the middle of a history, held against what the reference says of the plain model,
 * item by item.
 */
final class ListedHistory {
  private static final int ONE_IN = 8;

  private ListedHistory() {}

  /**
   * Now and then lists on what the principal of a question may do its action, and who may do it on
   * its resource; what was wrong, or nothing.
   */
  static Optional<String> differs(
      Bed bed, PlainModel model, String organizationId, Narrator narrator) {
    ResourceName root = ResourceName.ofOrganization(organizationId);
    if (!narrator.happens(ONE_IN) || !model.isRegistered(root)) {
      return Optional.empty();
    }
    Question about = narrator.question();
    Optional<String> wrong = resources(bed, model, root, about);
    ResourceName resource = ResourceName.complete(about.model(), Bed.DEFAULT_PARENT);
    boolean isThere =
        resource.organizationId().equals(organizationId) && model.isRegistered(resource);
    if (wrong.isPresent() || !isThere) {
      return wrong;
    }
    wrong = ExplainedHistory.differs(bed, model, resource, about);
    return wrong.isPresent() ? wrong : principals(bed, model, resource, about);
  }

  private static Optional<String> resources(
      Bed bed, PlainModel model, ResourceName root, Question about) {
    List<String> expected = new ArrayList<>();
    for (ResourceName resource : model.resources()) {
      if (resource.hasParent() && allows(bed, model, about, about.principal(), resource)) {
        expected.add(resource.text());
      }
    }
    Collections.sort(expected);
    ResourceQuery query =
        new ResourceQuery(
            PrincipalName.parse(about.principal()), about.action(), root, "", LookupContext.NONE);
    Lookup found =
        Lookup.all(
            1 + expected.size() % 4,
            page -> bed.lookups().resources(query, Requester.SYSTEM_ADMINISTRATOR, page));
    return differs(bed, query, found, expected);
  }

  /** Whoever is allowed is listed, or is in a group that is listed in his place. */
  private static Optional<String> principals(
      Bed bed, PlainModel model, ResourceName resource, Question about) {
    List<String> expected = new ArrayList<>();
    for (PrincipalName principal : model.principals()) {
      if (principal.kind().canCall() && allows(bed, model, about, principal.toString(), resource)) {
        expected.add(principal.toString());
      }
    }
    Collections.sort(expected);
    Lookup expanded = principals(bed, about, resource, true, 1 + expected.size() % 4);
    List<String> found = new ArrayList<>(expanded.allowed());
    Collections.sort(found);
    Optional<String> wrong =
        differs(
            bed,
            about + " on " + resource,
            new Lookup(found, expanded.conditional(), expanded.complete(), expanded.pages()),
            expected);
    Set<String> sets = new HashSet<>(principals(bed, about, resource, false, 3).allowed());
    for (String principal : expected) {
      Set<PrincipalName> names = new HashSet<>();
      names.add(PrincipalName.parse(principal));
      names.add(PrincipalName.organization(resource.organizationId()));
      List<PrincipalName> above = new ArrayList<>(names);
      while (!above.isEmpty()) {
        for (PrincipalName group : model.directGroups(above.remove(above.size() - 1))) {
          if (names.add(group)) {
            above.add(group);
          }
        }
      }
      if (names.stream().noneMatch(name -> sets.contains(name.toString()))) {
        return Optional.of(principal + " is not in " + sets + ", asked " + about);
      }
    }
    return wrong;
  }

  private static Lookup principals(
      Bed bed, Question about, ResourceName resource, boolean expand, int pageSize) {
    PrincipalQuery query = new PrincipalQuery(resource, about.action(), expand, LookupContext.NONE);
    return Lookup.all(
        pageSize, page -> bed.lookups().principals(query, Requester.SYSTEM_ADMINISTRATOR, page));
  }

  private static boolean allows(
      Bed bed, PlainModel model, Question about, String principal, ResourceName resource) {
    Question question =
        new Question(principal, resource.text(), about.action(), List.of(), about.consistency());
    return History.verdict(model, question, bed.nowMicros()).allowed();
  }

  private static Optional<String> differs(
      Bed bed, Object query, Lookup found, List<String> expected) {
    bed.counts().looked.add(expected.size());
    return found.allowed().equals(expected) && found.complete()
        ? Optional.empty()
        : Optional.of(query + "\nfound " + found + "\nthe reference says " + expected);
  }
}
