package dev.modelgate.app.sharing;

import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Role;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.LinkRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * External links. To make one, or to learn a new secret of one, is to share with whoever has it: so
 * it takes the right to share, and the whole grant of the link is held to the cap each time.
 */
final class LinkRules {
  /** The most links of one organization; all of them are kept in memory. */
  static final int LINKS_MAX = 10_000;

  private final Draft draft;
  private final Rights rights;
  private final Links links;

  LinkRules(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
    this.links = new Links(draft);
  }

  /** Creates a link or replaces what is said of one. */
  void put(Command.PutExternalLink command) {
    ResourceName name = command.resource();
    ResourceRow resource = shared(name);
    Kind kind = ResourceRules.kindOf(draft, name);
    if (!kind.sharing().links()) {
      throw Refusal.ofField(
              Fault.KIND_WITHOUT_LINKS, "resource", name.toString(), "a kind with external links")
          .asException();
    }
    Optional<LinkRow> old = existing(command.id(), resource.uid());
    requireEtag(command.id(), command.etag(), old);
    PrincipalName principal = Links.principal(command.id());
    List<Grant> before =
        old.flatMap(row -> draft.rows().grants(row.resource(), row.uid()))
            .map(GrantRow::grants)
            .orElse(List.of());
    Grant grant = grant(kind, command, before.stream().findFirst());
    new Cap(draft, rights).requireMayGive(name, kind, grant);
    for (Grant replaced : before) {
      if (!Grants.covers(replaced, grant)) {
        new Cap(draft, rights).requireMayTake(name, kind, principal, replaced);
      }
    }
    boolean sameGrant = before.size() == 1 && Grants.sameEffect(before.get(0), grant);
    byte[] hash = old.isEmpty() || command.rotate() ? command.secretHash() : old.get().secretHash();
    boolean sameSecret = old.filter(row -> Arrays.equals(row.secretHash(), hash)).isPresent();
    if (sameGrant && sameSecret) {
      return;
    }
    Uid uid = old.map(LinkRow::uid).orElseGet(() -> create(principal));
    draft.put(
        new LinkRow(command.id(), uid, resource.uid(), hash, draft.atMicros(), draft.version()));
    if (!sameGrant) {
      draft.put(new GrantRow(resource.uid(), uid, List.of(grant)));
    }
  }

  /** Ends a link of a resource at once. */
  void delete(Command.DeleteExternalLink command) {
    ResourceName name = command.resource();
    ResourceRow resource = shared(name);
    Kind kind = ResourceRules.kindOf(draft, name);
    LinkRow link =
        links
            .find(command.id())
            .filter(row -> row.resource().equals(resource.uid()))
            .orElseThrow(() -> nothingToRemove(name, command.id()).asException());
    requireEtag(command.id(), command.etag(), Optional.of(link));
    Optional<GrantRow> grants = draft.rows().grants(link.resource(), link.uid());
    for (Grant grant : grants.map(GrantRow::grants).orElse(List.of())) {
      new Cap(draft, rights).requireMayTake(name, kind, Links.principal(link.id()), grant);
    }
    links.end(link);
  }

  /** The resource, which the requester may share. */
  private ResourceRow shared(ResourceName name) {
    draft.requireOwn(name);
    ResourceRow resource = ResourceRules.require(draft, rights, name);
    rights.require(name, Operation.SHARE);
    return resource;
  }

  /** The link of that id to that resource; one to a deleted resource makes room. */
  private Optional<LinkRow> existing(String id, Uid resource) {
    Optional<LinkRow> found = links.find(id);
    if (found.isEmpty() || found.get().resource().equals(resource)) {
      return found;
    }
    boolean gone =
        draft.rows().resourcePath(found.get().resource()).filter(row -> !row.isDeleted()).isEmpty();
    if (!gone) {
      throw Refusal.ofName(
              Fault.ALREADY_EXISTS,
              "link `" + id + "` leads to another resource",
              "id",
              Links.principal(id).toString())
          .asException();
    }
    links.end(found.get());
    return Optional.empty();
  }

  /** What the link gives: where nothing is said, what it gave, or as little as there is. */
  private Grant grant(Kind kind, Command.PutExternalLink command, Optional<Grant> before) {
    String role =
        command.role().isEmpty()
            ? before.flatMap(had -> draft.profile().role(had.role())).map(Role::name).orElse("")
            : command.role();
    GrantChange change =
        new GrantChange(
            GrantChange.Mode.SET,
            Links.principal(command.id()),
            role.isEmpty() ? lowestRole(kind) : role,
            List.of(),
            false,
            false,
            0,
            command
                .expiresAtMicros()
                .or(() -> before.map(Grant::expiresAtMicros))
                .orElse(Micros.NEVER),
            "");
    if (Grants.isOwner(draft.profile(), Grants.target(draft.profile(), kind, change))) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD, "role", command.role(), "a role that makes nobody an owner")
          .asException();
    }
    return Grants.of(draft, rights, kind, change, Grant.Origin.DIRECT);
  }

  /**
   * The lowest role that gives something and makes nobody an owner; empty when there is none, for
   * the kind's default then. Whoever has a link is anybody, so that its default is no editor.
   */
  private String lowestRole(Kind kind) {
    return draft.profile().roles().stream()
        .filter(role -> kind.sharing().offers(role.name()) && !role.owner())
        .filter(role -> role.maskOn(kind) != 0)
        .min(Comparator.comparingInt(Role::rank).thenComparing(Role::name))
        .map(Role::name)
        .orElse("");
  }

  private Uid create(PrincipalName principal) {
    int count = draft.count(Table.LINKS) + 1;
    if (count > LINKS_MAX) {
      throw Refusal.ofSize("external links of the organization", count, LINKS_MAX).asException();
    }
    return draft.create(principal).uid();
  }

  private static void requireEtag(String id, String given, Optional<LinkRow> link) {
    String current = link.map(row -> Etag.of(row.uid(), row.changedIn())).orElse("");
    GrantRules.requireEtag(Links.principal(id), given, current);
  }

  private static Refusal nothingToRemove(ResourceName name, String id) {
    String principal = Links.principal(id).toString();
    return new Refusal(
        Fault.NOTHING_TO_REMOVE,
        "`" + name + "` has no `" + principal + "`",
        "id",
        Map.of("principal", principal, "name", name.toString()));
  }
}
