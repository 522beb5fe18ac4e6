package dev.modelgate.proof;

import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.app.sharing.Policy;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.decision.ReferenceWorld.PlainGrant;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.PrincipalRow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Invents what happens in one organization, from a seed: commands that are mostly accepted, and
 * questions. Few names, so that things meet.
 */
final class Narrator {
  private static final long SECOND = 1_000_000;
  private static final List<String> ROLES =
      List.of("", "owner", "editor", "editor", "user", "user", "runner", "viewer", "auditor");
  private static final List<String> KEPT = List.of("editor", "user", "viewer");
  private static final List<String> PERMISSIONS =
      List.of("discover", "get", "predict", "update", "data.read", "data.use", "grants.read");
  private static final List<String> ACTIONS =
      List.of("predict", "predict", "get", "discover", "update", "data.read", "use", "delete");

  private static final Comparator<PrincipalName> BY_NAME =
      Comparator.comparing(PrincipalName::toString);

  private final Random random;
  private final String organization;
  private final List<PrincipalName> accounts = new ArrayList<>();
  private final List<PrincipalName> groups = new ArrayList<>();
  private final List<ResourceName> resources = new ArrayList<>();
  private final List<Question> asked = new ArrayList<>();

  Narrator(long seed, String organization) {
    this.random = new Random(seed);
    this.organization = organization;
    for (int i = 0; i < 5; i++) {
      accounts.add(PrincipalName.parse("user:u" + i + "@acme.com"));
      groups.add(PrincipalName.parse("group:g" + i));
    }
    accounts.add(PrincipalName.parse("serviceAccount:s0"));
    accounts.add(PrincipalName.parse("serviceAccount:s1"));
    accounts.add(PrincipalName.parse("app:a0"));
    for (String path :
        List.of(
            "",
            "/environments/prod",
            "/environments/dev",
            "/models/m0",
            "/environments/prod/models/m0",
            "/environments/prod/models/m1",
            "/environments/prod/models/m0/versions/v1",
            "/environments/prod/models/m0/adapters/a1",
            "/environments/dev/models/m0",
            "/environments/prod/datasets/d0",
            "/environments/prod/deployments/p0")) {
      resources.add(ResourceName.parse("organizations/" + organization + path));
    }
  }

  /** What most histories begin with, so that the first random commands find something. */
  List<Command> opening() {
    List<Command> commands = new ArrayList<>();
    commands.add(
        new Command.InitializeOrganization(
            organization, "Acme", "modelgate", Optional.of(accounts.get(0))));
    for (PrincipalName name : groups) {
      commands.add(put(name, Optional.empty()));
    }
    commands.add(put(accounts.get(5), Optional.empty()));
    for (ResourceName name : resources) {
      if (name.hasParent() && random.nextInt(8) > 0) {
        commands.add(create(name));
      }
    }
    return commands;
  }

  /** For whom the next command is: the system administrator, or one of the accounts. */
  Requester requester(Command command) {
    boolean system = command instanceof Command.SystemCommand;
    return system || random.nextInt(5) < 3
        ? Requester.SYSTEM_ADMINISTRATOR
        : Requester.onBehalfOf(one(accounts));
  }

  /** The same, but often somebody who has a say in it, so that more than refusals comes of it. */
  Requester requester(Command command, PlainModel model) {
    Optional<PrincipalName> concerned = concerned(command, model);
    return concerned.isPresent() && happens(2)
        ? Requester.onBehalfOf(concerned.get())
        : requester(command);
  }

  /** An owner of what is shared; whoever is to leave a group. */
  private static Optional<PrincipalName> concerned(Command command, PlainModel model) {
    if (command instanceof Command.UpdateMemberships c) {
      return Optional.of(c.changes().get(0))
          .filter(change -> !change.add() && change.member().kind().canCall())
          .map(MembershipChange::member);
    }
    Optional<ResourceName> resource = Optional.empty();
    if (command instanceof Command.UpdateGrants c) {
      resource = Optional.of(c.resource());
    } else if (command instanceof Command.SetPolicy c) {
      resource = Optional.of(c.resource());
    } else if (command instanceof Command.TransferOwnership c) {
      resource = Optional.of(c.resource());
    }
    return resource.stream()
        .flatMap(name -> model.grantsOn(name).entrySet().stream())
        .filter(held -> held.getKey().kind().canCall())
        .filter(held -> held.getValue().stream().anyMatch(it -> it.role().equals("owner")))
        .map(Map.Entry::getKey)
        .min(BY_NAME);
  }

