package dev.modelgate.proof.growth;

import static dev.modelgate.proof.growth.GrowthSetting.ACCOMPLICES;
import static dev.modelgate.proof.growth.GrowthSetting.ADMIN;
import static dev.modelgate.proof.growth.GrowthSetting.BYSTANDER;
import static dev.modelgate.proof.growth.GrowthSetting.GROUPS;

import dev.modelgate.app.LinkSecret;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Command.ImportItem;
import dev.modelgate.app.sharing.DenyRuleChange;
import dev.modelgate.app.sharing.TypeRightChange;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Flag;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Invents commands, from a seed. Few names, so that things meet. */
final class GrowthMoves {
  private final GrowthSetting setting;
  private final Profile profile;
  private final Pick pick;
  private final GrowthGrants grants;

  GrowthMoves(GrowthSetting setting, Profile profile, Random random) {
    this.setting = setting;
    this.profile = profile;
    this.pick = new Pick(setting, random);
    this.grants = new GrowthGrants(setting, profile, pick);
  }

  /** What an administrator does first. */
  List<Command> furnish() {
    List<Command> all = new ArrayList<>();
    List<PrincipalName> accounts = new ArrayList<>(ACCOMPLICES);
    accounts.add(BYSTANDER);
    for (PrincipalName name : accounts) {
      all.add(put(name, Optional.empty(), pick.happens(3) ? pick.unit() : UnitName.ROOT));
    }
    for (PrincipalName group : GROUPS) {
      PrincipalRow.GroupType type =
          group.id().equals("owners")
              ? PrincipalRow.GroupType.OWNER
              : PrincipalRow.GroupType.ACCESS;
      all.add(put(group, Optional.of(type), pick.happens(4) ? pick.unit() : UnitName.ROOT));
    }
    all.add(membership(true, GROUPS.get(0), GROUPS.get(3)));
    for (PrincipalName name : accounts) {
      all.add(membership(true, pick.one(GROUPS), name));
    }
    for (String path : setting.resources()) {
      all.add(
          create(
              GrowthSetting.path(path),
              Optional.of(pick.happens(3) ? pick.one(Pick.owners()) : ADMIN)));
    }
    limits(all, accounts);
    for (int i = 0; i < 6; i++) {
      all.add(grants.grants(pick.everybody(), true));
    }
    for (PrincipalName name : ACCOMPLICES) {
      for (int i = 0; i < 3; i++) {
        all.add(grants.sharer(name));
      }
    }
    int rights = profile.effects().isEmpty() ? 0 : 6;
    for (int i = 0; i < rights; i++) {
      all.add(typeRights(pick.everybody()));
    }
    for (int i = 0; i < pick.number(4); i++) {
      all.add(new Command.UpdateDenyRules(List.of(denyRule())));
    }
    all.add(link("foreign"));
    if (pick.happens(3)) {
      all.add(new Command.SuspendResource(pick.mostlyOne(), true));
    }
    return all;
  }

  /** Privileges, without which nothing works where a kind requires some, and ceilings. */
  private void limits(List<Command> all, List<PrincipalName> accounts) {
    for (Kind kind : kinds()) {
      List<String> permissions = profile.permissionNames(kind.permissions());
      for (PrincipalName name : accounts) {
        if (kind.ceilings() != Kind.Ceilings.NONE && pick.happens(4)) {
          all.add(own(name, kind, pick.some(permissions), Effect.BOUNDS));
        }
        if (kind.privileges() == Kind.Privileges.REQUIRED && !pick.happens(3)) {
          List<String> most = permissions.stream().filter(any -> !pick.happens(6)).toList();
          all.add(own(name, kind, most, Effect.REQUIRES));
        }
      }
    }
  }

  private static Command.UpdateTypeRights own(
      PrincipalName name, Kind kind, List<String> permissions, Effect effect) {
    return new Command.UpdateTypeRights(
        List.of(
            new TypeRightChange(
                GrantChange.Mode.MERGE,
                name,
                kind.name(),
                "",
                permissions,
                Optional.empty(),
                Set.of(effect))),
        "");
  }

