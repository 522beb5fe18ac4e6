package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static dev.modelgate.grpc.TypeRightsTest.allows;
import static dev.modelgate.grpc.TypeRightsTest.ceiling;
import static dev.modelgate.grpc.TypeRightsTest.remove;
import static dev.modelgate.grpc.TypeRightsTest.request;
import static dev.modelgate.grpc.TypeRightsTest.right;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Timestamp;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.TypeRight.Depth;
import dev.modelgate.v1.TypeRight.Effect;
import dev.modelgate.v1.TypeRightChange;
import dev.modelgate.v1.TypeRightChange.Mode;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever writes type rights without being an administrator stays within what he may share. */
final class TypeRightGrowthTest {
  private static final String STEVE = "user:steve@acme.com";
  private static final String TABLE = PROD + "/tables/results";

  private final TypePlane types = new TypePlane();
  private final AdminPlane plane = types.plane;

  @BeforeEach
  void begin() {
    plane.resource(TABLE);
    plane.principal(BEN);
    types.shareOn(ACME, STEVE, "steward");
  }

  @AfterEach
  void end() {
    types.close();
  }

  @Test
  void steward_givesAndTakes_whatHeMayShare() {
    as(STEVE, allows(Mode.MODE_SET, BEN, "model", "get", "predict"));
    assertEquals("ALLOW", types.check(BEN, FRAUD, "predict"));
    as(STEVE, remove(BEN, "model"));
    assertEquals("NO_GRANT", types.check(BEN, FRAUD, "predict"));
  }

  @Test
  void steward_givingMore_exceedsHisCap() {
    var info =
        refused(
            Fault.CAP_EXCEEDED,
            () -> as(STEVE, allows(Mode.MODE_SET, BEN, "model", "get", "delete")));
    assertEquals("delete", info.getMetadataOrThrow("permissions"));
    refused(Fault.CAP_EXCEEDED, () -> as(STEVE, allows(Mode.MODE_SET, STEVE, "model", "delete")));
    refused(
        Fault.CAP_EXCEEDED,
        () -> as(STEVE, allows(Mode.MODE_SET, STEVE, "organization", "transfer")));
    // Data permissions need can_use_data, which he does not have.
    refused(Fault.CAP_EXCEEDED, () -> as(STEVE, allows(Mode.MODE_SET, BEN, "model", "data.read")));
  }

  @Test
  void steward_withoutAPrivilege_givesNone() {
    types.grant(TABLE, STEVE, true, "get", "update");
    assertEquals("PRIVILEGE", types.check(STEVE, TABLE, "update"));
    refused(
        Fault.NO_SHARE_RIGHT,
        () ->
            as(
                STEVE,
                right(Mode.MODE_SET, STEVE, "table", "update").addEffects(Effect.EFFECT_REQUIRES)));
  }

