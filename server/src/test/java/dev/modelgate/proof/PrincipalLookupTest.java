package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.query.LookupContext;
import dev.modelgate.app.query.PrincipalQuery;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.AppendLimits;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * LookupPrincipals against brute force: everybody asked by Check, over random organizations with
 * every layer, with pages of every size. What a set may do is asked for somebody who is in it and
 * in nothing else.
 */
final class PrincipalLookupTest {
  private static final int SEEDS = Integer.getInteger("modelgate.lookup.seeds", 60);
  private static final String ACME = "organizations/acme";

  private int listed;
  private int conditional;
  private int sets;

  /** What Check says to everybody about one action on one resource. */
  private record Answers(Bed bed, String model, String action) {
    Answer of(String principal) {
      String caller = LayeredOrganization.plainMembers().getOrDefault(principal, principal);
      return bed.ask(new Question(caller, model, action, List.of(), Consistency.CURRENT));
    }
  }

  @Test
  void principals_withEveryLayer_areThoseWhomCheckAllows() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Random random = new Random(seed);
      Map<String, Set<String>> groupsOf = LayeredOrganization.groupsOf(seed);
      try (Bed bed =
          new Bed(
              LayeredOrganization.replica(seed),
              new Stamps(),
              new HandClock(),
              0,
              AppendLimits.DEFAULT,
              new TextConditions())) {
        for (String path : LayeredOrganization.PATHS.subList(0, 8)) {
          String model = path.isEmpty() ? ACME : ACME + "/" + path;
          for (String action : new TreeSet<>(LayeredOrganization.actions())) {
            if (random.nextInt(3) == 0) {
              Answers answers = new Answers(bed, model, action);
              compare(answers, seed, true, 1 + random.nextInt(12), expanded());
              compare(answers, seed, false, 1 + random.nextInt(12), everything(groupsOf));
            }
          }
        }
      }
    }
    System.out.printf(
        "principal lookups: %d seeds, %d listed, %d conditional, %d sets%n",
        SEEDS, listed, conditional, sets);
    assertTrue(listed > SEEDS * 20, () -> "few are listed: " + listed);
    assertTrue(conditional > SEEDS, () -> "few are conditional: " + conditional);
    assertTrue(sets > SEEDS, () -> "few sets are listed: " + sets);
  }

  /** Everybody with a record, in the order in which the organization made them. */
  private static List<String> accounts() {
    List<String> accounts = new ArrayList<>(LayeredOrganization.CALLERS.subList(0, 5));
    LayeredOrganization.plainMembers().values().stream()
        .filter(member -> member.startsWith("user:plain"))
        .forEach(accounts::add);
    return accounts;
  }

  /** The candidates when sets are expanded; only these two sets have no recorded members. */
  private static Map<String, Set<String>> expanded() {
    Map<String, Set<String>> candidates = new TreeMap<>();
    candidates.put("allAuthenticatedUsers", Set.of("allUsers"));
    candidates.put("allUsers", Set.of());
    accounts().forEach(account -> candidates.put(account, Set.of()));
    return candidates;
  }

  /** All candidates, each with the sets that it is in. */
  private static Map<String, Set<String>> everything(Map<String, Set<String>> groupsOf) {
    Map<String, Set<String>> candidates = expanded();
    candidates.put("organization:acme", Set.of("allAuthenticatedUsers", "allUsers"));
    List<String> recorded = new ArrayList<>(accounts());
    recorded.addAll(List.of("group:g0", "group:g1", "group:g2", "domain:acme.com"));
    for (String name : recorded) {
      Set<String> in = new LinkedHashSet<>();
      List<String> next = new ArrayList<>(List.of(name));
      while (!next.isEmpty()) {
        for (String group : groupsOf.getOrDefault(next.remove(0), Set.of())) {
          if (in.add(group)) {
            next.add(group);
          }
        }
      }
      in.addAll(List.of("organization:acme", "allAuthenticatedUsers", "allUsers"));
      if (name.endsWith("@acme.com")) {
        in.add("domain:acme.com");
      }
      candidates.put(name, in);
    }
    return candidates;
  }

  /** The order of the uids. */
  private static List<String> order() {
    List<String> order =
        new ArrayList<>(List.of("organization:acme", "allAuthenticatedUsers", "allUsers"));
    order.addAll(LayeredOrganization.CALLERS.subList(0, 5));
    order.addAll(List.of("group:g0", "group:g1", "group:g2", "domain:acme.com"));
    order.addAll(accounts().subList(5, accounts().size()));
    return order;
  }

  private void compare(
      Answers answers,
      long seed,
      boolean expand,
      int pageSize,
      Map<String, Set<String>> candidates) {
    List<String> expected = new ArrayList<>();
    Map<String, List<String>> onCondition = new TreeMap<>();
    for (String name : order()) {
      Set<String> in = candidates.get(name);
      if (in != null && in.stream().noneMatch(set -> answers.of(set).allowed())) {
        Answer answer = answers.of(name);
        if (answer.allowed()) {
          expected.add(name);
          sets += name.matches("(group|organization|domain).*") ? 1 : 0;
        } else if (!answer.missing().isEmpty()) {
          onCondition.put(name, List.copyOf(new TreeSet<>(answer.missing())));
        }
      }
    }
    PrincipalQuery query =
        new PrincipalQuery(
            ResourceName.parse(answers.model()), answers.action(), expand, LookupContext.NONE);
    Lookup found =
        Lookup.all(
            pageSize,
            page ->
                answers.bed().lookups().principals(query, Requester.SYSTEM_ADMINISTRATOR, page));
    String about = "seed " + seed + ": " + query + ", pages of " + pageSize;
    assertEquals(expected, found.allowed(), about);
    assertEquals(onCondition, found.conditional(), about);
    assertTrue(found.complete(), about);
    listed += expected.size();
    conditional += onCondition.size();
  }
}
