package dev.modelgate.model.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The roles of {@code google-ai-platform} against Google's table: a line per permission, a column
 * per role, 1 where the role has it.
 */
final class GoogleRolesTest {
  private static final String TABLE = "google-ml-roles.csv";
  private static final int ML_PERMISSIONS = 38;

  /** The columns of the table, and what the profile calls them. */
  private static final Map<String, String> ROLES =
      Map.ofEntries(
          Map.entry("admin", "ml.admin"),
          Map.entry("editor", "ml.editor"),
          Map.entry("developer", "ml.developer"),
          Map.entry("viewer", "ml.viewer"),
          Map.entry("modelOwner", "ml.modelOwner"),
          Map.entry("modelUser", "ml.modelUser"),
          Map.entry("jobOwner", "ml.jobOwner"),
          Map.entry("operationOwner", "ml.operationOwner"),
          Map.entry("basicOwner", "owner"),
          Map.entry("basicEditor", "editor"),
          Map.entry("basicViewer", "viewer"));

  private final ProfileDocument document = BuiltInProfiles.find("google-ai-platform").orElseThrow();
  private final Profile profile = document.compile(document.extended(Vocabulary.EMPTY));
  private final Map<String, Set<String>> table = read();

  @Test
  void table_isWhole() {
    Set<String> ml = new TreeSet<>();
    table.values().forEach(ml::addAll);
    ml.removeIf(permission -> !permission.startsWith("ml."));
    assertEquals(ML_PERMISSIONS, ml.size());
    assertEquals(38, of("ml.admin").stream().filter(ml::contains).count());
    assertEquals(35, of("ml.editor").stream().filter(ml::contains).count());
    assertEquals(28, of("ml.developer").stream().filter(ml::contains).count());
    assertEquals(16, of("ml.viewer").stream().filter(ml::contains).count());
    assertEquals(14, of("ml.modelOwner").size());
    assertEquals(5, of("ml.modelUser").size());
    assertEquals(7, of("ml.jobOwner").size());
    assertEquals(3, of("ml.operationOwner").size());
    assertEquals(38, of("owner").size());
    assertEquals(35, of("editor").size());
    assertEquals(20, of("viewer").size());
  }

  @Test
  void profile_hasTheRolesOfTheTableAndNoOther() {
    assertEquals(
        new TreeSet<>(ROLES.values()),
        new TreeSet<>(profile.roles().stream().map(Role::name).toList()));
  }

  @Test
  void role_onProject_givesExactlyItsColumn() {
    Set<String> inTable = new TreeSet<>();
    table.values().forEach(inTable::addAll);
    for (Map.Entry<String, Set<String>> column : table.entrySet()) {
      Set<String> given = given(column.getKey(), "project");
      given.retainAll(inTable);
      assertEquals(column.getValue(), given, column.getKey());
    }
  }

  @Test
  void role_onModelAndVersion_givesWhatOfItsColumnConcernsThem() {
    for (Map.Entry<String, Set<String>> column : table.entrySet()) {
      Set<String> expected = new TreeSet<>(column.getValue());
      expected.removeIf(p -> !p.startsWith("ml.models.") && !p.startsWith("ml.versions."));
      assertEquals(expected, given(column.getKey(), "model"), column.getKey());
      assertEquals(expected, given(column.getKey(), "version"), column.getKey());
    }
  }

  @Test
  void creator_ofEachKind_getsTheRoleOfThatKind() {
    Map<String, String> owners = new LinkedHashMap<>();
    for (String kind : List.of("organization", "project", "model", "version", "job", "study")) {
      owners.put(
          kind, profile.ownerRole(profile.kind(kind).orElseThrow()).map(Role::name).orElse(""));
    }
    assertEquals(
        Map.of(
            "organization", "owner",
            "project", "owner",
            "model", "ml.modelOwner",
            "version", "",
            "job", "ml.jobOwner",
            "study", ""),
        owners);
  }

  @Test
  void predict_onModelAndVersion_needsThePermissionOfEach() {
    Verb predict = profile.action("predict").orElseThrow();
    assertEquals(
        List.of("ml.models.predict"),
        profile.permissionNames(predict.on(profile.kind("model").orElseThrow())));
    assertEquals(
        List.of("ml.versions.predict"),
        profile.permissionNames(predict.on(profile.kind("version").orElseThrow())));
    assertEquals(List.of("ml.versions.predict"), profile.permissionNames(predict.in("versions")));
  }

  private Set<String> of(String role) {
    return Objects.requireNonNull(table.get(role), role);
  }

  private Set<String> given(String role, String kind) {
    long mask = profile.role(role).orElseThrow().maskOn(profile.kind(kind).orElseThrow());
    return new TreeSet<>(profile.permissionNames(mask));
  }

  /** The permissions of each role, by the profile's names. */
  private static Map<String, Set<String>> read() {
    List<String> lines = new ArrayList<>();
    try (InputStream in = GoogleRolesTest.class.getResourceAsStream(TABLE)) {
      new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .forEach(lines::add);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    List<String> header = List.of(lines.get(0).split(",", -1));
    Map<String, Set<String>> table = new LinkedHashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      List<String> cells = List.of(line.split(",", -1));
      assertEquals(header.size(), cells.size(), line);
      for (int i = 1; i < cells.size(); i++) {
        Set<String> held =
            table.computeIfAbsent(
                Objects.requireNonNull(ROLES.get(header.get(i)), header.get(i)),
                role -> new TreeSet<>());
        if (cells.get(i).equals("1")) {
          held.add(cells.get(0));
        } else {
          assertEquals("", cells.get(i), line);
        }
      }
    }
    return table;
  }
}
