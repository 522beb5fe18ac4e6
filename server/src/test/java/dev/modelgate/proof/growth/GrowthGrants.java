package dev.modelgate.proof.growth;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Etag;
import dev.modelgate.app.sharing.Policy;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalUidRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Invents grants and policies, from a seed. */
final class GrowthGrants {
  private final GrowthSetting setting;
  private final Profile profile;
  private final Pick pick;

  GrowthGrants(GrowthSetting setting, Profile profile, Pick pick) {
    this.setting = setting;
    this.profile = profile;
    this.pick = pick;
  }

  /** In an order that is the same in every process. */
  List<Role> roles() {
    return profile.roles().stream().sorted(Comparator.comparing(Role::name)).toList();
  }

  /** Somebody who may share what he has, and has a little more or less than others. */
  Command.UpdateGrants sharer(PrincipalName name) {
    ResourceName at = GrowthSetting.path(pick.one(setting.resources()));
    GrantChange grant = grant(at, name, true);
    List<String> permissions = new ArrayList<>(grant.permissions());
    if (!permissions.isEmpty()) {
      Kind kind = profile.kindOf(at).orElseThrow();
      permissions.addAll(profile.permissionNames(kind.right(Operation.SHARE)));
    }
    GrantChange sharing =
        new GrantChange(
            GrantChange.Mode.MERGE,
            name,
            grant.role(),
            permissions.stream().distinct().toList(),
            true,
            grant.canUseData(),
            0,
            grant.expiresAtMicros(),
            "",
            grant.condition());
    return new Command.UpdateGrants(at, List.of(sharing), "");
  }

  /** One or two random changes. */
  Command.UpdateGrants grants(List<PrincipalName> recipients, boolean furnishing) {
    int count = furnishing || pick.happens(2) ? 1 : 2;
    List<GrantChange> changes = new ArrayList<>();
    ResourceName at = pick.resource();
    for (int i = 0; i < count; i++) {
      PrincipalName recipient = pick.one(recipients);
      if (changes.stream().noneMatch(change -> change.principal().equals(recipient))) {
        changes.add(grant(at, recipient, furnishing));
      }
    }
    return new Command.UpdateGrants(at, changes, "");
  }

  /** Something that he has himself, or a part of it, there or somewhere else: mostly accepted. */
  Command.UpdateGrants passedOn(OrgRows rows, PrincipalName actor) {
    List<Command.UpdateGrants> all = new ArrayList<>();
    for (String path : setting.resources()) {
      ResourceName at = GrowthSetting.path(path);
      Optional<Uid> uid = rows.resource(at.relativePath()).map(ResourceRow::uid);
      Optional<Uid> holder = rows.principal(actor).map(PrincipalRow::uid);
      if (uid.isPresent() && holder.isPresent()) {
        rows.grants(uid.get(), holder.get())
            .ifPresent(row -> row.grants().forEach(grant -> all.add(passedOn(at, grant))));
      }
    }
    return all.isEmpty() ? grants(pick.everybody(), false) : pick.one(all);
  }

  private Command.UpdateGrants passedOn(ResourceName at, Grant grant) {
    ResourceName there = pick.happens(4) ? pick.resource() : at;
    boolean raw = grant.role() == Grant.RAW || pick.happens(3);
    Kind kind = profile.kindOf(at).orElseThrow();
    List<String> held =
        profile.permissionNames(
            profile.role(grant.role()).map(role -> role.maskOn(kind)).orElse(grant.mask()));
    GrantChange given =
        new GrantChange(
            GrantChange.Mode.MERGE,
            pick.one(pick.everybody()),
            raw ? "" : profile.role(grant.role()).map(Role::name).orElse(""),
            raw && !held.isEmpty() ? pick.some(held) : List.of(),
            pick.happens(2),
            pick.happens(2),
            0,
            pick.happens(3) ? Micros.NEVER : grant.expiresAtMicros(),
            "",
            pick.happens(3) ? "" : grant.condition());
    return new Command.UpdateGrants(there, List.of(given), "");
  }

  private GrantChange grant(ResourceName at, PrincipalName recipient, boolean furnishing) {
    boolean raw = pick.happens(2);
    GrantChange.Mode mode =
        furnishing || pick.happens(2)
            ? GrantChange.Mode.MERGE
            : pick.one(List.of(GrantChange.Mode.values()));
    boolean whole = mode == GrantChange.Mode.REMOVE && pick.happens(2);
    return new GrantChange(
        mode,
        recipient,
        raw || whole ? "" : role(at, furnishing),
        raw && !whole ? pick.some(setting.permissions()) : List.of(),
        pick.happens(2),
        pick.happens(2),
        pick.happens(8) ? Pick.END_MICROS / 2 : 0,
        pick.happens(4) ? Pick.END_MICROS : Micros.NEVER,
        "",
        pick.condition());
  }

  /** At first nobody gets what makes an administrator. */
  private String role(ResourceName at, boolean furnishing) {
    List<String> offered = new ArrayList<>();
    Kind kind = profile.kindOf(at).orElseThrow();
    for (Role role : roles()) {
      if (kind.sharing().offers(role.name()) && !(furnishing && role.owner() && !at.hasParent())) {
        offered.add(role.name());
      }
    }
    return offered.isEmpty() ? "" : pick.one(offered);
  }

  /** What is there already, with differences. */
  Command.SetPolicy policy(OrgRows rows) {
    ResourceName at = pick.resource();
    Optional<ResourceRow> row = rows.resource(at.relativePath());
    List<Policy.Entry> entries = new ArrayList<>();
    String etag = "";
    if (row.isPresent()) {
      etag = Etag.ofGrants(rows, row.get().uid());
      rows.eachGrantOf(
          row.get().uid(),
          held -> {
            Optional<PrincipalName> name = name(rows, held.principal());
            held.grants()
                .forEach(
                    grant -> {
                      if (name.isPresent() && !pick.happens(6)) {
                        entries.add(new Policy.Entry(changed(name.get(), grant), Optional.empty()));
                      }
                    });
            return true;
          });
    }
    if (!pick.happens(3)) {
      GrantChange more = grant(at, pick.one(pick.everybody()), true);
      entries.add(new Policy.Entry(more, Optional.empty()));
    }
    Policy.Form form = pick.happens(3) ? Policy.Form.BARE : Policy.Form.COMPLETE;
    return new Command.SetPolicy(at, entries, form, etag);
  }

  private GrantChange changed(PrincipalName name, Grant grant) {
    boolean other = pick.happens(6);
    return new GrantChange(
        GrantChange.Mode.MERGE,
        other && pick.happens(2) ? pick.one(pick.everybody()) : name,
        profile.role(grant.role()).map(Role::name).orElse(""),
        grant.role() == Grant.RAW ? profile.permissionNames(grant.mask()) : List.of(),
        grant.canShare() || other && pick.happens(2),
        grant.canUseData() || other && pick.happens(2),
        grant.notBeforeMicros(),
        other && pick.happens(2) ? Micros.NEVER : grant.expiresAtMicros(),
        grant.note(),
        other && pick.happens(2) ? "" : grant.condition());
  }

  private static Optional<PrincipalName> name(OrgRows rows, Uid uid) {
    if (uid.equals(Uid.ORGANIZATION)) {
      return Optional.of(PrincipalName.organization(GrowthSetting.ID));
    }
    return rows.principalName(uid).filter(row -> !row.isDeleted()).map(PrincipalUidRow::name);
  }
}
