package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.FieldMask;
import dev.modelgate.app.state.Dependencies;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Decider;
import dev.modelgate.decision.Facts;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.PrincipalTarget;
import dev.modelgate.v1.PutProfileRequest;
import dev.modelgate.v1.Resource;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.TransferOwnershipRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateResourceRequest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Who may write, give on and take what, where no test of a single call shows it; the package {@code
 * proof} says which hazard each of them is about.
 */
final class PrivilegeHazardTest {
  private static final String CARL = "user:carl@acme.com";
  private static final String TRICKY = PROD + "/models/tricky";
  private static final String RISK = "group:risk";

  private final TypePlane types = new TypePlane();
  private final AdminPlane plane = types.plane;

  @BeforeEach
  void begin() {
    plane
        .as(ANA)
        .createResource(
            CreateResourceRequest.newBuilder().setName(TRICKY).setType("tricky").build());
    plane.principal(BEN);
    plane.principal(CARL);
    plane.principal(RISK);
  }

  @AfterEach
  void end() {
    types.close();
  }

  /** Hazard 29: a gate is closed for a time, and what is held stays held. */
  @Test
  void sharer_whomAGateStops_sharesAllTheSame() {
    types.shareOn(TRICKY, BEN, "editor");
    assertEquals("NOT_PUBLISHED", types.check(BEN, TRICKY, "predict"));
    give(BEN, change(CARL, "user"));
    update(ANA, resource().addFlags("published"), "flags");
    assertEquals("ALLOW", types.check(CARL, TRICKY, "predict"));
  }

  /** Hazard 29: what comes without can_use_data is no source of the use of data. */
  @Test
  void useOfData_isGivenOnByWhoHoldsItWithTheRightToShareIt() {
    plane.admin().updateMemberships(TypePlane.membership(true, RISK, BEN));
    give("", change(RISK, "editor").setCanUseData(true));
    types.shareOn(TRICKY, BEN, "editor");
    assertEquals("ALLOW", types.check(BEN, TRICKY, "data.read"));
    var info =
        refused(Fault.CAP_EXCEEDED, () -> give(BEN, change(CARL, "editor").setCanUseData(true)));
    assertEquals("data.read", info.getMetadataOrThrow("permissions"));
    give(BEN, change(CARL, "editor"));
    assertEquals("ACCESS", types.check(CARL, TRICKY, "data.read"));
    give("", change(BEN, "editor").setCanUseData(true).setCanShare(true));
    give(BEN, change(CARL, "editor").setCanUseData(true));
    assertEquals("ALLOW", types.check(CARL, TRICKY, "data.read"));
  }

  /** Hazard 29: a rank gives no use of data. */
  @Test
  void useOfData_whereRanksCap_isGivenOnByWhoHoldsIt() {
    try (Site site = new Site("datarobot")) {
      String sales = ACME + "/datasets/sales";
      site.principals(ANA, BEN, CARL);
      site.resource(sales, ANA);
      site.grant(site.admin(), sales, Site.set(BEN, "editor").setCanShare(true));
      refused(
          Fault.CAP_EXCEEDED,
          () -> site.grant(site.as(BEN), sales, Site.set(CARL, "consumer").setCanUseData(true)));
      site.grant(site.as(BEN), sales, Site.set(CARL, "consumer"));
      site.grant(
          site.admin(), sales, Site.set(BEN, "editor").setCanShare(true).setCanUseData(true));
      site.grant(site.as(BEN), sales, Site.set(CARL, "consumer").setCanUseData(true));
    }
  }

  /** Hazard 29: where a permission stands for can_share, that of another grant is not enough. */
  @Test
  void permissionToShare_ofAnotherGrant_sharesNothing() {
    String shares = "$0\n    shares_by_permission: true";
    try (TypePlane other =
        new TypePlane(
            TypePlane.typed(
                text ->
                    text.replaceFirst("    types: .*", shares)
                        .replaceFirst("    needs_record: false", shares)))) {
      other.plane.principal(CARL);
      other.plane.principal(RISK);
      other.plane.principal(BEN);
      other.plane.admin().updateMemberships(TypePlane.membership(true, RISK, BEN));
      other.grant(FRAUD, BEN, false, "predict");
      other.grant(FRAUD, RISK, false, "get", "grants.read", "grants.write");
      refused(Fault.CAP_EXCEEDED, () -> give(other, BEN, FRAUD, permission("predict")));
      give(other, BEN, FRAUD, permission("get"));
    }
  }

  /** Hazard 30: to add somebody gives him what the group has, to remove him may lift a rule. */
  @Test
  void membershipOfOthers_isChangedByAdministratorsOnly() {
    types.shareOn(ACME, BEN, "editor");
    plane.as(ANA).updateMemberships(TypePlane.membership(true, RISK, CARL));
    for (String member : List.of(BEN, CARL)) {
      refused(
          Fault.NOT_PERMITTED,
          () -> plane.as(BEN).updateMemberships(TypePlane.membership(true, RISK, member)));
    }
    refused(
        Fault.NOT_PERMITTED,
        () -> plane.as(BEN).updateMemberships(TypePlane.membership(false, RISK, CARL)));
    plane.as(CARL).updateMemberships(TypePlane.membership(false, RISK, CARL));
  }

