package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.modelgate.model.Fault;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.ListTypeRightsRequest;
import dev.modelgate.v1.ListTypeRightsResponse;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.TypeRight;
import dev.modelgate.v1.TypeRight.Depth;
import dev.modelgate.v1.TypeRight.Effect;
import dev.modelgate.v1.TypeRightChange;
import dev.modelgate.v1.TypeRightChange.Mode;
import dev.modelgate.v1.UpdateTypeRightsRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** UpdateTypeRights and ListTypeRights by an administrator: what rights do, and every refusal. */
final class TypeRightsTest {
  private static final String DATA = PROD + "/datasets/claims";
  private static final String TABLE = PROD + "/tables/results";
  private static final String RISK = "group:risk";

  private final TypePlane types = new TypePlane();
  private final AdminPlane plane = types.plane;

  @BeforeEach
  void begin() {
    plane.resource(DATA);
    plane.resource(TABLE);
    plane.principal(BEN);
    plane.principal(RISK);
    plane.admin().updateMemberships(TypePlane.membership(true, RISK, BEN));
  }

  @AfterEach
  void end() {
    types.close();
  }

  @Test
  void allowingRight_givenAndRemoved_allowsWithoutAGrantAndNoLonger() {
    assertEquals("NO_GRANT", types.check(BEN, FRAUD, "predict"));
    update(allows(Mode.MODE_SET, RISK, "model", "get", "predict"));
    assertEquals("ALLOW", types.check(BEN, FRAUD, "predict"));
    assertEquals("ACCESS", types.check(BEN, FRAUD, "update"));
    assertEquals("NO_GRANT", types.check(BEN, DATA, "get"));
    update(remove(RISK, "model"));
    assertEquals("NO_GRANT", types.check(BEN, FRAUD, "predict"));
  }

  @Test
  void privilege_givenAndRemoved_bringsOldGrantsToLife() {
    plane.share(TABLE, BEN, "user");
    assertEquals("PRIVILEGE", types.check(BEN, TABLE, "get"));
    update(right(Mode.MODE_SET, BEN, "table", "get").addEffects(Effect.EFFECT_REQUIRES));
    assertEquals("ALLOW", types.check(BEN, TABLE, "get"));
    assertEquals("PRIVILEGE", types.check(BEN, TABLE, "update"));
    update(remove(BEN, "table"));
    assertEquals("PRIVILEGE", types.check(BEN, TABLE, "get"));
  }

  @Test
  void ceilings_ofUserAndGroup_boundGrantsByTheirUnion() {
    plane.share(DATA, BEN, "editor");
    assertEquals("ALLOW", types.check(BEN, DATA, "update"));
    update(ceiling(BEN, "dataset"));
    assertEquals("CEILING", types.check(BEN, DATA, "get"));
    update(ceiling(RISK, "dataset", "get"));
    assertEquals("ALLOW", types.check(BEN, DATA, "get"));
    assertEquals("CEILING", types.check(BEN, DATA, "update"));
    update(remove(RISK, "dataset"), remove(BEN, "dataset"));
    assertEquals("ALLOW", types.check(BEN, DATA, "update"));
  }

  @Test
  void role_inAChange_standsForItsPermissionsOnTheKind() {
    update(
        TypeRightChange.newBuilder()
            .setMode(Mode.MODE_SET)
            .setPrincipal(BEN)
            .setKind("model")
            .setRole("user")
            .setDepth(Depth.DEPTH_ORGANIZATION)
            .addEffects(Effect.EFFECT_ALLOWS));
    TypeRight listed = list().get(0);
    assertEquals(List.of("get", "predict"), listed.getPermissionsList());
    assertEquals("systemAdministrator", listed.getGrantedBy());
  }