  /** What an accomplice tries. */
  Command next(OrgRows rows, PrincipalName actor) {
    return switch (pick.number(26)) {
      case 0, 1 -> grants.grants(pick.everybody(), false);
      case 2, 3, 4 -> grants.passedOn(rows, actor);
      case 5, 6, 7 -> grants.policy(rows);
      case 8, 9 -> transfer();
      case 10, 11 -> create(pick.happens(2) ? pick.unregistered() : pick.resource(), pick.owner());
      case 12 -> new Command.DeleteResource(pick.resource(), "");
      case 13, 14 -> update();
      case 15, 16 ->
          profile.effects().isEmpty()
              ? grants.grants(pick.everybody(), false)
              : typeRights(pick.everybody());
      case 17 -> pick.happens(2) ? link("l" + pick.number(2)) : link("foreign");
      case 18 ->
          new Command.DeleteExternalLink(
              pick.resource(), pick.one(List.of("l0", "l1", "foreign")), "");
      case 19 ->
          membership(
              pick.happens(2),
              pick.one(GROUPS),
              pick.happens(2) ? actor : pick.one(pick.everybody()));
      case 20 -> imported(actor);
      case 21, 22 -> create(pick.unregistered(), pick.owner());
      default -> administration(actor);
    };
  }

  /** What somebody tries who administers, or declares emergencies, for a time. */
  Command forATime(PrincipalName actor) {
    return switch (pick.number(6)) {
      case 0, 1 -> emergency();
      case 3 -> imported(actor);
      case 2 -> membership(pick.happens(2), pick.one(GROUPS), pick.one(pick.everybody()));
      default -> administration(actor);
    };
  }

  private Command.BreakGlass emergency() {
    return new Command.BreakGlass(
        pick.resource(),
        pick.one(ACCOMPLICES),
        pick.one(grants.roles()).name(),
        pick.happens(2),
        1 + pick.number((int) Command.BreakGlass.SECONDS_MAX));
  }

  private Command administration(PrincipalName actor) {
    return switch (pick.number(8)) {
      case 0 -> new Command.UpdateDenyRules(List.of(denyRule()));
      case 1 ->
          new Command.UpdateDenyRules(List.of(new DenyRuleChange.Delete("r" + pick.number(3), "")));
      case 2 -> put(pick.happens(2) ? actor : pick.one(GROUPS), Optional.empty(), pick.unit());
      case 3 ->
          pick.happens(2)
              ? new Command.DeletePrincipal(pick.one(GROUPS), "")
              : new Command.RestorePrincipal(pick.one(GROUPS), new Uid(1 + pick.number(1 << 10)));
      case 4 -> new Command.UpdateOrganization(Optional.empty(), Optional.of(features()), "");
      case 5 -> new Command.SuspendPrincipal(pick.one(pick.everybody()), pick.happens(2));
      case 6 -> new Command.SuspendResource(pick.mostlyOne(), pick.happens(2));
      default ->
          new Command.PutProfile(
              setting.profile().replace("above_you: refused", "above_you: allowed") + "\n# \n",
              "",
              "");
    };
  }

  /** In an order that is the same in every process. */
  private List<Kind> kinds() {
    return profile.kinds().stream().sorted(Comparator.comparing(Kind::name)).toList();
  }

  private Command.ImportItems imported(PrincipalName actor) {
    return new Command.ImportItems(List.of(record(actor)), 1);
  }

  /** Any record that a file can have. */
  private ImportItem record(PrincipalName actor) {
    Command.UpdateGrants given = grants.grants(pick.everybody(), false);
    return switch (pick.number(profile.effects().isEmpty() ? 9 : 11)) {
      case 0 -> new Command.ImportGrant(given.resource(), given.changes().get(0));
      case 1 -> new Command.ImportMembership(pick.one(GROUPS), pick.one(ACCOMPLICES));
      case 2 -> new Command.ImportDenyRule(denyRule());
      case 3 -> new Command.ImportSettings(features());
      case 4 ->
          new Command.ImportPrincipal(
              pick.happens(2) ? actor : pick.one(pick.everybody()),
              pick.happens(2) ? Optional.empty() : Optional.of(PrincipalRow.State.ACTIVE),
              Optional.empty(),
              "",
              pick.happens(2) ? Optional.empty() : Optional.of(pick.unit()));
      case 5 -> new Command.ImportDeletedPrincipal(pick.one(pick.everybody()));
      case 6 -> {
        Command.UpdateResource update = update();
        yield new Command.ImportResource(
            update.name(),
            new ResourceRow.Attributes(
                "",
                Map.of(),
                "",
                update.unit().orElse(UnitName.ROOT),
                update.flags().orElse(Set.of())));
      }
      case 7 -> new Command.ImportExternalLink(link("l" + pick.number(2)));
      case 8 ->
          pick.happens(2)
              ? new Command.ImportSuspension(
                  Optional.of(pick.one(pick.everybody())), Optional.empty(), "why")
              : new Command.ImportSuspension(
                  Optional.empty(), Optional.of(pick.mostlyOne()), "why");
      default -> new Command.ImportTypeRight(typeRight(pick.everybody(), GrantChange.Mode.MERGE));
    };
  }

