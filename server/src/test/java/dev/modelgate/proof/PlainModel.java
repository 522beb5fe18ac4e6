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
import dev.modelgate.proof.PlainDirectory.Bearer;
import dev.modelgate.store.Micros;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One organization with the built-in profile, as plain maps by name: what accepted commands must
 * have made of it. It knows no uids, only who bears a name now, so whoever gets a deleted one's
 * name has nothing of his.
 *
 * <p>Immutable once made: {@link #after} answers a copy. Refuses nothing; only accepted commands
 * are to be given to it.
 */
final class PlainModel implements ReferenceWorld {
  private static final Profile PROFILE =
      BuiltInProfiles.find(BuiltInProfiles.DEFAULT).orElseThrow().compile(vocabulary());

  private final Map<Bearer, Set<Bearer>> groupsOf = new HashMap<>();
  private final Set<ResourceName> resources = new HashSet<>();
  private final Map<ResourceName, Map<Bearer, List<PlainGrant>>> grants = new HashMap<>();
  private final Set<Bearer> suspendedPrincipals = new HashSet<>();
  private final Set<ResourceName> suspendedResources = new HashSet<>();
  private PlainDirectory directory = new PlainDirectory();
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
    return directory.names();
  }

  /** The names that are deleted and not made anew. */
  Set<PrincipalName> deletedNames() {
    return directory.deletedNames();
  }

  Set<ResourceName> resources() {
    return resources;
  }

  Set<PrincipalName> suspendedPrincipals() {
    return names(suspendedPrincipals);
  }

  Set<ResourceName> suspendedResources() {
    return suspendedResources;
  }

  /** What is granted there, to whoever is not deleted. */
  Map<PrincipalName, List<PlainGrant>> grantsOn(ResourceName resource) {
    Map<PrincipalName, List<PlainGrant>> living = new HashMap<>();
    grants
        .getOrDefault(resource, Map.of())
        .forEach(
            (bearer, held) -> {
              if (directory.isLiving(bearer)) {
                living.put(bearer.name(), held);
              }
            });
    return living;
  }

  /** Every time at which a grant begins or ends. */
  List<Long> boundaries() {
    List<Long> times = new ArrayList<>();
    for (Map<Bearer, List<PlainGrant>> byPrincipal : grants.values()) {
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
    return directory.account(principal);
  }

  @Override
  public Set<PrincipalName> directGroups(PrincipalName member) {
    return directory
        .find(member)
        .map(bearer -> names(groupsOf.getOrDefault(bearer, Set.of())))
        .orElse(Set.of());
  }

  @Override
  public boolean groupIsActive(PrincipalName group) {
    return account(group) == Account.ACTIVE;
  }

  @Override
  public boolean isSuspended(PrincipalName principal) {
    return directory.find(principal).filter(suspendedPrincipals::contains).isPresent();
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
    Map<Bearer, List<PlainGrant>> held = grants.getOrDefault(resource, Map.of());
    return directory.find(principal).map(it -> held.getOrDefault(it, List.of())).orElse(List.of());
  }

  private PlainModel copy() {
    PlainModel copy = new PlainModel();
    copy.directory = directory.copy();
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
      directory.put(c.principal(), c.state());
    } else if (command instanceof Command.DeletePrincipal c) {
      directory.delete(c.principal());
    } else if (command instanceof Command.RestorePrincipal c) {
      directory.restore(c.principal());
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
    } else if (command instanceof Command.SetPolicy c) {
      grants.remove(c.resource());
      c.grants().forEach(entry -> grant(c.resource(), entry.grant()));
    } else if (command instanceof Command.TransferOwnership c) {
      transfer(c);
    } else if (command instanceof Command.ImportItems c) {
      c.items().forEach(item -> item(item, atMicros));
    } else if (command instanceof Command.UpdateResource
        || command instanceof Command.UpdateOrganization) {
      return; // Names for people decide nothing.
    } else if (command instanceof Command.SuspendPrincipal c) {
      mark(suspendedPrincipals, directory.named(c.principal()), c.suspend());
    } else if (command instanceof Command.SuspendResource c) {
      mark(suspendedResources, c.resource(), c.suspend());
    } else {
      throw new IllegalArgumentException("no model of " + command);
    }
  }

  private void transfer(Command.TransferOwnership command) {
    Map<PrincipalName, List<PlainGrant>> before = grantsOn(command.resource());
    Optional<PrincipalName> previous =
        command
            .previousOwner()
            .or(
                () ->
                    before.keySet().stream()
                        .filter(
                            name ->
                                before.getOrDefault(name, List.of()).stream()
                                    .anyMatch(PlainModel::isOwner))
                        .findFirst());
    if (previous.filter(command.newOwner()::equals).isPresent()) {
      return;
    }
    grant(command.resource(), merged(command.newOwner(), "owner"));
    if (previous.isEmpty()) {
      heldOn(command.resource()).replaceAll(this::withoutOwnershipIfDeleted);
    }
    previous.ifPresent(
        name -> {
          List<PlainGrant> kept = new ArrayList<>(grants(command.resource(), name));
          kept.removeIf(PlainModel::isOwner);
          heldOn(command.resource()).put(directory.named(name), List.copyOf(kept));
          if (!command.keepPreviousAs().isEmpty()) {
            grant(command.resource(), merged(name, command.keepPreviousAs()));
          }
        });
  }

  private List<PlainGrant> withoutOwnershipIfDeleted(Bearer bearer, List<PlainGrant> held) {
    return directory.isLiving(bearer)
        ? held
        : held.stream().filter(grant -> !isOwner(grant)).toList();
  }

  private void item(Command.ImportItem item, long atMicros) {
    if (item instanceof Command.ImportPrincipal i) {
      directory.put(i.principal(), i.state());
    } else if (item instanceof Command.ImportDeletedPrincipal i) {
      directory.bury(i.principal());
    } else if (item instanceof Command.ImportMembership i) {
      member(new MembershipChange(true, i.group(), i.member()));
    } else if (item instanceof Command.ImportResource i) {
      resources.add(i.name());
    } else if (item instanceof Command.ImportSuspension i) {
      i.principal().map(directory::named).ifPresent(suspendedPrincipals::add);
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

  private void member(MembershipChange change) {
    Bearer group = directory.named(change.group());
    Set<Bearer> groups =
        groupsOf.computeIfAbsent(directory.named(change.member()), member -> new HashSet<>());
    if (change.add()) {
      groups.add(group);
    } else {
      groups.remove(group);
    }
  }

  private void own(ResourceName resource, PrincipalName owner) {
    heldOn(resource)
        .put(
            directory.named(owner),
            List.of(new PlainGrant("owner", Set.of(), true, 0, Micros.NEVER)));
  }

  private boolean addsToAnOwner(ResourceName resource, GrantChange change) {
    return change.mode() == GrantChange.Mode.MERGE
        && grants(resource, change.principal()).stream().anyMatch(PlainModel::isOwner);
  }

  private void grant(ResourceName resource, GrantChange change) {
    List<PlainGrant> after = new ArrayList<>(grants(resource, change.principal()));
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
    }
    heldOn(resource).put(directory.named(change.principal()), List.copyOf(after));
  }

  private Map<Bearer, List<PlainGrant>> heldOn(ResourceName resource) {
    return grants.computeIfAbsent(resource, name -> new HashMap<>());
  }

  private Set<PrincipalName> names(Set<Bearer> bearers) {
    Set<PrincipalName> names = new HashSet<>();
    for (Bearer bearer : bearers) {
      if (directory.isLiving(bearer)) {
        names.add(bearer.name());
      }
    }
    return names;
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