  /** Hazard 31: who may open gates and move it may not write the rest. */
  @Test
  void labelsAndDisplayName_areWrittenByWhoMayUpdateOnly() {
    types.grant(TRICKY, BEN, false, "get", "publish", "transfer");
    Resource.Builder labelled =
        resource().putLabels("risk", "low").setDisplayName("Tricky").setUnit("emea");
    for (String path : List.of("labels", "display_name")) {
      refused(Fault.NOT_PERMITTED, () -> update(BEN, labelled.clone(), path));
      refused(Fault.NOT_PERMITTED, () -> update(BEN, labelled.clone(), path, "unit"));
    }
    types.grant(TRICKY, BEN, false, "update");
    update(BEN, labelled, "labels", "display_name");
  }

  /** Hazard 17: a profile says what everything means, so nobody else puts one. */
  @Test
  void profile_isPutByAdministratorsOnly() {
    types.shareOn(ACME, BEN, "editor");
    var request =
        PutProfileRequest.newBuilder()
            .setOrganization(ACME)
            .setDocument(TypePlane.text("typed.yaml").replace("title: With", "title: Still with"))
            .build();
    refused(Fault.NOT_PERMITTED, () -> plane.as(BEN).putProfile(request));
    plane.as(ANA).putProfile(request);
  }

  /** Hazard 31: to hand over is to give everything. */
  @Test
  void owner_isChangedByWhoMayTransferOnly() {
    types.shareOn(TRICKY, BEN, "editor");
    var request =
        TransferOwnershipRequest.newBuilder().setResource(TRICKY).setNewOwner(CARL).build();
    var info = refused(Fault.NOT_PERMITTED, () -> plane.as(BEN).transferOwnership(request));
    assertEquals("transfer", info.getMetadataOrThrow("permission"));
    plane.as(ANA).transferOwnership(request);
  }

  /** Hazard 34: a suspended group suspends its members on both planes. */
  @Test
  void actor_whoseGroupIsSuspended_changesNothing() {
    types.shareOn(TRICKY, BEN, "editor");
    plane.admin().updateMemberships(TypePlane.membership(true, RISK, BEN));
    give(BEN, change(CARL, "user"));
    plane
        .admin()
        .suspend(
            SuspendRequest.newBuilder()
                .setTarget(
                    SuspensionTarget.newBuilder()
                        .setPrincipal(
                            PrincipalTarget.newBuilder().setOrganization(ACME).setPrincipal(RISK)))
                .build());
    refused(Fault.NOT_PERMITTED, () -> give(BEN, change(ANA, "user")));
  }

  /** Hazard 18: ceilings are a union, so that one that is claimed would widen. */
  @Test
  void ceilingOfAClaimedGroup_liftsNone() {
    String data = PROD + "/datasets/claims";
    plane.resource(data);
    plane.share(data, BEN, "editor");
    plane
        .admin()
        .updateTypeRights(
            TypeRightsTest.request(
                    TypeRightsTest.ceiling(BEN, "dataset", "get"),
                    TypeRightsTest.ceiling(RISK, "dataset", "get", "update"))
                .build());
    assertEquals("CEILING", types.check(BEN, data, "update"));
    assertEquals(access(data, List.of()), access(data, List.of(PrincipalName.parse(RISK))));
  }

  private Access access(String resource, List<PrincipalName> claimed) {
    return plane.live.retained(
        state -> {
          OrgState org = state.organization("acme").orElseThrow();
          Facts facts =
              new Gathering(org, state.rows(org), new Dependencies(Uid.NONE))
                  .gather(PrincipalName.parse(BEN), claimed, ResourceName.parse(resource));
          return Decider.decide(facts, plane.clock.nowMicros());
        });
  }

  private static Resource.Builder resource() {
    return Resource.newBuilder().setName(TRICKY);
  }

  private static GrantChange.Builder change(String principal, String role) {
    return GrantChange.newBuilder()
        .setMode(GrantChange.Mode.MODE_MERGE)
        .setPrincipal(principal)
        .setRole(role);
  }

  private static GrantChange.Builder permission(String permission) {
    return GrantChange.newBuilder()
        .setMode(GrantChange.Mode.MODE_MERGE)
        .setPrincipal(CARL)
        .setPermissions(Permissions.newBuilder().addPermissions(permission));
  }

  /** Shares, as somebody or as the system administrator. */
  private void give(String actor, GrantChange.Builder change) {
    give(types, actor, TRICKY, change);
  }

  private static void give(
      TypePlane types, String actor, String resource, GrantChange.Builder change) {
    var stub = actor.isEmpty() ? types.plane.admin() : types.plane.as(actor);
    stub.updateGrants(
        UpdateGrantsRequest.newBuilder().setResource(resource).addChanges(change).build());
  }

  private void update(String actor, Resource.Builder resource, String... paths) {
    plane
        .as(actor)
        .updateResource(
            UpdateResourceRequest.newBuilder()
                .setResource(resource)
                .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(paths)))
                .build());
  }
}