  @Test
  void rights_ofSeveralDepthsAndEffects_areMergedReplacedAndRemovedOneByOne() {
    update(
        allows(Mode.MODE_MERGE, BEN, "model", "get"),
        allows(Mode.MODE_MERGE, BEN, "model", "predict").setDepth(Depth.DEPTH_OWN));
    assertEquals(2, list().size());
    update(allows(Mode.MODE_MERGE, BEN, "model", "update"));
    assertEquals("ALLOW", types.check(BEN, FRAUD, "update"));
    assertEquals("ACCESS", types.check(BEN, FRAUD, "get"));
    update(
        remove(BEN, "model").setDepth(Depth.DEPTH_ORGANIZATION).addEffects(Effect.EFFECT_ALLOWS));
    assertEquals(List.of(Depth.DEPTH_OWN), list().stream().map(TypeRight::getDepth).toList());
    update(allows(Mode.MODE_SET, BEN, "model", "get"));
    assertEquals(
        List.of(Depth.DEPTH_ORGANIZATION), list().stream().map(TypeRight::getDepth).toList());
  }

  @Test
  void change_thatIsSoAlready_makesNoRevision() {
    update(allows(Mode.MODE_SET, BEN, "model", "get"));
    String before = revision();
    update(allows(Mode.MODE_SET, BEN, "model", "get"));
    assertEquals(before, revision());
  }

  @Test
  void request_repeated_repeatsTheAnswerAndNotTheChange() {
    UpdateTypeRightsRequest request =
        request(allows(Mode.MODE_SET, BEN, "model", "get")).setRequestId("r").build();
    String revision = plane.admin().updateTypeRights(request).getRevision();
    update(remove(BEN, "model"));
    assertEquals(revision, plane.admin().updateTypeRights(request).getRevision());
    assertEquals(List.of(), list());
  }

  @Test
  void etag_ofTheList_guardsTheWholeList() {
    String etag = listing("", "").getEtag();
    plane
        .admin()
        .updateTypeRights(
            request(allows(Mode.MODE_SET, BEN, "model", "get")).setEtag(etag).build());
    assertNotEquals(etag, listing("", "").getEtag());
    refused(
        Fault.ETAG_MISMATCH,
        () ->
            plane
                .admin()
                .updateTypeRights(
                    request(allows(Mode.MODE_SET, ANA, "model", "get")).setEtag(etag).build()));
  }

  @Test
  void change_malformed_isRefusedByItsField() {
    refused(Fault.INVALID_FIELD, "changes", () -> update());
    refused(
        Fault.INVALID_FIELD,
        "changes[0].mode",
        () -> update(allows(Mode.MODE_UNSPECIFIED, BEN, "model", "get")));
    refused(
        Fault.INVALID_FIELD,
        "changes[0].kind",
        () -> update(allows(Mode.MODE_SET, BEN, "", "get")));
    refused(
        Fault.INVALID_FIELD,
        "changes[0].principal",
        () -> update(allows(Mode.MODE_SET, "ben", "model", "get")));
    refused(
        Fault.INVALID_FIELD,
        "changes[0].role",
        () -> update(allows(Mode.MODE_SET, BEN, "model", "get").clearWhat()));
    refused(
        Fault.INVALID_FIELD, "changes[0].role", () -> update(remove(BEN, "model").setRole("user")));
    refused(
        Fault.INVALID_FIELD,
        "changes[0].permissions",
        () -> update(allows(Mode.MODE_SET, BEN, "model", "get", "get")));
    refused(
        Fault.INVALID_FIELD,
        "changes[0].effects",
        () -> update(allows(Mode.MODE_SET, BEN, "model", "get").addEffects(Effect.EFFECT_ALLOWS)));
    refused(
        Fault.INVALID_FIELD,
        "organization",
        () ->
            plane
                .admin()
                .updateTypeRights(
                    request(allows(Mode.MODE_SET, BEN, "model", "get"))
                        .setOrganization(PROD)
                        .build()));
  }

