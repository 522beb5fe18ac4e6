package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.Micros;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * A random organization {@code acme} with a tree of resources whose names sort between others and
 * what is below these, and with few grants at every level, to users and groups.
 */
final class RandomTree {
  private static final String ACME = "organizations/acme";

  private RandomTree() {}

  /** Grows it in an empty bed; answers the names of all resources, the organization's first. */
  static List<String> grow(Bed bed, Random random) {
    PrincipalName root = PrincipalName.parse("user:root@acme.com");
    commit(bed, "system", new Command.RegisterOrganization("acme"));
    commit(
        bed,
        "acme",
        new Command.InitializeOrganization("acme", "Acme", "modelgate", Optional.of(root)));
    List<String> names = names(random);
    for (String name : names.subList(1, names.size())) {
      commit(
          bed,
          "acme",
          new Command.CreateResource(ResourceName.parse(name), "", Map.of(), Optional.empty()));
    }
    members(bed, random);
    grants(bed, random, names);
    return names;
  }

  private static List<String> names(Random random) {
    List<String> names = new ArrayList<>(List.of(ACME));
    for (String id : List.of("a", "a-b", "a.b", "a0", "b")) {
      String environment = ACME + "/environments/" + id;
      names.add(environment);
      for (String model : List.of("m", "m-1", "m.1", "m0", "n")) {
        if (random.nextInt(3) > 0) {
          String name = environment + "/models/" + model;
          names.add(name);
          for (int v = random.nextInt(3); v > 0; v--) {
            names.add(name + "/versions/" + v);
          }
        }
      }
    }
    for (int m = 0; m < 8; m++) {
      names.add(ACME + "/models/m" + m);
    }
    return names;
  }

  private static void members(Bed bed, Random random) {
    for (int g = 0; g < 3; g++) {
      PrincipalName group = PrincipalName.parse("group:g" + g);
      commit(
          bed,
          "acme",
          new Command.PutPrincipal(group, Optional.empty(), Optional.empty(), "", "", false));
      for (int u = 0; u < 6; u++) {
        PrincipalName user = PrincipalName.parse("user:u" + u + "@acme.com");
        if (random.nextInt(3) == 0) {
          MembershipChange change = new MembershipChange(true, group, user);
          commit(bed, "acme", new Command.UpdateMemberships(List.of(change)));
        }
      }
    }
  }

  private static void grants(Bed bed, Random random, List<String> names) {
    for (int i = 0; i < 20; i++) {
      String holder =
          random.nextInt(3) == 0
              ? "group:g" + random.nextInt(3)
              : "user:u" + random.nextInt(6) + "@acme.com";
      ResourceName on = ResourceName.parse(names.get(1 + random.nextInt(names.size() - 1)));
      GrantChange change =
          new GrantChange(
              GrantChange.Mode.MERGE,
              PrincipalName.parse(holder),
              one(random, List.of("user", "viewer", "editor")),
              List.of(),
              false,
              false,
              0,
              Micros.NEVER,
              "");
      commit(bed, "acme", new Command.UpdateGrants(on, List.of(change), ""));
    }
  }

  private static void commit(Bed bed, String organizationId, Command command) {
    assertEquals(Optional.empty(), bed.commit(organizationId, command), command::toString);
  }

  private static <T> T one(Random random, List<T> things) {
    return things.get(random.nextInt(things.size()));
  }
}