  @Test
  void steward_whoseGrantEnds_givesNothingForEver() {
    String tim = "user:tim@acme.com";
    plane
        .admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(ACME)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_SET)
                        .setPrincipal(tim)
                        .setRole("steward")
                        .setCanShare(true)
                        .setExpiresAt(Timestamp.newBuilder().setSeconds(4_000_000_000L)))
                .build());
    refused(Fault.NO_SHARE_RIGHT, () -> as(tim, allows(Mode.MODE_SET, BEN, "model", "get")));
  }

  @Test
  void steward_whoMayNotShareOn_givesNothing() {
    String tim = "user:tim@acme.com";
    plane.share(ACME, tim, "steward");
    refused(Fault.NO_SHARE_RIGHT, () -> as(tim, allows(Mode.MODE_SET, BEN, "model", "get")));
  }

  @Test
  void steward_takingWhatHeMayNotShare_isRefused() {
    as(ANA, allows(Mode.MODE_SET, BEN, "model", "get", "delete"));
    refused(Fault.ABOVE_YOU, () -> as(STEVE, remove(BEN, "model")));
    refused(Fault.ABOVE_YOU, () -> as(STEVE, allows(Mode.MODE_SET, BEN, "model", "get")));
    refused(Fault.ABOVE_YOU, () -> as(STEVE, allows(Mode.MODE_MERGE, BEN, "model", "get")));
    assertEquals("ALLOW", types.check(BEN, FRAUD, "delete"));
    as(ANA, allows(Mode.MODE_SET, STEVE, "model", "get", "delete"));
    as(STEVE, remove(STEVE, "model"));
  }

  /** A ceiling more is a ceiling wider, and the last one less is none. */
  @Test
  void steward_writingCeilings_isRefused() {
    refused(Fault.NOT_PERMITTED, () -> as(STEVE, ceiling(STEVE, "dataset", "get")));
    as(ANA, ceiling(STEVE, "dataset", "get"));
    refused(Fault.NOT_PERMITTED, () -> as(STEVE, remove(STEVE, "dataset")));
    refused(Fault.NOT_PERMITTED, () -> as(STEVE, allows(Mode.MODE_SET, STEVE, "dataset", "get")));
    as(STEVE, allows(Mode.MODE_MERGE, STEVE, "dataset", "get"));
  }

  /** What cannot be shared with an app is not given to it by a type right either. */
  @Test
  void steward_givingToWhomNothingIsShared_isRefused() {
    var right = right(Mode.MODE_SET, "app:a", "table", "get").addEffects(Effect.EFFECT_REQUIRES);
    as(ANA, right(Mode.MODE_SET, STEVE, "table", "get").addEffects(Effect.EFFECT_REQUIRES));
    refused(Fault.KIND_NOT_ALLOWED, "principal", () -> as(STEVE, right));
    as(STEVE, right(Mode.MODE_SET, BEN, "table", "get").addEffects(Effect.EFFECT_REQUIRES));
    as(ANA, right);
  }

  @Test
  void others_writeNoTypeRight() {
    var refusal =
        refused(Fault.NOT_FOUND, () -> as(BEN, allows(Mode.MODE_SET, BEN, "model", "get")));
    assertEquals(ACME, refusal.getMetadataOrThrow("name"));
    plane.share(ACME, BEN, "user");
    var info =
        refused(Fault.NOT_PERMITTED, () -> as(BEN, allows(Mode.MODE_SET, BEN, "model", "get")));
    assertEquals("rights.write", info.getMetadataOrThrow("permission"));
  }

  /** Where a profile names no permission for it, administrators do it all the same. */
  @Test
  void administrator_givesWhatNoGrantGivesHim() {
    as(ANA, allows(Mode.MODE_SET, BEN, "model", "data.read"));
    assertEquals("ALLOW", types.check(BEN, FRAUD, "data.read"));
  }

  /** Hazard 29: a right that does not carry the right to share is no source of shares. */
  @Test
  void typeRight_withoutTheRightToShare_isNotSharedOn() {
    types.grant(FRAUD, BEN, true, "predict", "grants.write", "grants.read");
    for (String kind : List.of("model", "version")) {
      as(ANA, allows(Mode.MODE_SET, BEN, kind, "get", "update"));
    }
    share(BEN, "predict");
    refused(Fault.CAP_EXCEEDED, () -> share(BEN, "update"));
    for (String kind : List.of("model", "version")) {
      as(ANA, allows(Mode.MODE_SET, BEN, kind, "grants.write").setDepth(Depth.DEPTH_OWN));
      as(ANA, allows(Mode.MODE_MERGE, BEN, kind, "get", "update"));
    }
    refused(Fault.CAP_EXCEEDED, () -> share(BEN, "update"));
    for (String kind : List.of("model", "version")) {
      as(ANA, allows(Mode.MODE_SET, BEN, kind, "get", "update", "grants.write"));
    }
    share(BEN, "update");
  }

  /** Hazard 30: whoever leaves a bounded group would lose its ceiling. */
  @Test
  void group_namedInATypeRight_isLeftByAdministratorsOnly() {
    String data = PROD + "/datasets/claims";
    plane.resource(data);
    plane.principal("group:interns");
    plane.principal("group:team");
    as(ANA, ceiling("group:interns", "dataset", "get"));
    plane.admin().updateMemberships(TypePlane.membership(true, "group:interns", "group:team"));
    plane.admin().updateMemberships(TypePlane.membership(true, "group:team", BEN));
    plane.share(data, BEN, "editor");
    assertEquals("CEILING", types.check(BEN, data, "update"));
    plane.share(ACME, BEN, "user");
    refused(
        Fault.NOT_PERMITTED,
        () -> plane.as(BEN).updateMemberships(TypePlane.membership(false, "group:team", BEN)));
    as(ANA, remove("group:interns", "dataset"));
    plane.as(BEN).updateMemberships(TypePlane.membership(false, "group:team", BEN));
  }

  private void share(String actor, String permission) {
    plane
        .as(actor)
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(FRAUD)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_MERGE)
                        .setPrincipal("user:carl@acme.com")
                        .setPermissions(Permissions.newBuilder().addPermissions(permission)))
                .build());
  }

  private void as(String actor, TypeRightChange.Builder... changes) {
    plane.as(actor).updateTypeRights(request(changes).build());
  }
}