  @Test
  void change_thatMeansNothing_isRefused() {
    refused(Fault.UNKNOWN_KIND, "kind", () -> update(allows(Mode.MODE_SET, BEN, "robot", "get")));
    refused(
        Fault.UNKNOWN_PERMISSION,
        "permissions",
        () -> update(allows(Mode.MODE_SET, BEN, "model", "fly")));
    refused(
        Fault.UNKNOWN_PERMISSION,
        "permissions",
        () -> update(allows(Mode.MODE_SET, BEN, "model", "launch")));
    refused(
        Fault.UNKNOWN_ROLE,
        "role",
        () -> update(allows(Mode.MODE_SET, BEN, "model", "get").setRole("boss")));
    refused(Fault.INVALID_FIELD, "permissions", () -> update(allows(Mode.MODE_SET, BEN, "model")));
    refused(
        Fault.INVALID_FIELD,
        "depth",
        () -> update(allows(Mode.MODE_SET, BEN, "model", "get").clearDepth()));
    refused(
        Fault.INVALID_FIELD,
        "depth",
        () -> update(ceiling(BEN, "dataset", "get").setDepth(Depth.DEPTH_UNIT)));
    refused(
        Fault.INVALID_FIELD, "effects", () -> update(right(Mode.MODE_SET, BEN, "model", "get")));
    refused(Fault.INVALID_FIELD, "effects", () -> update(ceiling(BEN, "model", "get")));
    refused(
        Fault.INVALID_FIELD,
        "effects",
        () ->
            update(right(Mode.MODE_SET, BEN, "dataset", "get").addEffects(Effect.EFFECT_REQUIRES)));
    refused(Fault.NOTHING_TO_REMOVE, () -> update(remove(BEN, "model")));
    refused(Fault.NOTHING_TO_REMOVE, () -> update(remove("user:nobody@acme.com", "model")));
    assertEquals(List.of(), list());
  }

  @Test
  void effects_thatTheProfileDoesNotAllow_areRefused() {
    try (AdminPlane plain = new AdminPlane().withAcme()) {
      refused(
          Fault.INVALID_FIELD,
          "effects",
          () ->
              plain
                  .admin()
                  .updateTypeRights(request(allows(Mode.MODE_SET, ANA, "model", "get")).build()));
    }
  }

  @Test
  void principal_thatCannotHold_isRefused() {
    refused(
        Fault.KIND_NOT_ALLOWED,
        "principal",
        () -> update(allows(Mode.MODE_SET, "allUsers", "model", "get")));
    refused(
        Fault.KIND_NOT_ALLOWED,
        "principal",
        () -> update(allows(Mode.MODE_SET, "link:l", "model", "get")));
    refused(
        Fault.UNKNOWN_PRINCIPAL,
        "principal",
        () -> update(allows(Mode.MODE_SET, "group:none", "model", "get")));
    refused(
        Fault.UNKNOWN_PRINCIPAL,
        "principal",
        () -> update(allows(Mode.MODE_SET, "organization:other", "model", "get")));
    update(allows(Mode.MODE_SET, "organization:acme", "model", "get"));
    assertEquals("ALLOW", types.check(BEN, FRAUD, "get"));
    assertEquals("NO_GRANT", types.check("user:nobody@acme.com", FRAUD, "get"));
  }

  @Test
  void unknownUser_ofAnOpenDirectory_getsARecord() {
    update(allows(Mode.MODE_SET, "user:new@acme.com", "model", "get"));
    assertEquals("ALLOW", types.check("user:new@acme.com", FRAUD, "get"));
  }

  @Test
  void disabledPrincipal_isBoundedAndNotGiven() {
    plane.share(DATA, BEN, "editor");
    state(Principal.State.STATE_DISABLED);
    refused(
        Fault.RECIPIENT_INACTIVE,
        "principal",
        () -> update(allows(Mode.MODE_SET, BEN, "model", "get")));
    update(ceiling(BEN, "dataset", "get"));
    state(Principal.State.STATE_ACTIVE);
    assertEquals("CEILING", types.check(BEN, DATA, "update"));
    state(Principal.State.STATE_DISABLED);
    update(remove(BEN, "dataset"));
  }

