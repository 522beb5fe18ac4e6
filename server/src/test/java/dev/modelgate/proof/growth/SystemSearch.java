package dev.modelgate.proof.growth;

import static dev.modelgate.proof.growth.GrowthSetting.ACCOMPLICES;
import static dev.modelgate.proof.growth.GrowthSetting.ADMIN;
import static dev.modelgate.proof.growth.GrowthSetting.BYSTANDER;
import static dev.modelgate.proof.growth.GrowthSetting.GROUPS;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.ImportItem;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.sharing.Rules;
import dev.modelgate.app.sharing.SystemRules;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.SuspensionRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * One random organization, in which somebody with a lasting administration of this one, or of
 * another, does what he likes until he has come to what is not his.
 */
final class SystemSearch {
  /** The commands that can reach what is the system administrator's. */
  static final List<Class<?>> BOUNDED =
      List.of(
          Command.PutProfile.class, Command.SuspendPrincipal.class, Command.SuspendResource.class);

  private static final int STEPS = 100;
  private static final String ELSEWHERE = "other";
  private static final PrincipalName FRONT_END = PrincipalName.parse("serviceAccount:portal");

  private final GrowthSetting setting;
  private final Random random;
  private final GrowthRows state = new GrowthRows();
  private final Profile first;
  private final GrowthMoves moves;
  private final Pick pick;
  private long now = 1_000_000_000_000_000L;
  private Profile read;
  private long readVersion;

  private SystemSearch(GrowthSetting setting, long seed) {
    this.setting = setting;
    this.random = new Random(seed);
    this.pick = new Pick(setting, random);
    state.apply(
        SystemRules.initialize(
            state,
            Requester.SYSTEM_ADMINISTRATOR,
            new Command.InitializeOrganization(
                GrowthSetting.ID, "Acme", "", setting.profile(), Optional.of(ADMIN)),
            now));
    this.first = readProfile();
    this.read = first;
    this.readVersion = state.rows().settings().orElseThrow().profileVersion();
    this.moves = new GrowthMoves(setting, first, random);
    moves.furnish().forEach(this::asSystem);
  }

  /** Plays a seed as an administrator of this organization; answers what he came to. */
  static Optional<String> ofAdministrator(
      GrowthSetting setting, long seed, Lens lens, Map<String, Integer> accepted) {
    return new SystemSearch(setting, seed).administer(lens, accepted).map(what -> what + seed);
  }

  /**
   * Plays a seed as an administrator of another organization, under all names of this one.
   *
   * @param bound whether his credential is bound to that other one
   */
  static Optional<String> ofAnother(GrowthSetting setting, long seed, boolean bound) {
    return new SystemSearch(setting, seed).intrude(bound).map(what -> what + ", seed " + seed);
  }

  private Optional<String> administer(Lens lens, Map<String, Integer> accepted) {
    asSystem(new Command.SuspendPrincipal(BYSTANDER, true));
    asSystem(new Command.SuspendPrincipal(GROUPS.get(2), true));
    asSystem(new Command.SuspendResource(GrowthSetting.path(setting.resources().get(0)), true));
    Set<String> suspended = suspendedBySystem();
    for (int step = 1; step <= STEPS; step++) {
      Command command = pick.happens(3) ? beyond() : moves.next(state.rows(), ADMIN);
      Requester requester = requester(random.nextInt(3), ADMIN, Set.of(GrowthSetting.ID));
      try {
        apply(lens.requester(requester, command), profile(), command);
      } catch (RefusedException e) {
        continue;
      }
      accepted.merge(command.getClass().getSimpleName(), 1, Integer::sum);
      Switches is = profile().switches();
      boolean same =
          is.isolation() == first.switches().isolation()
              && is.directory() == first.switches().directory()
              && is.cap() == first.switches().cap();
      if (!same || !suspendedBySystem().equals(suspended)) {
        return Optional.of(
            (same ? "suspensions are " + suspendedBySystem() : "switches are " + is)
                + " by "
                + command
                + ", seed ");
      }
    }
    for (Command.SystemCommand command :
        List.of(
            new Command.RegisterOrganization("mine"),
            new Command.SuspendOrganization(GrowthSetting.ID, false))) {
      try {
        SystemRules.apply(state, Requester.onBehalfOf(ADMIN), "why", command, ++now);
        return Optional.of("he may " + command + ", seed ");
      } catch (RefusedException e) {
        accepted.merge("(refused to the system)", 1, Integer::sum);
      }
    }
    return Optional.empty();
  }

