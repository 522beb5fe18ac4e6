package dev.modelgate.proof;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.decision.ReferenceWorld;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Vocabulary;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.PrincipalRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One organization with the built-in profile, as plain maps by name: what accepted commands must
 * have made of it. It knows no uids, so whoever gets a deleted one's name has nothing of his.
 *
 * <p>Immutable once made: {@link #after} answers a copy. Refuses nothing; only accepted commands
 * are to be given to it.
 */
final class PlainModel implements ReferenceWorld {
  private static final Profile PROFILE =
      BuiltInProfiles.find(BuiltInProfiles.DEFAULT).orElseThrow().compile(vocabulary());

  private final Map<PrincipalName, Boolean> principals = new HashMap<>();
  private final Map<PrincipalName, Set<PrincipalName>> groupsOf = new HashMap<>();
  private final Set<ResourceName> resources = new HashSet<>();
  private final Map<ResourceName, Map<PrincipalName, List<PlainGrant>>> grants = new HashMap<>();
  private final Set<PrincipalName> suspendedPrincipals = new HashSet<>();
  private final Set<ResourceName> suspendedResources = new HashSet<>();
  private boolean suspended;

  private static Vocabulary vocabulary() {
    return BuiltInProfiles.find(BuiltInProfiles.DEFAULT).orElseThrow().extended(Vocabulary.EMPTY);
  }

  /** What there is after one more command that was accepted at that time. */
  PlainModel after(Command command, long atMicros) {
    PlainModel next = copy();
    next.apply(command, atMicros);
    return next;
  }

  /** The same for somebody's command: he owns what he creates and names no owner for. */
  PlainModel after(Requester requester, Command command, long atMicros) {
    PlainModel next = after(command, atMicros);
    if (command instanceof Command.CreateResource c && c.owner().isEmpty()) {
      requester.onBehalfOf().ifPresent(actor -> next.own(c.name(), actor));
    }
    return next;
  }

  Set<PrincipalName> principals() {
    return principals.keySet();
  }

  Set<ResourceName> resources() {
    return resources;
  }

  Set<PrincipalName> suspendedPrincipals() {
    return suspendedPrincipals;
  }

  Set<ResourceName> suspendedResources() {
    return suspendedResources;
  }

  Map<PrincipalName, Set<PrincipalName>> memberships() {
    return groupsOf;
  }

  Map<PrincipalName, List<PlainGrant>> grantsOn(ResourceName resource) {
    return grants.getOrDefault(resource, Map.of());
  }

  /** Every time at which a grant begins or ends. */
  List<Long> boundaries() {
    List<Long> times = new ArrayList<>();
    for (Map<PrincipalName, List<PlainGrant>> byPrincipal : grants.values()) {
      for (List<PlainGrant> held : byPrincipal.values()) {
        for (PlainGrant grant : held) {
          if (grant.notBeforeMicros() > 0) {
            times.add(grant.notBeforeMicros());
          }
          if (grant.expiresAtMicros() != Micros.NEVER) {
            times.add(grant.expiresAtMicros());
          }
        }
      }
    }
    return times;
  }

  @Override
  public Profile profile() {
    return PROFILE;
  }

  @Override
  public boolean organizationRestricted() {
    return false;
  }

  @Override
  public boolean organizationSuspended() {
    return suspended;
  }

  @Override
  public Account account(PrincipalName principal) {
    Boolean active = principals.get(principal);
    return active == null ? Account.ABSENT : active ? Account.ACTIVE : Account.DISABLED;
  }

  @Override
  public Set<PrincipalName> directGroups(PrincipalName member) {
    return groupsOf.getOrDefault(member, Set.of());
  }

  @Override
  public boolean groupIsActive(PrincipalName group) {
    return account(group) == Account.ACTIVE;
  }

  @Override
  public boolean isSuspended(PrincipalName principal) {
    return suspendedPrincipals.contains(principal);
  }

  @Override
  public boolean isSuspended(ResourceName resource) {
    return suspendedResources.contains(resource);
  }

  @Override
  public boolean isRegistered(ResourceName resource) {
    return resources.contains(resource);
  }

  @Override
  public List<PlainGrant> grants(ResourceName resource, PrincipalName principal) {
    return grantsOn(resource).getOrDefault(principal, List.of());
  }

  private PlainModel copy() {
    PlainModel copy = new PlainModel();
    copy.principals.putAll(principals);
    groupsOf.forEach((member, groups) -> copy.groupsOf.put(member, new HashSet<>(groups)));
    copy.resources.addAll(resources);
    grants.forEach((resource, held) -> copy.grants.put(resource, new HashMap<>(held)));
    copy.suspendedPrincipals.addAll(suspendedPrincipals);
    copy.suspendedResources.addAll(suspendedResources);
    copy.suspended = suspended;
    return copy;
  }

  private void apply(Command command, long atMicros) {
    if (command instanceof Command.InitializeOrganization c) {
      ResourceName root = ResourceName.ofOrganization(c.organizationId());
      resources.add(root);
      c.owner().ifPresent(owner -> own(root, owner));
    } else if (command instanceof Command.SuspendOrganization c) {
      suspended = c.suspend();
    } else if (command instanceof Command.PutPrincipal c) {
      state(c.principal(), c.state());
    } else if (command instanceof Command.DeletePrincipal c) {
      delete(c.principal());
    } else if (command instanceof Command.UpdateMemberships c) {
      c.changes().forEach(this::member);
    } else if (command instanceof Command.CreateResource c) {
      resources.add(c.name());
      c.owner().ifPresent(owner -> own(c.name(), owner));
    } else if (command instanceof Command.DeleteResource c) {
      resources.remove(c.name());
      grants.remove(c.name());
      suspendedResources.remove(c.name());
    } else if (command instanceof Command.UpdateGrants c) {
      c.changes().stream()
          .filter(change -> !addsToAnOwner(c.resource(), change))
          .forEach(change -> grant(c.resource(), change));
    } else if (command instanceof Command.TransferOwnership c) {
      transfer(c);
    } else if (command instanceof Command.ImportItems c) {
      c.items().forEach(item -> item(item, atMicros));
    } else if (command instanceof Command.UpdateResource
        || command instanceof Command.UpdateOrganization) {
      return; // Names for people decide nothing.
    } else if (command instanceof Command.SuspendPrincipal c) {
      mark(suspendedPrincipals, c.principal(), c.suspend());
    } else if (command instanceof Command.SuspendResource c) {
      mark(suspendedResources, c.resource(), c.suspend());
    } else {
      throw new IllegalArgumentException("no model of " + command);
    }
  }

  private void transfer(Command.TransferOwnership command) {
    Map<PrincipalName, List<PlainGrant>> held =
        grants.computeIfAbsent(command.resource(), name -> new HashMap<>());
    Optional<PrincipalName> previous =
        command
            .previousOwner()
            .or(
                () ->
                    held.keySet().stream()
                        .filter(
                            name ->
                                held.getOrDefault(name, List.of()).stream()
                                    .anyMatch(PlainModel::isOwner))
                        .findFirst());
    if (previous.filter(command.newOwner()::equals).isPresent()) {
      return;
    }
    grant(command.resource(), merged(command.newOwner(), "owner"));
    previous.ifPresent(
        name -> {
          List<PlainGrant> kept = new ArrayList<>(held.getOrDefault(name, List.of()));
          kept.removeIf(PlainModel::isOwner);
          held.put(name, List.copyOf(kept));
          if (!command.keepPreviousAs().isEmpty()) {
            grant(command.resource(), merged(name, command.keepPreviousAs()));
          }
        });
  }

  /** Empty: as it is, or active for a new one. */
  private void state(PrincipalName name, Optional<PrincipalRow.State> state) {
    boolean active = principals.getOrDefault(name, true);
    principals.put(name, state.map(it -> it == PrincipalRow.State.ACTIVE).orElse(active));
  }

  private void item(Command.ImportItem item, long atMicros) {
    if (item instanceof Command.ImportPrincipal i) {
      state(i.principal(), i.state());
    } else if (item instanceof Command.ImportMembership i) {
      member(new MembershipChange(true, i.group(), i.member()));
    } else if (item instanceof Command.ImportResource i) {
      resources.add(i.name());
    } else if (item instanceof Command.ImportSuspension i) {
      i.principal().ifPresent(suspendedPrincipals::add);
      i.resource().ifPresent(suspendedResources::add);
    } else if (item instanceof Command.ImportGrant i && i.change().expiresAtMicros() > atMicros) {
      grant(i.resource(), i.change());
    }
  }

  private static boolean isOwner(PlainGrant grant) {
    return grant.role().equals("owner");
  }

  /** A transfer says nothing of data: only owners have them then. */
  private static GrantChange merged(PrincipalName principal, String role) {
    return new GrantChange(
        GrantChange.Mode.MERGE, principal, role, List.of(), false, false, 0, Micros.NEVER, "");
  }

  private void delete(PrincipalName name) {
    principals.remove(name);
    groupsOf.remove(name);
    groupsOf.values().forEach(groups -> groups.remove(name));
    grants.values().forEach(held -> held.remove(name));
    suspendedPrincipals.remove(name);
  }

  private void member(MembershipChange change) {
    Set<PrincipalName> groups =
        groupsOf.computeIfAbsent(change.member(), member -> new HashSet<>());
    if (change.add()) {
      principals.putIfAbsent(change.member(), true);
      groups.add(change.group());
    } else {
      groups.remove(change.group());
    }
  }

  private void own(ResourceName resource, PrincipalName owner) {
    principals.putIfAbsent(owner, true);
    grants
        .computeIfAbsent(resource, name -> new HashMap<>())
        .put(owner, List.of(new PlainGrant("owner", Set.of(), true, 0, Micros.NEVER)));
  }

  private boolean addsToAnOwner(ResourceName resource, GrantChange change) {
    return change.mode() == GrantChange.Mode.MERGE
        && grants(resource, change.principal()).stream().anyMatch(PlainModel::isOwner);
  }

  private void grant(ResourceName resource, GrantChange change) {
    Map<PrincipalName, List<PlainGrant>> held =
        grants.computeIfAbsent(resource, name -> new HashMap<>());
    List<PlainGrant> after = new ArrayList<>(held.getOrDefault(change.principal(), List.of()));
    Set<String> permissions = Set.copyOf(change.permissions());
    String role = change.role();
    boolean all = role.isEmpty() && permissions.isEmpty();
    if (all) {
      role = PROFILE.kindOf(resource).orElseThrow().sharing().defaultRole();
    }
    PlainGrant given =
        new PlainGrant(
            role,
            permissions,
            change.canUseData(),
            change.notBeforeMicros(),
            change.expiresAtMicros());
    switch (change.mode()) {
      case SET -> after.clear();
      case MERGE -> after.removeIf(old -> sameTarget(old, given));
      case REMOVE -> after.removeIf(old -> all || sameTarget(old, given));
    }
    if (change.mode() != GrantChange.Mode.REMOVE) {
      after.add(given);
      if (change.principal().kind().mayBeUnknown()) {
        principals.putIfAbsent(change.principal(), true);
      }
    }
    held.put(change.principal(), List.copyOf(after));
  }

  private static boolean sameTarget(PlainGrant one, PlainGrant other) {
    return one.role().equals(other.role()) && one.permissions().equals(other.permissions());
  }

  private static <T> void mark(Set<T> marked, T name, boolean mark) {
    if (mark) {
      marked.add(name);
    } else {
      marked.remove(name);
    }
  }
}
