package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Role;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.RowCursor;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.OrphanRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.ResourceRow.Attributes;
import dev.modelgate.store.row.ResourceUidRow;
import dev.modelgate.store.row.SuspensionRow;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Registering resources, changing and deleting them. */
final class ResourceRules {
  private static final byte[] NO_KEY = {};

  private final Draft draft;
  private final Rights rights;

  ResourceRules(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
  }

  /** The kind of a resource, every level being declared. */
  static Kind kindOf(Draft draft, ResourceName name) {
    return draft
        .last()
        .kindOf(name)
        .orElseThrow(
            () ->
                Refusal.ofField(
                        Fault.UNKNOWN_KIND,
                        "name",
                        name.toString(),
                        "a kind of the profile `"
                            + draft.profile().name()
                            + "` in a place that it allows")
                    .asException());
  }

  /** The record of a resource that the requester may know of. */
  static ResourceRow require(Draft draft, Rights rights, ResourceName name) {
    kindOf(draft, name);
    Optional<ResourceRow> row = draft.last().resource(name.relativePath());
    boolean hides = draft.profile().switches().unseen() == Switches.Unseen.NOT_FOUND;
    if (row.isEmpty() || hides && !rights.sees(name)) {
      throw Rights.notFound(name).asException();
    }
    return row.get();
  }

  /** Creates a resource; its owner's grant is in the same commit. */
  void create(Command.CreateResource command) {
    ResourceName name = command.name();
    draft.requireOwn(name);
    Kind kind = kindOf(draft, name);
    if (!name.hasParent()) {
      throw exists(name).asException();
    }
    requireParent(name);
    rights.requireCreate(nearestRecord(name.parent()), kind);
    if (draft.last().resource(name.relativePath()).isPresent()) {
      throw exists(name).asException();
    }
    Optional<PrincipalName> owner = command.owner().or(rights::actor);
    Attributes attributes = inUnit(command.attributes(), owner);
    new AttributeRules(draft, rights, name, kind)
        .requireMayCreate(attributes, inUnit(Attributes.NONE, owner).unit());
    Optional<Role> role = draft.profile().ownerRole(kind);
    if (!kind.needsRecord() && owner.isPresent() && role.isPresent()) {
      // It was there before: to make somebody its owner is to share it.
      new Cap(draft, rights).requireMayGive(name, kind, SystemRules.ownerGrant(draft, role.get()));
    }
    ResourceRow row = put(name, attributes);
    if (owner.isPresent() && role.isPresent()) {
      addOwner(row.uid(), owner.get(), role.get());
    }
  }

  /** Changes what is given. */
  void update(Command.UpdateResource command) {
    draft.requireOwn(command.name());
    ResourceRow row = require(draft, rights, command.name());
    Kind kind = kindOf(draft, command.name());
    Attributes fresh =
        new AttributeRules(draft, rights, command.name(), kind).updated(row.attributes(), command);
    GrantRules.requireEtag(command.name(), command.etag(), Etag.of(row.uid(), row.changedIn()));
    put(command.name(), fresh);
  }

