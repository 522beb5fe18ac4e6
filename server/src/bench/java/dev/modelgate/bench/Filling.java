package dev.modelgate.bench;

import dev.modelgate.app.commit.Order;
import dev.modelgate.app.commit.OrganizationCommitter;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.PrincipalRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Fills a store through the committer, as imports do, 1,000 items to a change set; references name
 * only what was added before.
 */
public final class Filling {
  private static final int ITEMS = 1_000;

  private final OrganizationCommitter committer;
  private final List<Command.ImportItem> items = new ArrayList<>();
  private long written;

  private Filling(OrganizationCommitter committer) {
    this.committer = committer;
  }

  /** Fills an empty store; everything is committed on return. */
  static void fill(OrganizationCommitter committer, Scene scene) {
    Filling filling = new Filling(committer);
    filling.commit("system", new Command.RegisterOrganization(Scene.ORGANIZATION));
    filling.commit(
        Scene.ORGANIZATION,
        new Command.InitializeOrganization(Scene.ORGANIZATION, "", "modelgate", Optional.empty()));
    filling.resource(Scene.ENVIRONMENT);
    scene.fill(filling);
    filling.flush();
  }

  /** A resource; its parent comes first. */
  public void resource(String name) {
    add(new Command.ImportResource(ResourceName.parse(name), "", Map.of()));
  }

  /** A user or a group, by its prefix. */
  public void principal(String name) {
    add(
        new Command.ImportPrincipal(
            PrincipalName.parse(name),
            PrincipalRow.State.ACTIVE,
            name.startsWith("group:") ? PrincipalRow.GroupType.ACCESS : PrincipalRow.GroupType.NONE,
            ""));
  }

  /** A user or group in a group. */
  public void membership(String group, String member) {
    add(new Command.ImportMembership(PrincipalName.parse(group), PrincipalName.parse(member)));
  }

  /** The right to predict. */
  public void grant(String resource, String principal) {
    grant(resource, principal, "");
  }

  /** The right to predict where a condition in CEL holds, empty for anywhere. */
  public void grant(String resource, String principal, String condition) {
    add(new Command.ImportGrant(ResourceName.parse(resource), change(principal, condition)));
  }

  private static Command.GrantChange change(String principal, String condition) {
    return change(Command.GrantChange.Mode.MERGE, principal, condition);
  }

  /** Registers a resource. */
  static Command create(String resource) {
    return new Command.CreateResource(ResourceName.parse(resource), "", Map.of(), Optional.empty());
  }

  /** Gives or takes the right to predict. */
  static Command give(boolean give, String resource, String principal) {
    return new Command.UpdateGrants(
        ResourceName.parse(resource),
        List.of(
            change(
                give ? Command.GrantChange.Mode.MERGE : Command.GrantChange.Mode.REMOVE,
                principal,
                "")),
        "");
  }

  private static Command.GrantChange change(
      Command.GrantChange.Mode mode, String principal, String condition) {
    return new Command.GrantChange(
        mode,
        PrincipalName.parse(principal),
        "user",
        List.of(),
        false,
        false,
        0,
        Micros.NEVER,
        "",
        condition);
  }

  private void add(Command.ImportItem item) {
    items.add(item);
    if (items.size() == ITEMS) {
      flush();
    }
  }

  private void flush() {
    if (!items.isEmpty()) {
      commit(Scene.ORGANIZATION, new Command.ImportItems(List.copyOf(items), written + 1));
      written += items.size();
      items.clear();
    }
  }

  private void commit(String organization, Command command) {
    var unused =
        committer
            .commit(organization, Order.of(Requester.SYSTEM_ADMINISTRATOR), command)
            .toCompletableFuture()
            .join();
  }
}