  @Test
  void right_namedTwice_isRefused() {
    var get = allows(Mode.MODE_MERGE, BEN, "model", "get");
    refused(Fault.RECIPIENT_REPEATED, () -> update(get, get));
    refused(
        Fault.RECIPIENT_REPEATED, () -> update(get, allows(Mode.MODE_SET, BEN, "model", "get")));
    refused(Fault.RECIPIENT_REPEATED, () -> update(get, remove(BEN, "model")));
  }

  @Test
  void change_thatFails_leavesNothingOfTheOthers() {
    refused(
        Fault.UNKNOWN_KIND,
        () ->
            update(
                allows(Mode.MODE_SET, BEN, "model", "get"),
                allows(Mode.MODE_SET, BEN, "robot", "get")));
    assertEquals(List.of(), list());
  }

  @Test
  void rights_ofOnePair_areBounded() {
    List<TypeRightChange.Builder> changes = new ArrayList<>();
    for (Depth depth :
        List.of(Depth.DEPTH_OWN, Depth.DEPTH_UNIT, Depth.DEPTH_SUBTREE, Depth.DEPTH_ORGANIZATION)) {
      for (int more = 0; more < 4; more++) {
        var change = allows(Mode.MODE_MERGE, BEN, "table", "get").setDepth(depth);
        if ((more & 1) != 0) {
          change.addEffects(Effect.EFFECT_REQUIRES);
        }
        if ((more & 2) != 0) {
          change.addEffects(Effect.EFFECT_BOUNDS);
        }
        changes.add(change);
      }
    }
    update(changes.toArray(TypeRightChange.Builder[]::new));
    assertEquals(16, list().size());
    refused(
        Fault.LIMIT_EXCEEDED, () -> update(ceiling(BEN, "table", "get").setMode(Mode.MODE_MERGE)));
  }

