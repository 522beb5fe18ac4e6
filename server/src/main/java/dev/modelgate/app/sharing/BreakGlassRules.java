package dev.modelgate.app.sharing;

import dev.modelgate.app.state.Gathering;
import dev.modelgate.decision.HeldGrant;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Role;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Access in an emergency.
 *
 * <p>The right to break glass is a right to give what one does not hold, so that the cap does not
 * bind here. What binds instead: an end within hours, and not beyond that of the right itself;
 * nothing by which the recipient could widen what he or others may do for longer than that, as
 * ownership, administration, sharing or breaking glass would; one at a time. A grant is all that it
 * makes, so that suspensions, deny rules, ceilings, privileges and gates bound it as any other.
 */
final class BreakGlassRules {
  private static final long MICROS_PER_SECOND = 1_000_000;

  private final Draft draft;
  private final Rights rights;
  private final String reason;

  BreakGlassRules(Draft draft, Rights rights, String reason) {
    this.draft = draft;
    this.rights = rights;
    this.reason = reason;
  }

  void breakGlass(Command.BreakGlass command) {
    ResourceName name = command.resource();
    draft.requireOwn(name);
    ResourceRow resource = ResourceRules.require(draft, rights, name);
    Kind kind = ResourceRules.kindOf(draft, name);
    rights.require(name, Operation.BREAK_GLASS);
    requireReason();
    long until = draft.atMicros() + command.seconds() * MICROS_PER_SECOND;
    requireLasting(name, until);
    requireShareable(kind, resource, name);
    Uid recipient = recipient(kind, command);
    Role role = Grants.role(draft.profile(), kind, command.role());
    Grant grant =
        new Grant(
            role.id(),
            0,
            false,
            command.canUseData(),
            0,
            until,
            Grant.Origin.BREAK_GLASS,
            rights.actorUid(),
            draft.atMicros(),
            reason,
            "");
    requireHarmless(command, kind, role, grant);
    List<Grant> after = new ArrayList<>();
    for (Grant old : grantsOf(resource.uid(), recipient)) {
      boolean over = old.expiresAtMicros() <= draft.atMicros();
      if (!over && (old.origin() == Grant.Origin.BREAK_GLASS || old.gives(grant))) {
        throw alreadyGranted(command, old).asException();
      }
      if (!over || !old.sameTarget(grant) && old.origin() != Grant.Origin.BREAK_GLASS) {
        after.add(old);
      }
    }
    after.add(grant);
    if (after.size() > GrantRow.GRANTS_MAX) {
      throw Refusal.ofSize("grants of one principal", after.size(), GrantRow.GRANTS_MAX)
          .asException();
    }
    draft.put(new GrantRow(resource.uid(), recipient, after));
    draft.tell(resource.uid(), recipient, grant);
  }

  private void requireReason() {
    if (reason.isBlank()) {
      throw Refusal.ofField(Fault.INVALID_FIELD, "reason", "", "why").asException();
    }
  }

  private void requireLasting(ResourceName name, long until) {
    if (!rights.holdsUntil(name, Operation.BREAK_GLASS, until)) {
      throw Refusal.notPermitted(
              "the right to break glass on `" + name + "` ends before that, or has a condition",
              rights.actorText(),
              "break glass until then",
              name.toString(),
              "")
          .asException();
    }
  }

  private void requireShareable(Kind kind, ResourceRow resource, ResourceName name) {
    if (!kind.sharing().isShareable(resource.attributes().type())) {
      throw Refusal.ofField(
              Fault.KIND_NOT_SHAREABLE,
              "resource",
              name.toString(),
              "a kind and type with grants of its own")
          .asException();
    }
  }

  /** One account, for whom somebody answers. */
  private Uid recipient(Kind kind, Command.BreakGlass command) {
    PrincipalKind of = command.principal().kind();
    if (of != PrincipalKind.USER
        && of != PrincipalKind.SERVICE_ACCOUNT
        && of != PrincipalKind.APP) {
      throw Refusal.ofField(
              Fault.KIND_NOT_ALLOWED,
              "principal",
              command.principal().toString(),
              "one user, serviceAccount or app")
          .asException();
    }
    return new Recipients(draft).of(kind, command.principal(), false);
  }

  private void requireHarmless(Command.BreakGlass command, Kind kind, Role role, Grant grant) {
    ResourceName name = command.resource();
    HeldGrant held = Gathering.held(draft.profile(), name.depth() - 1, grant);
    long administers =
        draft.profile().permission(draft.profile().switches().administers()).orElse(0);
    boolean harms =
        role.owner()
            || !draft.profile().conditions().allow(role.name(), command.principal().kind())
            || !name.hasParent() && (held.maskOn(kind) & administers) != 0;
    for (Kind within : draft.profile().kindsWithin(kind)) {
      long mask = held.maskOn(within);
      harms |= held.mayShareOn(within) && gives(mask, within, Operation.SHARE);
      harms |= gives(mask, within, Operation.BREAK_GLASS);
      harms |= gives(mask, within, Operation.TYPE_RIGHTS);
    }
    if (harms) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD,
              "role",
              role.name(),
              "a role that can end, without ownership, administration or a right to give")
          .asException();
    }
  }

  private static boolean gives(long mask, Kind kind, Operation operation) {
    long right = kind.right(operation);
    return right != 0 && (mask & right) == right;
  }

  private Refusal alreadyGranted(Command.BreakGlass command, Grant old) {
    String role = Grants.name(draft.profile(), old);
    return new Refusal(
        Fault.ALREADY_GRANTED,
        "`" + command.principal() + "` has `" + role + "` on `" + command.resource() + "` already",
        "",
        Map.of(
            "principal", command.principal().toString(),
            "resource", command.resource().toString(),
            "grant", role));
  }

  private List<Grant> grantsOf(Uid resource, Uid principal) {
    return draft.rows().grants(resource, principal).map(GrantRow::grants).orElse(List.of());
  }
}