  private Map<String, Boolean> features() {
    Map<String, Boolean> features = new HashMap<>();
    new TreeSet<>(profile.states().features().keySet())
        .forEach(feature -> features.put(feature, pick.happens(2)));
    return features;
  }

  private Command.PutPrincipal put(
      PrincipalName name, Optional<PrincipalRow.GroupType> type, UnitName unit) {
    return new Command.PutPrincipal(
        name, Optional.of(PrincipalRow.State.ACTIVE), type, "", Optional.of(unit), "", false);
  }

  private static Command.UpdateMemberships membership(
      boolean add, PrincipalName group, PrincipalName member) {
    return new Command.UpdateMemberships(List.of(new Command.MembershipChange(add, group, member)));
  }

  private static Command.CreateResource create(ResourceName name, Optional<PrincipalName> owner) {
    return new Command.CreateResource(name, ResourceRow.Attributes.NONE, owner);
  }

  private Command.TransferOwnership transfer() {
    Optional<PrincipalName> previous = pick.happens(2) ? pick.owner() : Optional.empty();
    return new Command.TransferOwnership(
        pick.resource(),
        pick.one(Pick.owners()),
        previous,
        pick.happens(2) ? "" : pick.one(grants.roles()).name());
  }

  private Command.UpdateResource update() {
    ResourceName name = pick.resource();
    Optional<UnitName> unit = pick.happens(2) ? Optional.of(pick.unit()) : Optional.empty();
    List<String> flags = profile.states().flags().stream().map(Flag::name).toList();
    Optional<Set<String>> set =
        flags.isEmpty() || pick.happens(2)
            ? Optional.empty()
            : Optional.of(Set.of(pick.one(flags)));
    return new Command.UpdateResource(
        name,
        unit.isEmpty() && set.isEmpty() ? Optional.of("n" + pick.number(9)) : Optional.empty(),
        Optional.empty(),
        unit,
        set,
        "");
  }

  private Command.UpdateTypeRights typeRights(List<PrincipalName> holders) {
    GrantChange.Mode mode = pick.one(List.of(GrantChange.Mode.values()));
    return new Command.UpdateTypeRights(List.of(typeRight(holders, mode)), "");
  }

  private TypeRightChange typeRight(List<PrincipalName> holders, GrantChange.Mode mode) {
    Kind kind = pick.one(kinds());
    Set<Effect> effects = EnumSet.of(pick.one(profile.effects().stream().sorted().toList()));
    if (pick.happens(2) && profile.effects().contains(Effect.ALLOWS)) {
      effects.add(Effect.ALLOWS);
    }
    List<String> permissions = new ArrayList<>(profile.permissionNames(kind.permissions()));
    permissions.retainAll(setting.permissions());
    return new TypeRightChange(
        mode,
        pick.one(holders),
        kind.name(),
        "",
        mode == GrantChange.Mode.REMOVE || permissions.isEmpty()
            ? List.of()
            : pick.some(permissions),
        effects.contains(Effect.ALLOWS)
            ? Optional.of(pick.one(List.of(Depth.values())))
            : Optional.empty(),
        effects);
  }

  private DenyRuleChange.Put denyRule() {
    List<PrincipalName> named = new ArrayList<>(ACCOMPLICES);
    named.add(GROUPS.get(2));
    return new DenyRuleChange.Put(
        "r" + pick.number(3),
        "",
        List.of(pick.one(named)),
        pick.happens(3) ? List.of(pick.one(named)) : List.of(),
        pick.some(setting.permissions()),
        pick.resource(),
        pick.condition(),
        "");
  }

  private Command.PutExternalLink link(String id) {
    List<ResourceName> linked =
        setting.resources().stream()
            .map(GrowthSetting::path)
            .filter(name -> profile.kindOf(name).orElseThrow().sharing().links())
            .toList();
    return new Command.PutExternalLink(
        linked.isEmpty() ? pick.resource() : pick.one(linked),
        id,
        pick.happens(2) ? "" : pick.one(grants.roles()).name(),
        pick.happens(3)
            ? Optional.empty()
            : Optional.of(pick.happens(2) ? Pick.END_MICROS : Micros.NEVER),
        pick.happens(2),
        LinkSecret.hashOf("secret " + pick.number(1_000)),
        "");
  }
}
