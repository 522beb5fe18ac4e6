package dev.modelgate.proof;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.app.sharing.DenyRuleChange;
import dev.modelgate.app.sharing.Policy;
import dev.modelgate.app.sharing.TypeRightChange;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.PrincipalRow;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Invents commands to a {@link LayeredOrganization} that change everything that decides there. */
final class LayeredCommands {
  private static final long SECOND = 1_000_000;
  private static final List<String> SETS =
      List.of(
          "group:g0",
          "group:g1",
          "group:g2",
          "domain:acme.com",
          "organization:acme",
          "allAuthenticatedUsers",
          "allUsers");
  private static final List<String> CONDITIONS =
      List.of("", "", "true", "false", "error", "x", "y");
  private static final List<String> PERMISSIONS =
      List.of("get", "predict", "update", "launch", "data.read", "grants.read", "grants.write");
  private static final List<String> UNITS = List.of("", "emea", "emea/sales", "apac");
  private static final List<String> KINDS = List.of("model", "version", "application", "dataset");

  private final Random random;

  LayeredCommands(long seed) {
    this.random = new Random(~seed);
  }

  Command next() {
    return switch (random.nextInt(16)) {
      case 0, 1 -> new Command.UpdateGrants(resource(), changes(), "");
      case 2 ->
          new Command.SetPolicy(
              resource(),
              changes().stream()
                  .map(change -> new Policy.Entry(merged(change), Optional.empty()))
                  .toList(),
              Policy.Form.COMPLETE,
              "");
      case 3, 4 -> new Command.UpdateTypeRights(List.of(typeRight()), "");
      case 5, 6 -> new Command.UpdateDenyRules(List.of(denyRule()));
      case 7, 8 ->
          new Command.UpdateMemberships(
              List.of(
                  new MembershipChange(
                      random.nextInt(3) > 0,
                      PrincipalName.parse("group:g" + random.nextInt(3)),
                      random.nextInt(3) > 0 ? account() : PrincipalName.parse("group:g0"))));
      case 9, 10 ->
          new Command.UpdateResource(
              resource(),
              Optional.empty(),
              Optional.empty(),
              happens(2) ? Optional.of(new UnitName(one(UNITS))) : Optional.empty(),
              happens(2)
                  ? Optional.of(happens(2) ? Set.of() : Set.of(one(List.of("published", "active"))))
                  : Optional.empty(),
              "");
      case 11 ->
          new Command.UpdateOrganization(
              Optional.empty(), Optional.of(Map.of("tricky_models", happens(2))), "");
      case 12 ->
          new Command.PutPrincipal(
              happens(3) ? PrincipalName.parse("group:g" + random.nextInt(3)) : account(),
              Optional.of(happens(2) ? PrincipalRow.State.DISABLED : PrincipalRow.State.ACTIVE),
              Optional.empty(),
              "",
              Optional.of(new UnitName(one(UNITS))),
              "",
              false);
      case 13 ->
          happens(2)
              ? new Command.SuspendPrincipal(principal(), happens(2))
              : new Command.SuspendResource(resource(), happens(2));
      case 14 -> new Command.PutProfile(document(), "", "");
      default ->
          happens(2)
              ? new Command.DeletePrincipal(account(), "")
              : new Command.DeleteResource(resource(), "");
    };
  }

  /** The same profile with another role, or with other words. */
  private String document() {
    String text = LayeredOrganization.documentText();
    return switch (random.nextInt(3)) {
      case 0 -> text.replace("[get, predict, launch]", "[get, update, data.read]");
      case 1 -> text.replace("revise: [get, update, create]", "revisit: [get]");
      default -> text.replace("closes: [launch]", "closes: [get]");
    };
  }

  private List<GrantChange> changes() {
    Map<PrincipalName, GrantChange> changes = new LinkedHashMap<>();
    do {
      GrantChange change = happens(5) ? removal(principal()) : given(principal());
      changes.put(change.principal(), change);
    } while (happens(2));
    return List.copyOf(changes.values());
  }

  private static GrantChange removal(PrincipalName principal) {
    return new GrantChange(
        GrantChange.Mode.REMOVE, principal, "", List.of(), false, false, 0, Micros.NEVER, "");
  }

  private GrantChange given(PrincipalName principal) {
    boolean raw = happens(3);
    String role = raw ? "" : one(List.of("owner", "editor", "user", "user"));
    boolean owner = role.equals("owner");
    boolean timed = !owner && happens(3);
    long begin = HandClock.BEGIN_MICROS;
    return new GrantChange(
        happens(2) ? GrantChange.Mode.SET : GrantChange.Mode.MERGE,
        principal,
        role,
        raw ? List.of(one(PERMISSIONS)) : List.of(),
        false,
        happens(2),
        timed ? begin + random.nextInt(60) * SECOND : 0,
        timed ? begin + (60 + random.nextInt(60)) * SECOND : Micros.NEVER,
        "",
        owner ? "" : one(CONDITIONS));
  }

  private static GrantChange merged(GrantChange change) {
    return new GrantChange(
        GrantChange.Mode.MERGE,
        change.principal(),
        change.role(),
        change.permissions(),
        change.canShare(),
        change.canUseData(),
        change.notBeforeMicros(),
        change.expiresAtMicros(),
        "",
        change.condition());
  }

  private TypeRightChange typeRight() {
    Set<Effect> effects = EnumSet.of(one(List.of(Effect.values())));
    return happens(4)
        ? new TypeRightChange(
            GrantChange.Mode.REMOVE,
            principal(),
            one(KINDS),
            "",
            List.of(),
            Optional.empty(),
            Set.of())
        : new TypeRightChange(
            GrantChange.Mode.SET,
            principal(),
            one(KINDS),
            one(List.of("editor", "user")),
            List.of(),
            Optional.of(one(List.of(Depth.values()))),
            effects);
  }

  private DenyRuleChange denyRule() {
    String id = "r" + random.nextInt(3);
    return happens(4)
        ? new DenyRuleChange.Delete(id, "")
        : new DenyRuleChange.Put(
            id,
            "",
            List.of(principal()),
            happens(2) ? List.of(account()) : List.of(),
            List.of(one(PERMISSIONS)),
            resource(),
            one(CONDITIONS),
            "");
  }

  private ResourceName resource() {
    String path = one(LayeredOrganization.registered());
    return ResourceName.parse("organizations/acme" + (path.isEmpty() ? "" : "/" + path));
  }

  private PrincipalName principal() {
    return happens(2) ? account() : PrincipalName.parse(one(SETS));
  }

  private PrincipalName account() {
    return PrincipalName.parse(LayeredOrganization.CALLERS.get(random.nextInt(5)));
  }

  private boolean happens(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  private <T> T one(List<T> things) {
    return things.get(random.nextInt(things.size()));
  }
}