  @Test
  void rights_ofOneOrganization_areBounded() {
    for (int request = 0; request < 10; request++) {
      List<TypeRightChange.Builder> changes = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        changes.add(
            allows(Mode.MODE_SET, "user:u" + request + "x" + i + "@acme.com", "model", "get"));
      }
      update(changes.toArray(TypeRightChange.Builder[]::new));
    }
    refused(Fault.LIMIT_EXCEEDED, () -> update(allows(Mode.MODE_SET, BEN, "model", "get")));
    update(remove("user:u0x0@acme.com", "model"), allows(Mode.MODE_SET, BEN, "model", "get"));
  }

  @Test
  void list_filteredAndPaged_showsEachRightOnce() {
    update(
        allows(Mode.MODE_SET, BEN, "model", "get"),
        allows(Mode.MODE_MERGE, BEN, "model", "predict").setDepth(Depth.DEPTH_OWN),
        ceiling(BEN, "dataset", "get"),
        allows(Mode.MODE_SET, RISK, "model", "predict"));
    assertEquals(4, list().size());
    assertEquals(3, listing(BEN, "").getTypeRightsCount());
    assertEquals(3, listing("", "model").getTypeRightsCount());
    assertEquals(1, listing(RISK, "model").getTypeRightsCount());
    List<TypeRight> paged = new ArrayList<>();
    Optional<String> token = Optional.of("");
    while (token.isPresent()) {
      var page =
          plane
              .admin()
              .listTypeRights(
                  ListTypeRightsRequest.newBuilder()
                      .setOrganization(ACME)
                      .setPageSize(1)
                      .setPageToken(token.get())
                      .build());
      paged.addAll(page.getTypeRightsList());
      token = Optional.of(page.getNextPageToken()).filter(next -> !next.isEmpty());
    }
    assertEquals(list(), paged);
    refused(Fault.NOT_FOUND, () -> listing("user:nobody@acme.com", ""));
    refused(Fault.UNKNOWN_KIND, () -> listing("", "robot"));
    refused(
        Fault.PAGE_TOKEN_INVALID,
        () ->
            plane
                .admin()
                .listTypeRights(
                    ListTypeRightsRequest.newBuilder()
                        .setOrganization(ACME)
                        .setPageToken("x")
                        .build()));
  }

  @Test
  void list_isForReadersOfGrants_andForOneself() {
    update(allows(Mode.MODE_SET, BEN, "model", "get"));
    var own =
        plane
            .as(BEN)
            .listTypeRights(
                ListTypeRightsRequest.newBuilder().setOrganization(ACME).setPrincipal(BEN).build());
    assertEquals(1, own.getTypeRightsCount());
    var all = ListTypeRightsRequest.newBuilder().setOrganization(ACME).build();
    refused(Fault.NOT_PERMITTED, () -> plane.as(BEN).listTypeRights(all));
    types.grant(ACME, BEN, false, "grants.read");
    assertEquals(1, plane.as(BEN).listTypeRights(all).getTypeRightsCount());
  }

  @Test
  void deletedPrincipal_leavesNoRight_andItsNameGetsNone() {
    update(allows(Mode.MODE_SET, BEN, "model", "get"), ceiling(BEN, "dataset", "get"));
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(BEN).build());
    assertEquals(List.of(), list());
    plane.principal(BEN);
    assertEquals("NO_GRANT", types.check(BEN, FRAUD, "get"));
    assertEquals(2, rows());
    types.sweep();
    assertEquals(0, rows());
  }

  private int rows() {
    return types.read(
        rows -> {
          int[] count = {0};
          rows.eachTypeRight(
              Optional.empty(),
              row -> {
                count[0]++;
                return true;
              });
          return count[0];
        });
  }

  private void state(Principal.State state) {
    plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(BEN)
                .setState(state)
                .build());
  }

  private String revision() {
    return plane
        .admin()
        .getOrganization(GetOrganizationRequest.newBuilder().setName(ACME).build())
        .getOrganization()
        .getRevision();
  }

  private void update(TypeRightChange.Builder... changes) {
    plane.admin().updateTypeRights(request(changes).build());
  }

  private List<TypeRight> list() {
    return listing("", "").getTypeRightsList();
  }

  private ListTypeRightsResponse listing(String principal, String kind) {
    return plane
        .admin()
        .listTypeRights(
            ListTypeRightsRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(principal)
                .setKind(kind)
                .build());
  }

  static UpdateTypeRightsRequest.Builder request(TypeRightChange.Builder... changes) {
    var request = UpdateTypeRightsRequest.newBuilder().setOrganization(ACME);
    List.of(changes).forEach(request::addChanges);
    return request;
  }

  static TypeRightChange.Builder allows(
      Mode mode, String principal, String kind, String... permissions) {
    return right(mode, principal, kind, permissions)
        .setDepth(Depth.DEPTH_ORGANIZATION)
        .addEffects(Effect.EFFECT_ALLOWS);
  }

  static TypeRightChange.Builder ceiling(String principal, String kind, String... permissions) {
    return right(Mode.MODE_SET, principal, kind, permissions).addEffects(Effect.EFFECT_BOUNDS);
  }

  static TypeRightChange.Builder remove(String principal, String kind) {
    return TypeRightChange.newBuilder()
        .setMode(Mode.MODE_REMOVE)
        .setPrincipal(principal)
        .setKind(kind);
  }

  static TypeRightChange.Builder right(
      Mode mode, String principal, String kind, String... permissions) {
    return TypeRightChange.newBuilder()
        .setMode(mode)
        .setPrincipal(principal)
        .setKind(kind)
        .setPermissions(Permissions.newBuilder().addAllPermissions(List.of(permissions)));
  }
}