  /** Deletes a resource without registered children; its grants are swept later (hazard 13). */
  void delete(Command.DeleteResource command) {
    ResourceName name = command.name();
    draft.requireOwn(name);
    ResourceRow row = require(draft, rights, name);
    rights.require(name, Operation.DELETE);
    GrantRules.requireEtag(command.name(), command.etag(), Etag.of(row.uid(), row.changedIn()));
    requireNoRule(row, name);
    if (!name.hasParent()) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD, "name", name.toString(), "a resource below an organization")
          .asException();
    }
    if (hasChildren(row.path())) {
      throw new Refusal(
              Fault.CHILDREN_EXIST,
              "`" + name + "` has registered children",
              "name",
              Map.of("resource", name.toString()))
          .asException();
    }
    if (row.attributes().flags().contains(kindOf(draft, name).deletedLast()) && hasSiblings(name)) {
      throw new Refusal(
              Fault.CHILDREN_EXIST,
              "`" + name + "` goes last, and others of its kind exist beside it",
              "name",
              Map.of("resource", name.toString()))
          .asException();
    }
    draft.delete(row);
    draft.put(new ResourceUidRow(row.uid(), row.path(), draft.atMicros()));
    draft.put(new OrphanRow(row.uid(), SuspensionRow.Target.RESOURCE));
    draft.rows().suspension(SuspensionRow.Target.RESOURCE, row.uid()).ifPresent(draft::delete);
  }

  /** Made again under its name it would be without the rules that an administrator put there. */
  private void requireNoRule(ResourceRow row, ResourceName name) {
    if (!rights.isLastingAdministrator() && !draft.denyRules(row.uid()).isEmpty()) {
      throw rights
          .administratorNeeded("deny rules stand on `" + name + "`: an administrator is needed")
          .asException();
    }
  }

  /** Makes the record of a resource that has none, or changes that of one that has. */
  ResourceRow put(ResourceName name, Attributes attributes) {
    Optional<ResourceRow> old = draft.last().resource(name.relativePath());
    if (old.isPresent()) {
      ResourceRow row = old.get();
      if (attributes.equals(row.attributes())) {
        return row;
      }
      ResourceRow changed =
          new ResourceRow(
              row.path(),
              row.uid(),
              attributes,
              row.createdAtMicros(),
              draft.atMicros(),
              draft.version());
      draft.put(changed);
      return changed;
    }
    ResourceRow row =
        new ResourceRow(
            name.relativePath(),
            draft.newUid(false),
            attributes,
            draft.atMicros(),
            draft.atMicros(),
            draft.version());
    draft.put(row);
    draft.put(new ResourceUidRow(row.uid(), row.path(), 0));
    return row;
  }

  /** Where nothing is said about the unit, it is the owner's. */
  private Attributes inUnit(Attributes attributes, Optional<PrincipalName> owner) {
    if (!attributes.unit().equals(UnitName.ROOT)) {
      return attributes;
    }
    UnitName unit =
        owner.flatMap(draft.rows()::principal).map(PrincipalRow::unit).orElse(UnitName.ROOT);
    return new Attributes(
        attributes.displayName(), attributes.labels(), attributes.type(), unit, attributes.flags());
  }

  /** Refuses a resource one of whose ancestors needs a record and has none. */
  void requireParent(ResourceName name) {
    for (int level = 0; level < name.depth() - 1; level++) {
      ResourceName ancestor = name.ancestor(level);
      if (kindOf(draft, ancestor).needsRecord()
          && draft.last().resource(ancestor.relativePath()).isEmpty()) {
        throw Rights.notFound(ancestor).asException();
      }
    }
  }

  private ResourceName nearestRecord(ResourceName name) {
    ResourceName at = name;
    while (at.hasParent() && draft.last().resource(at.relativePath()).isEmpty()) {
      at = at.parent();
    }
    return at;
  }

  private void addOwner(Uid resource, PrincipalName owner, Role role) {
    boolean account =
        owner.kind() == PrincipalKind.USER
            || owner.kind() == PrincipalKind.SERVICE_ACCOUNT
            || owner.kind() == PrincipalKind.APP
            || owner.kind() == PrincipalKind.GROUP;
    if (!account) {
      throw Refusal.ofField(
              Fault.KIND_NOT_ALLOWED, "owner", owner.toString(), "an account or a group")
          .asException();
    }
    Optional<PrincipalRow> row = draft.rows().principal(owner);
    boolean open = draft.profile().switches().directory() == Switches.Directory.OPEN;
    if (row.isEmpty() && !(open && owner.kind().mayBeUnknown())) {
      throw Refusal.ofField(
              Fault.UNKNOWN_PRINCIPAL, "owner", owner.toString(), "a principal of the organization")
          .asException();
    }
    if (row.isPresent() && row.get().state() != PrincipalRow.State.ACTIVE) {
      throw Refusal.ofField(
              Fault.RECIPIENT_INACTIVE, "owner", owner.toString(), "an active principal")
          .asException();
    }
    new Recipients(draft).requireMayOwn("owner", owner);
    Uid uid = row.isPresent() ? row.get().uid() : draft.admit("owner", owner).uid();
    Grant grant = SystemRules.ownerGrant(draft, role);
    draft.put(new GrantRow(resource, uid, List.of(grant)));
  }

  private boolean hasChildren(String path) {
    byte[] prefix = (path + "/").getBytes(StandardCharsets.UTF_8);
    try (RowCursor children = draft.rows().view().scan(Table.RESOURCES, prefix, NO_KEY)) {
      return children.next();
    }
  }

  private boolean hasSiblings(ResourceName name) {
    String path = name.relativePath();
    byte[] prefix = path.substring(0, path.lastIndexOf('/') + 1).getBytes(StandardCharsets.UTF_8);
    try (RowCursor siblings = draft.rows().view().scan(Table.RESOURCES, prefix, NO_KEY)) {
      boolean any = siblings.next();
      return any && siblings.next();
    }
  }

  private static Refusal exists(ResourceName name) {
    return Refusal.ofName(
        Fault.ALREADY_EXISTS, "resource `" + name + "` exists already", "name", name.toString());
  }
}