  private Optional<String> intrude(boolean bound) {
    List<PrincipalName> names = new ArrayList<>(ACCOMPLICES);
    names.add(ADMIN);
    names.add(BYSTANDER);
    for (int step = 1; step <= STEPS; step++) {
      PrincipalName name = pick.happens(2) ? ADMIN : pick.one(names);
      Command command = pick.happens(3) ? beyond() : moves.next(state.rows(), name);
      Requester requester =
          requester(1 + random.nextInt(3), name, Set.of(bound ? ELSEWHERE : GrowthSetting.ID));
      try {
        if (!apply(requester, first, command).isEmpty()) {
          return Optional.of(requester + " may " + command);
        }
      } catch (RefusedException e) {
        // As it must be.
      }
    }
    return Optional.empty();
  }

  /** In the ways in which a credential becomes a requester; the first is bound to nothing. */
  private Requester requester(int way, PrincipalName name, Set<String> organizations) {
    return switch (way) {
      case 0 -> Requester.onBehalfOf(name);
      case 1 -> Requester.self("jwt:corp:x", name, Optional.of(organizations));
      default ->
          Requester.frontEnd(
              "mtls:portal", Optional.of(FRONT_END), name, organizations, Optional.empty());
    };
  }

  /** What is for the system administrator alone, or was done by him. */
  private Command beyond() {
    PrincipalName name = pick.happens(2) ? BYSTANDER : GROUPS.get(2);
    ResourceName resource = GrowthSetting.path(setting.resources().get(0));
    return switch (pick.number(5)) {
      case 0 -> new Command.SuspendPrincipal(name, pick.happens(4));
      case 1 -> new Command.SuspendResource(resource, pick.happens(4));
      case 2 -> new Command.DeletePrincipal(name, "");
      case 3 -> new Command.ImportItems(List.of(imported(name, resource)), 1);
      default -> new Command.PutProfile(otherwise(setting.profile()), "", "");
    };
  }

  /** A record about what the system administrator has suspended. */
  private ImportItem imported(PrincipalName name, ResourceName resource) {
    return switch (pick.number(4)) {
      case 0 ->
          new Command.ImportPrincipal(
              name,
              Optional.of(pick.one(List.of(PrincipalRow.State.values()))),
              Optional.empty(),
              "again",
              Optional.empty());
      case 1 -> new Command.ImportDeletedPrincipal(name);
      case 2 -> new Command.ImportResource(resource, "again", Map.of());
      default ->
          pick.happens(2)
              ? new Command.ImportSuspension(Optional.of(name), Optional.empty(), "why")
              : new Command.ImportSuspension(Optional.empty(), Optional.of(resource), "why");
    };
  }

  /** The profile with one of the switches that say who else is let in. */
  private String otherwise(String text) {
    String name = pick.one(List.of("isolation", "directory", "cap"));
    List<String> values =
        switch (name) {
          case "isolation" -> List.of("closed", "open");
          case "directory" -> List.of("strict", "open");
          default -> List.of("subset", "rank", "none");
        };
    return text.replaceFirst(
        "(?m)^(\\s*)" + name + ": \\w+", "$1" + name + ": " + pick.one(values));
  }

  /** Who is suspended by the system administrator, and what. */
  private Set<String> suspendedBySystem() {
    Set<String> found = new TreeSet<>();
    state
        .rows()
        .eachSuspension(
            row -> {
              if (row.authority() == SuspensionRow.Authority.SYSTEM) {
                found.add(row.target() + " " + row.uid());
              }
              return true;
            });
    return found;
  }

  /** The one in force; read again when another came into force. */
  private Profile profile() {
    long version = state.rows().settings().orElseThrow().profileVersion();
    if (version != readVersion) {
      readVersion = version;
      read = readProfile();
    }
    return read;
  }

  private Profile readProfile() {
    return ProfileDocument.parse(
            state
                .rows()
                .profile(state.rows().settings().orElseThrow().profileVersion())
                .orElseThrow()
                .text())
        .compile(state.rows().settings().orElseThrow().vocabulary());
  }

  private void asSystem(Command command) {
    try {
      apply(Requester.SYSTEM_ADMINISTRATOR, first, command);
    } catch (RefusedException e) {
      // Some of what is invented does not go.
    }
  }

  private List<Mutation> apply(Requester requester, Profile profile, Command command) {
    List<Mutation> mutations =
        Rules.apply(GrowthSetting.ID, state, profile, requester, "why", command, ++now);
    state.apply(mutations);
    return mutations;
  }
}
