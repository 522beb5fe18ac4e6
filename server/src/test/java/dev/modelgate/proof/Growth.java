package dev.modelgate.proof;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.decision.ReferenceEvaluator;
import dev.modelgate.decision.ReferenceWorld.Account;
import dev.modelgate.decision.ReferenceWorld.PlainGrant;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Role;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Whether a bounded actor got through with what he had no right to: said plainly, by asking the
 * reference evaluator what he may do in the plain model, and by nothing of the rules.
 */
final class Growth {
  private final PlainModel model;
  private final PrincipalName actor;
  private final long atMicros;

  private Growth(PlainModel model, PrincipalName actor, long atMicros) {
    this.model = model;
    this.actor = actor;
    this.atMicros = atMicros;
  }

  /** What was wrong with accepting the command in that model at that time; empty for nothing. */
  static Optional<String> of(
      PlainModel model, Requester requester, Command command, long atMicros) {
    if (requester.onBehalfOf().isEmpty()) {
      return Optional.empty();
    }
    return new Growth(model, requester.onBehalfOf().get(), atMicros).of(command);
  }

  private Optional<String> of(Command command) {
    if (model.account(actor) != Account.ACTIVE || model.isSuspended(actor)) {
      return Optional.of("its actor is not active");
    }
    if (command instanceof Command.UpdateGrants c) {
      return ofGrants(c);
    }
    if (command instanceof Command.SetPolicy c) {
      return ofPolicy(c);
    }
    if (command instanceof Command.CreateResource c) {
      ResourceName parent = c.name().parent();
      while (parent.hasParent() && !model.isRegistered(parent)) {
        parent = parent.parent();
      }
      return lacks(parent, "create");
    }
    if (command instanceof Command.DeleteResource c) {
      return lacks(c.name(), "delete");
    }
    if (command instanceof Command.UpdateResource c) {
      return lacks(c.name(), "update");
    }
    if (command instanceof Command.TransferOwnership c) {
      return lacks(c.resource(), "transfer").filter(what -> !administers());
    }
    if (command instanceof Command.SuspendResource c) {
      return lacks(c.resource(), "delete").filter(what -> c.suspend() && !administers());
    }
    if (command instanceof Command.UpdateOrganization) {
      return lacks(root(), "update");
    }
    if (command instanceof Command.UpdateMemberships c
        && c.changes().stream()
            .allMatch(change -> !change.add() && change.member().equals(actor))) {
      return Optional.empty();
    }
    return administers() ? Optional.empty() : Optional.of("its actor does not administer");
  }

  /** What a policy gives and takes is its difference to what there is. */
  private Optional<String> ofPolicy(Command.SetPolicy command) {
    ResourceName resource = command.resource();
    Kind kind = model.profile().kindOf(resource).orElseThrow();
    if (lacks(resource, "grants.write").isPresent()) {
      return Optional.of("its actor may not share");
    }
    PlainModel after = model.after(command, atMicros);
    for (PrincipalName principal : after.grantsOn(resource).keySet()) {
      for (PlainGrant grant : after.grants(resource, principal)) {
        if (!model.grants(resource, principal).contains(grant)) {
          Optional<String> more = exceeds(resource, kind, grant);
          if (more.isPresent()) {
            return Optional.of("it gives `" + more.get() + "`, which its actor does not have");
          }
        }
      }
    }
    for (PrincipalName principal : model.grantsOn(resource).keySet()) {
      for (PlainGrant grant : model.grants(resource, principal)) {
        Optional<String> more =
            principal.equals(actor) || after.grants(resource, principal).contains(grant)
                ? Optional.empty()
                : exceeds(resource, kind, grant);
        if (more.isPresent()) {
          return Optional.of("it takes `" + more.get() + "`, which its actor does not have");
        }
      }
    }
    return Optional.empty();
  }

  /** A permission of the grant that the actor does not have. */
  private Optional<String> exceeds(ResourceName resource, Kind kind, PlainGrant grant) {
    return permissions(kind, grant.role(), grant.permissions(), grant.canUseData()).stream()
        .filter(permission -> lacks(resource, permission).isPresent())
        .findFirst();
  }

  private Optional<String> ofGrants(Command.UpdateGrants command) {
    Kind kind = model.profile().kindOf(command.resource()).orElseThrow();
    boolean leaves =
        command.changes().stream()
            .allMatch(
                change ->
                    change.mode() == GrantChange.Mode.REMOVE && change.principal().equals(actor));
    if (!leaves && lacks(command.resource(), "grants.write").isPresent()) {
      return Optional.of("its actor may not share");
    }
    for (GrantChange change : command.changes()) {
      boolean removes = change.mode() == GrantChange.Mode.REMOVE;
      if (!removes) {
        String role =
            change.role().isEmpty() && change.permissions().isEmpty() ? "user" : change.role();
        Set<String> given =
            permissions(kind, role, Set.copyOf(change.permissions()), change.canUseData());
        for (String permission : given) {
          if (lacks(command.resource(), permission).isPresent()) {
            return Optional.of("it gives `" + permission + "`, which its actor does not have");
          }
        }
      }
      boolean takes = removes || change.mode() == GrantChange.Mode.SET;
      if (takes && !change.principal().equals(actor)) {
        Optional<String> above = above(command.resource(), kind, change);
        if (above.isPresent()) {
          return above;
        }
      }
    }
    return Optional.empty();
  }

  /** Whether a removal takes a grant of more than the actor has; a set may just repeat it. */
  private Optional<String> above(ResourceName resource, Kind kind, GrantChange change) {
    boolean all = change.role().isEmpty() && change.permissions().isEmpty();
    for (PlainGrant grant : model.grants(resource, change.principal())) {
      boolean meant =
          change.mode() == GrantChange.Mode.REMOVE
              ? all
                  || grant.role().equals(change.role())
                      && grant.permissions().equals(Set.copyOf(change.permissions()))
              : !grant.role().equals(change.role()) || change.role().isEmpty();
      for (String permission :
          permissions(kind, grant.role(), grant.permissions(), grant.canUseData())) {
        if (meant && lacks(resource, permission).isPresent()) {
          return Optional.of("it takes `" + permission + "`, which its actor does not have");
        }
      }
    }
    return Optional.empty();
  }

  private Set<String> permissions(Kind kind, String role, Set<String> raw, boolean canUseData) {
    boolean owner = model.profile().role(role).filter(Role::owner).isPresent();
    Set<String> given = new TreeSet<>(raw);
    model
        .profile()
        .role(role)
        .ifPresent(found -> given.addAll(model.profile().permissionNames(found.maskOn(kind))));
    long counts =
        canUseData || owner ? kind.permissions() : kind.permissions() & ~kind.dataPermissions();
    given.retainAll(model.profile().permissionNames(counts));
    return given;
  }

  private boolean administers() {
    return lacks(root(), "transfer").isEmpty();
  }

  private ResourceName root() {
    return model.resources().stream().filter(name -> !name.hasParent()).findFirst().orElseThrow();
  }

  private Optional<String> lacks(ResourceName resource, String permission) {
    boolean has =
        ReferenceEvaluator.evaluate(model, actor, List.of(), resource, permission, atMicros)
            .allowed();
    return has
        ? Optional.empty()
        : Optional.of("its actor lacks `" + permission + "` on " + resource);
  }
}
