package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.query.LookupContext;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.query.ResourceQuery;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.decision.Conditions;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.AppendLimits;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * LookupResources against brute force: every registered resource below the parent asked by Check,
 * over random organizations, with pages of every size.
 */
final class ResourceLookupTest {
  private static final int LAYERED_SEEDS = Integer.getInteger("modelgate.lookup.seeds", 60);
  private static final int TREE_SEEDS = Integer.getInteger("modelgate.lookup.trees", 40);
  private static final String ACME = "organizations/acme";

  private int allowed;
  private int conditional;
  private int asked;

  @Test
  void resources_withEveryLayer_areThoseThatCheckAllows() {
    for (long seed = 1; seed <= LAYERED_SEEDS; seed++) {
      Random random = new Random(seed);
      try (Bed bed = layered(seed, new TextConditions())) {
        List<String> registered = new ArrayList<>();
        LayeredOrganization.registered().forEach(path -> registered.add(name(path)));
        for (String caller : LayeredOrganization.CALLERS) {
          for (String action : new TreeSet<>(LayeredOrganization.actions())) {
            String parent = registered.get(random.nextInt(registered.size()));
            String kind = random.nextInt(3) == 0 ? "model" : "";
            compare(bed, seed, caller, action, ACME, "", 1 + random.nextInt(8), registered);
            compare(bed, seed, caller, action, parent, kind, 1 + random.nextInt(8), registered);
          }
        }
      }
    }
    System.out.printf(
        "layered lookups: %d seeds, %d lookups, %d allowed, %d conditional%n",
        LAYERED_SEEDS, asked, allowed, conditional);
    assertTrue(allowed > LAYERED_SEEDS * 10, () -> "few are allowed: " + allowed);
    assertTrue(conditional > LAYERED_SEEDS, () -> "few are conditional: " + conditional);
  }

  /** Who may read grants on the parent is told of what is below, but of what he may not read. */
  @Test
  void resources_forAnActor_areThoseWhoseGrantsHeMayRead() {
    int[] counts = new int[3];
    for (long seed = 1; seed <= LAYERED_SEEDS; seed++) {
      try (Bed bed = layered(seed, new TextConditions());
          Bed strict = layered(seed, new Unknown())) {
        for (String actor : LayeredOrganization.CALLERS.subList(0, 5)) {
          for (String parent : List.of(ACME, name("environments/prod"))) {
            compareFor(bed, strict, seed, actor, parent, counts);
          }
        }
      }
    }
    System.out.printf(
        "lookups for actors: %d refused, %d complete, %d withheld%n",
        counts[0], counts[1], counts[2]);
    for (int count : counts) {
      assertTrue(count > 10, "a case hardly occurs");
    }
  }

  /** In favour of an actor no condition counts, and every one counts against him. */
  private static final class Unknown extends TextConditions {
    @Override
    public Conditions at(Request request) {
      return Conditions.UNKNOWN;
    }
  }

  private static void compareFor(
      Bed bed, Bed strict, long seed, String actor, String parent, int[] counts) {
    String caller = LayeredOrganization.CALLERS.get((int) (seed % 5));
    ResourceQuery query = query(caller, "get", parent, "");
    Requester requester = Requester.onBehalfOf(PrincipalName.parse(actor));
    boolean self = actor.equals(caller);
    String about = "seed " + seed + ": " + actor + " asks for " + query;
    boolean administers = allows(strict, actor, ACME, "transfer");
    if (!self && !administers && !allows(strict, actor, parent, "grants.read")) {
      RefusedException e =
          assertThrows(
              RefusedException.class,
              () -> bed.lookups().resources(query, requester, PageRequest.of(9, "")),
              about);
      boolean seen =
          parent.equals(ACME)
              || LayeredOrganization.actions().stream()
                  .anyMatch(action -> allows(strict, actor, parent, action));
      assertEquals(seen ? Fault.NOT_PERMITTED : Fault.NOT_FOUND, e.refusal().fault(), about);
      counts[0]++;
      return;
    }
    List<String> expected = new ArrayList<>();
    boolean withheld = false;
    for (String path : new TreeSet<>(LayeredOrganization.registered())) {
      String name = name(path);
      if (name.startsWith(parent + "/") && allows(bed, caller, name, "get")) {
        boolean told = self || administers || allows(strict, actor, name, "grants.read");
        withheld |= !told;
        if (told) {
          expected.add(name);
        }
      }
    }
    Lookup found = Lookup.all(2, page -> bed.lookups().resources(query, requester, page));
    assertEquals(expected, found.allowed(), about);
    if (withheld) {
      assertFalse(found.complete(), about);
    }
    counts[found.complete() ? 1 : 2]++;
  }

