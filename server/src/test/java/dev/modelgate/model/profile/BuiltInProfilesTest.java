package dev.modelgate.model.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.PrincipalKind;
import dev.modelgate.store.row.PrincipalRow.GroupType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What the built-in profiles say, held against rows of the acceptance table. */
final class BuiltInProfilesTest {
  static List<String> names() {
    return BuiltInProfiles.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void document_isReadAndCallsItselfByItsName(String name) {
    Profile profile = profile(name);
    assertEquals(name, profile.name());
    assertTrue(profile.action("predict").isPresent());
    assertTrue(profile.permission(profile.switches().administers()).isPresent());
  }

  @ParameterizedTest
  @MethodSource("names")
  void kinds_thatCanBeShared_haveAnOwnerRoleOrTakeNone(String name) {
    Profile profile = profile(name);
    for (Kind kind : profile.kinds()) {
      boolean floor = profile.switches().owners() != Switches.Owners.ANY;
      if (kind.sharing().owned() && floor) {
        assertTrue(profile.ownerRole(kind).isPresent(), kind.name());
      }
    }
  }

  @Test
  void ranks_ofEditorAndUser_areEqual() {
    assertEquals(rank("editor"), rank("user"));
    assertEquals(rank("consumer"), rank("observer"));
    assertTrue(rank("owner") > rank("user") && rank("user") > rank("consumer"));
  }

  /** A role on a kind: what it holds and what it lacks. */
  @ParameterizedTest
  @CsvSource({
    "F016, ai-builder, user, model, get_use predict list, get_detail write retrain publish delete share data.read",
    "F017, ai-builder, user, version, get_use predict, write publish delete",
    "F027, ai-builder, co_owner, model, write append retrain publish share data.read, delete assign customize",
    "F006, ai-builder, owner, model, delete assign share data.read, customize",
    "F021, ai-builder, user, application, launch get_use, write share",
    "F113, ai-builder, user, table, results.read, write delete",
    "F072, datarobot, consumer, project, list view, predict share edit",
    "F072, datarobot, user, project, predict run_autopilot clone share edit, delete unlock_holdout",
    "F073, datarobot, owner, project, delete unlock_holdout, download",
    "F075, datarobot, consumer, deployment, predict scoring_code, list view view_settings monitor",
    "F076, datarobot, user, deployment, view share predict monitor, replace_model change_settings activate delete",
    "F080, datarobot, consumer, dataset, view download create_project, edit delete reload",
    "F135, datarobot, editor, custom_model, view use edit share, delete transfer",
    "F067, google-ai-platform, ml.viewer, model, ml.models.get ml.models.list, ml.models.predict",
    "F068, google-ai-platform, viewer, model, ml.models.predict, ml.models.update",
    "F065, google-ai-platform, ml.modelUser, version, ml.versions.list ml.versions.predict, ml.versions.update",
  })
  void role_onKind_holdsAndLacks(
      String row, String profileName, String role, String kind, String holds, String lacks) {
    Profile profile = profile(profileName);
    long mask = profile.role(role).orElseThrow().maskOn(profile.kind(kind).orElseThrow());
    Set<String> given = new TreeSet<>(profile.permissionNames(mask));
    List<String> missing = new ArrayList<>(List.of(holds.split(" ")));
    missing.removeAll(given);
    assertEquals(List.of(), missing, row + " lacks");
    List<String> tooMuch = new ArrayList<>(List.of(lacks.split(" ")));
    tooMuch.forEach(
        permission -> assertTrue(profile.permission(permission).isPresent(), permission));
    tooMuch.retainAll(given);
    assertEquals(List.of(), tooMuch, row + " holds");
  }

  /** What a kind offers, and the role that a share without one gets. */
  @ParameterizedTest
  @CsvSource({
    "F074, datarobot, deployment, consumer owner user, user",
    "F079, datarobot, dataset, consumer editor observer owner, editor",
    "F079, datarobot, project, consumer owner user, user",
    "F079, google-ai-platform, model, ml.admin ml.modelOwner ml.modelUser, ''",
    "F016, ai-builder, model, co_owner full_access owner user, user",
  })
  void kind_offersRolesAndADefault(
      String row, String profileName, String kindName, String offered, String defaultRole) {
    Profile profile = profile(profileName);
    Kind kind = profile.kind(kindName).orElseThrow();
    Set<String> roles = new TreeSet<>();
    profile.roles().stream().map(Role::name).filter(kind.sharing()::offers).forEach(roles::add);
    assertEquals(new TreeSet<>(List.of(offered.split(" "))), roles, row);
    assertEquals(defaultRole, kind.sharing().defaultRole(), row);
  }

  @Test
  void recipients_areThoseOfTheKind() {
    assertEquals(
        Set.of(PrincipalKind.USER, PrincipalKind.ORGANIZATION),
        recipients("datarobot", "use_case"));
    assertEquals(Set.of(PrincipalKind.USER), recipients("datarobot", "custom_model"));
    assertTrue(recipients("google-ai-platform", "model").contains(PrincipalKind.ALL_USERS));
  }

  @Test
  void groupSubtypes_areThoseOfTheStore() {
    List<String> stored = new ArrayList<>();
    for (GroupType type : GroupType.values()) {
      stored.add(type.name().toLowerCase(Locale.ROOT));
    }
    stored.remove("none");
    assertEquals(stored, GroupRules.SUBTYPES);
    assertEquals(Set.of("owner", "directory"), profile("ai-builder").groups().owners());
    assertEquals(Set.copyOf(GroupRules.SUBTYPES), profile("modelgate").groups().owners());
  }

  private static Set<PrincipalKind> recipients(String profile, String kind) {
    return profile(profile).kind(kind).orElseThrow().sharing().recipients();
  }

  private static int rank(String role) {
    return profile("datarobot").role(role).orElseThrow().rank();
  }

  private static Profile profile(String name) {
    ProfileDocument document = BuiltInProfiles.find(name).orElseThrow();
    return document.compile(document.extended(Vocabulary.EMPTY));
  }
}