  /** The next command; it may be refused. */
  Command command(PlainModel model, long nowMicros) {
    if (!model.deletedNames().isEmpty() && happens(10)) {
      return new Command.RestorePrincipal(one(model.deletedNames()), Uid.NONE);
    }
    int dice = random.nextInt(110);
    if (model.organizationSuspended() && dice < 50) {
      return new Command.SuspendOrganization(organization, false);
    }
    if (dice >= 100) {
      return rarely(model, nowMicros, dice);
    }
    if (dice < 32) {
      return grants(model, nowMicros);
    }
    if (dice < 36) {
      return policy(model, nowMicros);
    }
    if (dice < 56) {
      return memberships(model);
    }
    if (dice < 66) {
      boolean disable = random.nextInt(3) == 0;
      PrincipalRow.State state = disable ? PrincipalRow.State.DISABLED : PrincipalRow.State.ACTIVE;
      return put(anybody(), Optional.of(state));
    }
    if (dice < 71) {
      return new Command.DeletePrincipal(anybody(), "");
    }
    if (dice < 81) {
      return create(one(resources));
    }
    if (dice < 86) {
      return new Command.DeleteResource(one(resources), "");
    }
    if (dice < 92) {
      boolean resume = !model.suspendedPrincipals().isEmpty() && random.nextInt(3) > 0;
      return new Command.SuspendPrincipal(
          resume ? one(model.suspendedPrincipals()) : anybody(), !resume);
    }
    if (dice < 98) {
      boolean resume = !model.suspendedResources().isEmpty() && random.nextInt(3) > 0;
      return new Command.SuspendResource(
          resume ? one(model.suspendedResources()) : one(resources), !resume);
    }
    return new Command.SuspendOrganization(organization, random.nextInt(3) == 0);
  }

  private Command rarely(PlainModel model, long nowMicros, int dice) {
    ResourceName resource = model.resources().isEmpty() ? one(resources) : one(model.resources());
    if (dice < 104) {
      Optional<PrincipalName> previous = happens(3) ? Optional.of(one(accounts)) : Optional.empty();
      return new Command.TransferOwnership(
          resource, anybody(), previous, happens(2) ? "" : one(KEPT));
    }
    if (dice < 106) {
      return new Command.UpdateResource(
          resource,
          Optional.of("d" + random.nextInt(3)),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          "");
    }
    if (dice < 107) {
      return new Command.UpdateOrganization(
          Optional.of("d" + random.nextInt(3)), Optional.empty(), "");
    }
    List<Command.ImportItem> items = new ArrayList<>();
    do {
      items.add(item(model, nowMicros));
    } while (random.nextInt(4) > 0);
    return new Command.ImportItems(items, 1);
  }

  private Command.ImportItem item(PlainModel model, long nowMicros) {
    ResourceName resource = one(resources);
    return switch (random.nextInt(6)) {
      case 0 -> {
        PrincipalName name = anybody();
        yield new Command.ImportPrincipal(
            name,
            happens(3)
                ? Optional.empty()
                : Optional.of(happens(3) ? PrincipalRow.State.DISABLED : PrincipalRow.State.ACTIVE),
            Optional.empty(),
            "",
            Optional.empty());
      }
      case 1 -> new Command.ImportMembership(one(groups), anybody());
      case 2 -> new Command.ImportResource(resource, "", Map.of());
      case 3 ->
          happens(2)
              ? new Command.ImportSuspension(Optional.of(anybody()), Optional.empty(), "")
              : new Command.ImportSuspension(Optional.empty(), Optional.of(resource), "");
      case 4 -> new Command.ImportDeletedPrincipal(anybody());
      default -> {
        GrantChange change = change(model, resource, nowMicros);
        yield new Command.ImportGrant(
            resource,
            new GrantChange(
                GrantChange.Mode.MERGE,
                change.principal(),
                change.role(),
                change.permissions(),
                change.canShare(),
                change.canUseData(),
                change.notBeforeMicros(),
                change.expiresAtMicros(),
                ""));
      }
    };
  }

  /** Where the wall clock goes: mostly on, sometimes back, often to just where a grant changes. */
  long clock(PlainModel model, long wallMicros) {
    List<Long> boundaries = model.boundaries();
    int dice = random.nextInt(10);
    if (dice < 5 && !boundaries.isEmpty()) {
      return Math.max(HandClock.BEGIN_MICROS, one(boundaries) + random.nextInt(3) - 1);
    }
    return dice < 8
        ? wallMicros + random.nextInt(20) * SECOND
        : wallMicros - random.nextInt(60) * SECOND;
  }

  /** The next question; one that was asked before, most of the time. */
  Question question() {
    if (asked.size() > 40 || !asked.isEmpty() && random.nextInt(3) > 0) {
      return one(asked);
    }
    List<String> links = new ArrayList<>();
    while (random.nextInt(4) == 0 && links.size() < 3) {
      links.add(one(accounts).toString());
    }
    String model = one(resources).toString();
    String inParent = Bed.DEFAULT_PARENT + "/";
    if (model.startsWith(inParent) && random.nextBoolean()) {
      model = model.substring(inParent.length());
      model = model.matches("models/[^/]+") && random.nextBoolean() ? model.substring(7) : model;
    }
    Question question =
        new Question(one(accounts).toString(), model, one(ACTIONS), links, Consistency.CURRENT);
    asked.add(question);
    return question;
  }