  private static boolean allows(Bed bed, String principal, String name, String action) {
    return bed.ask(new Question(principal, name, action, List.of(), Consistency.CURRENT)).allowed();
  }

  @Test
  void resources_inRandomTrees_areThoseThatCheckAllows() {
    for (long seed = 1; seed <= TREE_SEEDS; seed++) {
      try (Bed bed = new Bed(new MemoryReplica(Rows::check), new Stamps(), new HandClock(), 0)) {
        Random random = new Random(seed);
        List<String> registered = RandomTree.grow(bed, random);
        for (int i = 0; i < 40; i++) {
          String caller = "user:u" + random.nextInt(6) + "@acme.com";
          String parent = random.nextBoolean() ? ACME : one(random, registered);
          String kind = one(random, List.of("", "", "model", "version", "environment"));
          String action = one(random, List.of("predict", "get", "update", "discover"));
          int size = 1 + random.nextInt(registered.size());
          compare(bed, seed, caller, action, parent, kind, size, registered);
        }
      }
    }
    System.out.printf(
        "lookups in trees: %d seeds, %d lookups, %d allowed%n", TREE_SEEDS, asked, allowed);
    assertTrue(allowed > TREE_SEEDS * 20, () -> "few are allowed: " + allowed);
  }

  private void compare(
      Bed bed,
      long seed,
      String caller,
      String action,
      String parent,
      String kind,
      int pageSize,
      List<String> registered) {
    List<String> expected = new ArrayList<>();
    Map<String, List<String>> onCondition = new TreeMap<>();
    List<String> sorted = new ArrayList<>(registered);
    sorted.sort(Comparator.naturalOrder());
    for (String name : sorted) {
      boolean wanted =
          name.startsWith(parent + "/")
              && (kind.isEmpty() || name.matches(".*/" + kind + "s/[^/]+"));
      if (wanted) {
        Answer answer = bed.ask(new Question(caller, name, action, List.of(), Consistency.CURRENT));
        if (answer.allowed()) {
          expected.add(name);
        } else if (!answer.missing().isEmpty()) {
          onCondition.put(name, List.copyOf(new TreeSet<>(answer.missing())));
        }
      }
    }
    ResourceQuery query = query(caller, action, parent, kind);
    Lookup found =
        Lookup.all(
            pageSize, page -> bed.lookups().resources(query, Requester.SYSTEM_ADMINISTRATOR, page));
    String about = "seed " + seed + ": " + query + ", pages of " + pageSize;
    assertEquals(expected, found.allowed(), about);
    assertEquals(onCondition, found.conditional(), about);
    assertTrue(found.complete(), about);
    asked++;
    allowed += expected.size();
    conditional += onCondition.size();
  }

  private static ResourceQuery query(String principal, String action, String parent, String kind) {
    return new ResourceQuery(
        PrincipalName.parse(principal),
        action,
        ResourceName.parse(parent),
        kind,
        LookupContext.NONE);
  }

  private static Bed layered(long seed, ConditionLanguage language) {
    return new Bed(
        LayeredOrganization.replica(seed),
        new Stamps(),
        new HandClock(),
        0,
        AppendLimits.DEFAULT,
        language);
  }

  private static String name(String path) {
    return path.isEmpty() ? ACME : ACME + "/" + path;
  }

  private static <T> T one(Random random, List<T> things) {
    return things.get(random.nextInt(things.size()));
  }
}
