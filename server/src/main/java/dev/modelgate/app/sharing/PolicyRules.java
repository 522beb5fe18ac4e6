package dev.modelgate.app.sharing;

import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Limits;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Replaces all direct grants of a resource. Every limit of the requester applies to the difference,
 * removals included, and is judged by the state before any of it (hazard 33): what stays needs no
 * right, and the order of the policy means nothing. The floors hold for the result.
 */
final class PolicyRules {
  private final Draft draft;
  private final Rights rights;

  PolicyRules(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
  }

  void set(Command.SetPolicy command) {
    ResourceName name = command.resource();
    draft.requireOwn(name);
    Kind kind = ResourceRules.kindOf(draft, name);
    ResourceRow resource = shared(name, kind);
    Map<Uid, List<Grant>> before = before(resource.uid());
    requireEtag(command, resource.uid(), before);
    requireWithinLimits(command.grants());
    Floors floors = Floors.before(draft, name, kind, resource.uid(), true);
    PolicyDifference difference =
        new PolicyDifference(draft, rights, name, kind, resource.uid(), command.form());
    byPrincipal(command.grants())
        .forEach(
            (principal, grants) ->
                difference.add(principal.name(), principal.deleted(), grants, before));
    before.forEach(difference::takeAll);
    difference.write();
    floors.requireAfter();
  }

  /** Somebody in a policy; a deleted principal is not a living one of the same name. */
  private record Member(PrincipalName name, Optional<Uid> deleted) {}

  private static Map<Member, List<GrantChange>> byPrincipal(List<Policy.Entry> entries) {
    Map<Member, List<GrantChange>> grouped = new LinkedHashMap<>();
    for (Policy.Entry entry : entries) {
      grouped
          .computeIfAbsent(
              new Member(entry.grant().principal(), entry.deleted()), any -> new ArrayList<>())
          .add(entry.grant());
    }
    return grouped;
  }

  /** The resource, which the requester may share and on which there are grants at all. */
  private ResourceRow shared(ResourceName name, Kind kind) {
    if (!kind.sharing().shareable()) {
      rights.require(name, Operation.SHARE);
      throw notShareable(name).asException();
    }
    ResourceRow resource = ResourceRules.require(draft, rights, name);
    rights.require(name, Operation.SHARE);
    if (!kind.sharing().isShareable(resource.attributes().type())) {
      throw notShareable(name).asException();
    }
    return resource;
  }

  private Map<Uid, List<Grant>> before(Uid resource) {
    Map<Uid, List<Grant>> before = new LinkedHashMap<>();
    draft
        .rows()
        .eachGrantOf(
            resource,
            row -> {
              before.put(row.principal(), row.grants());
              return true;
            });
    return before;
  }

  /**
   * Nobody overwrites what he has not seen: where there is a cap always, elsewhere where conditions
   * could get lost (F126).
   */
  private void requireEtag(Command.SetPolicy command, Uid resource, Map<Uid, List<Grant>> before) {
    GrantRules.requireEtag(
        command.resource(), command.etag(), Etag.ofGrants(draft.rows(), resource));
    boolean conditional =
        before.values().stream().flatMap(List::stream).anyMatch(grant -> !grant.isUnconditional());
    if (conditional && command.form() == Policy.Form.BARE_UNCONDITIONAL) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD, "policy.version", "1", "3, for grants there have conditions")
          .asException();
    }
    boolean needed =
        draft.profile().switches().cap() != Switches.Cap.NONE
            || conditional
            || command.grants().stream().anyMatch(entry -> isConditional(entry.grant()));
    if (needed && command.etag().isEmpty()) {
      throw Refusal.ofField(
              Fault.INVALID_FIELD, "policy.etag", "", "the etag of the policy that was read")
          .asException();
    }
  }

  private static boolean isConditional(GrantChange grant) {
    return !grant.condition().isEmpty()
        || grant.notBeforeMicros() != 0
        || grant.expiresAtMicros() != Micros.NEVER;
  }

  private void requireWithinLimits(List<Policy.Entry> grants) {
    Limits limits = draft.profile().limits();
    long groups =
        grants.stream()
            .filter(entry -> entry.grant().principal().kind() == PrincipalKind.GROUP)
            .count();
    if (grants.size() > limits.policyMembers()) {
      throw Refusal.ofSize("policy.bindings", grants.size(), limits.policyMembers()).asException();
    }
    if (groups > limits.policyGroups()) {
      throw Refusal.ofSize("groups in policy.bindings", groups, limits.policyGroups())
          .asException();
    }
  }

  private static Refusal notShareable(ResourceName name) {
    return Refusal.ofField(
        Fault.KIND_NOT_SHAREABLE,
        "resource",
        name.toString(),
        "a kind and type with grants of its own");
  }
}