  boolean happens(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private Command grants(PlainModel model, long nowMicros) {
    ResourceName resource =
        happens(10) || model.resources().isEmpty() ? one(resources) : one(model.resources());
    Map<PrincipalName, GrantChange> changes = new LinkedHashMap<>();
    do {
      GrantChange change = change(model, resource, nowMicros);
      changes.put(change.principal(), change);
    } while (happens(2));
    return new Command.UpdateGrants(resource, List.copyOf(changes.values()), "");
  }

  /** What is granted on a resource, of which one thing is left out and another is added. */
  private Command policy(PlainModel model, long nowMicros) {
    ResourceName resource = model.resources().isEmpty() ? one(resources) : one(model.resources());
    Map<PrincipalName, List<GrantChange>> members = new TreeMap<>(BY_NAME);
    model
        .grantsOn(resource)
        .forEach(
            (principal, held) ->
                members.put(principal, held.stream().map(it -> kept(principal, it)).toList()));
    members.values().removeIf(List::isEmpty);
    if (!members.isEmpty() && happens(3)) {
      members.remove(one(members.keySet()));
    }
    GrantChange change = change(model, resource, nowMicros);
    if (change.mode() != GrantChange.Mode.REMOVE) {
      members.put(change.principal(), List.of(change));
    }
    return new Command.SetPolicy(
        resource,
        members.values().stream()
            .flatMap(List::stream)
            .map(grant -> new Policy.Entry(grant, Optional.empty()))
            .toList(),
        Policy.Form.COMPLETE,
        "");
  }

  private static GrantChange kept(PrincipalName principal, PlainGrant grant) {
    return new GrantChange(
        GrantChange.Mode.MERGE,
        principal,
        grant.role(),
        List.copyOf(new TreeSet<>(grant.permissions())),
        false,
        grant.canUseData(),
        grant.notBeforeMicros(),
        grant.expiresAtMicros(),
        "");
  }

  private GrantChange change(PlainModel model, ResourceName resource, long nowMicros) {
    Map<PrincipalName, List<PlainGrant>> held = model.grantsOn(resource);
    if (!held.isEmpty() && random.nextInt(3) == 0) {
      PrincipalName from = one(held.keySet());
      List<PlainGrant> grants = held.getOrDefault(from, List.of());
      boolean all = grants.isEmpty() || random.nextBoolean();
      PlainGrant target = all ? null : one(grants);
      return new GrantChange(
          GrantChange.Mode.REMOVE,
          from,
          target == null ? "" : target.role(),
          target == null ? List.of() : List.copyOf(target.permissions()),
          false,
          false,
          0,
          Micros.NEVER,
          "");
    }
    boolean raw = happens(4);
    String role = raw ? "" : one(ROLES);
    List<String> permissions =
        raw ? List.copyOf(new TreeSet<>(List.of(one(PERMISSIONS), one(PERMISSIONS)))) : List.of();
    boolean timed = !role.equals("owner") && random.nextBoolean();
    long notBefore = timed && random.nextBoolean() ? nowMicros + random.nextInt(60) * SECOND : 0;
    long expires =
        timed ? Math.max(notBefore, nowMicros) + (1 + random.nextInt(90)) * SECOND : Micros.NEVER;
    return new GrantChange(
        random.nextInt(3) == 0 ? GrantChange.Mode.MERGE : GrantChange.Mode.SET,
        happens(12) ? PrincipalName.organization(organization) : anybody(),
        role,
        permissions,
        happens(3),
        random.nextBoolean(),
        notBefore,
        expires,
        "");
  }

  private Command memberships(PlainModel model) {
    List<MembershipChange> changes = new ArrayList<>();
    do {
      PrincipalName member = anybody();
      boolean remove = random.nextInt(5) < 2;
      Collection<PrincipalName> in = model.directGroups(member);
      PrincipalName group = remove && !in.isEmpty() ? one(in) : one(groups);
      changes.add(new MembershipChange(!remove, group, member));
    } while (happens(3));
    return new Command.UpdateMemberships(changes);
  }

  private Command create(ResourceName name) {
    Optional<PrincipalName> owner =
        random.nextBoolean() ? Optional.of(accounts.get(random.nextInt(5))) : Optional.empty();
    return new Command.CreateResource(name, "", Map.of(), owner);
  }

  private static Command put(PrincipalName name, Optional<PrincipalRow.State> state) {
    return new Command.PutPrincipal(name, state, Optional.empty(), "", "", false);
  }

  private PrincipalName anybody() {
    return random.nextInt(5) < 3 ? one(accounts) : one(groups);
  }

  private <T> T one(Collection<T> things) {
    List<T> sorted = new ArrayList<>(things);
    if (!(things instanceof List)) {
      sorted.sort((a, b) -> a.toString().compareTo(b.toString()));
    }
    return sorted.get(random.nextInt(sorted.size()));
  }
}
