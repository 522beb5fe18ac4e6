package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.protobuf.Timestamp;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.Binding;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.DeleteExternalLinkRequest;
import dev.modelgate.v1.GetPolicyRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.Policy;
import dev.modelgate.v1.PutExternalLinkRequest;
import dev.modelgate.v1.SetPolicyRequest;
import dev.modelgate.v1.SetPolicyResponse;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** GetPolicy and SetPolicy through the wire (hazard 33). */
final class PolicyTest {
  private static final String CYD = "user:cyd@acme.com";
  private static final String DAN = "user:dan@acme.com";
  private static final long IN_2100 = 4_102_444_800L;

  private final AdminPlane plane = new AdminPlane();

  @BeforeEach
  void begin() {
    plane.withAcme();
  }

  @AfterEach
  void end() {
    plane.close();
  }

  @Test
  void policy_readAndWrittenBack_losesNothing() {
    grant(FRAUD, change(BEN, "editor").setCanShare(true).setNote("for the audit"));
    grant(FRAUD, change(BEN, "user").setCondition("context.trusted"));
    grant(FRAUD, change(BEN, "user"));
    grant(
        FRAUD,
        change(CYD, "user")
            .setNotBefore(Timestamp.newBuilder().setSeconds(1_000).setNanos(5_000))
            .setExpiresAt(Timestamp.newBuilder().setSeconds(IN_2100)));
    grant(
        FRAUD,
        change(CYD, "")
            .clearRole()
            .setCanUseData(true)
            .setPermissions(Permissions.newBuilder().addPermissions("predict")));
    plane.principal(DAN);
    var before = plane.grants(FRAUD);
    Policy policy = policy(FRAUD);
    assertEquals(6, policy.getBindingsCount(), policy::toString);
    assertEquals(before.getEtag(), policy.getEtag());
    // Nobody but the system administrator could give all of it.
    grant(FRAUD, change(DAN, "").clearRole().setPermissions(permissions("grants.write")));
    Policy now = policy(FRAUD);
    assertEquals(now.getEtag(), set(plane.as(DAN), FRAUD, now).getEtag());
    set(plane.admin(), FRAUD, policy.toBuilder().setEtag(now.getEtag()).build());
    assertEquals(before, plane.grants(FRAUD));
  }

  @Test
  void members_whoHaveTheSame_areInOneBinding() {
    grant(FRAUD, change(CYD, "user"));
    grant(FRAUD, change(BEN, "user"));
    grant(FRAUD, change(DAN, "user").setNote("other"));
    assertEquals(
        List.of(List.of(ANA), List.of(BEN, CYD), List.of(DAN)),
        policy(FRAUD).getBindingsList().stream()
            .map(binding -> List.copyOf(binding.getMembersList()))
            .toList());
  }

  @Test
  void policy_replacesEverything() {
    grant(FRAUD, change(BEN, "user"));
    grant(FRAUD, change(CYD, "editor"));
    Policy old = policy(FRAUD);
    SetPolicyResponse answer =
        set(
            plane.as(ANA),
            FRAUD,
            policy(old, binding("owner", ANA), binding("user", CYD), binding("viewer", DAN)));
    assertEquals(List.of(), plane.roles(FRAUD, BEN));
    assertEquals(List.of("user"), plane.roles(FRAUD, CYD));
    assertEquals(List.of("viewer"), plane.roles(FRAUD, DAN));
    assertEquals(policy(FRAUD).getEtag(), answer.getEtag());
    assertNotEquals(old.getEtag(), answer.getEtag());
    assertEquals(
        List.of("owner", "user", "viewer"),
        policy(FRAUD).getBindingsList().stream().map(Binding::getRole).toList());
  }

  @Test
  void etag_missingOrStale_isRefused_andNothingChanges() {
    Policy old = policy(FRAUD);
    Policy wanted = policy(old, binding("owner", ANA), binding("user", BEN));
    refused(
        Fault.INVALID_FIELD,
        "policy.etag",
        () -> set(plane.admin(), FRAUD, wanted.toBuilder().clearEtag().build()));
    grant(FRAUD, change(CYD, "user"));
    var there = plane.grants(FRAUD);
    refused(Fault.ETAG_MISMATCH, () -> set(plane.admin(), FRAUD, wanted));
    assertEquals(there, plane.grants(FRAUD));
  }

  @Test
  void limits_applyToTheDifference_removalsIncluded() {
    grant(FRAUD, change(BEN, "editor").setCanShare(true));
    grant(FRAUD, change(CYD, "auditor"));
    Policy old = policy(FRAUD);
    Binding ana = binding("owner", ANA);
    Binding ben = binding("editor", BEN).toBuilder().setCanShare(true).build();
    Binding cyd = binding("auditor", CYD);
    refused(
        Fault.CAP_EXCEEDED,
        () -> set(plane.as(BEN), FRAUD, policy(old, ana, ben, cyd, binding("owner", DAN))));
    refused(
        Fault.ABOVE_YOU,
        () ->
            set(
                plane.as(BEN),
                FRAUD,
                policy(old, ben, cyd, binding("user", ANA), binding("owner", DAN))));
    refused(Fault.ABOVE_YOU, () -> set(plane.as(BEN), FRAUD, policy(old, ben, cyd)));
    set(plane.as(BEN), FRAUD, policy(old, ana, ben, cyd, binding("user", DAN)));
    assertEquals(List.of("user"), plane.roles(FRAUD, DAN));
    set(plane.as(BEN), FRAUD, policy(policy(FRAUD), ana, ben));
    assertEquals(List.of(), plane.roles(FRAUD, DAN));
    assertEquals(List.of("owner"), plane.roles(FRAUD, ANA));
  }

  /** What he may do is judged before any of it, so he can leave and give in one change. */
  @Test
  void actor_whoLeavesAndGives_isJudgedByTheStateBefore() {
    grant(FRAUD, change(BEN, "editor").setCanShare(true));
    set(plane.as(BEN), FRAUD, policy(policy(FRAUD), binding("user", DAN), binding("owner", ANA)));
    assertEquals(List.of(), plane.roles(FRAUD, BEN));
    assertEquals(List.of("user"), plane.roles(FRAUD, DAN));
  }

  @Test
  void rights_areThoseAtTheHead() {
    grant(FRAUD, change(BEN, "editor").setCanShare(true));
    Policy old = policy(FRAUD);
    set(plane.as(BEN), FRAUD, old);
    grant(FRAUD, change(BEN, "user").setMode(GrantChange.Mode.MODE_SET));
    refused(Fault.NOT_PERMITTED, () -> set(plane.as(BEN), FRAUD, policy(FRAUD)));
    grant(FRAUD, change(BEN, "user").clearRole().setMode(GrantChange.Mode.MODE_REMOVE));
    refused(Fault.NOT_FOUND, () -> set(plane.as(BEN), FRAUD, policy(FRAUD)));
    refused(Fault.NOT_FOUND, () -> get(plane.as(BEN), FRAUD));
  }

  @Test
  void lastOwner_stays() {
    Policy old = policy(FRAUD);
    refused(Fault.LAST_OWNER, () -> set(plane.admin(), FRAUD, policy(old)));
    refused(Fault.LAST_OWNER, () -> set(plane.as(ANA), FRAUD, policy(old, binding("user", ANA))));
    set(plane.as(ANA), FRAUD, policy(old, binding("owner", BEN)));
    assertEquals(List.of("owner"), plane.roles(FRAUD, BEN));
    assertEquals(List.of(), plane.roles(FRAUD, ANA));
  }

  @Test
  void singleOwner_isChangedByTransferAlone() {
    with(
        Map.of("owners", "single", "owner_recipient", "error"),
        other -> {
          Policy old = policy(other, FRAUD);
          Binding ana = old.getBindings(0);
          refused(
              Fault.SINGLE_OWNER,
              () -> set(other.admin(), FRAUD, policy(old, binding("owner", BEN))));
          refused(
              Fault.SINGLE_OWNER,
              () -> set(other.admin(), FRAUD, policy(old, ana, binding("owner", BEN))));
          refused(
              Fault.RECIPIENT_IS_OWNER,
              () -> set(other.admin(), FRAUD, policy(old, ana, binding("user", ANA))));
          set(other.admin(), FRAUD, policy(old, ana, binding("user", BEN)));
          assertEquals(List.of("user"), other.roles(FRAUD, BEN));
          assertEquals(List.of("owner"), other.roles(FRAUD, ANA));
        });
  }

  @Test
  void singleOwner_ofSomethingWithout_isOne() {
    with(
        Map.of("owners", "single", "owner_recipient", "error"),
        other -> {
          String churn = PROD + "/models/churn";
          other.admin().createResource(CreateResourceRequest.newBuilder().setName(churn).build());
          Policy old = policy(other, churn);
          refused(
              Fault.SINGLE_OWNER,
              () -> set(other.admin(), churn, policy(old, binding("owner", ANA, BEN))));
          set(other.admin(), churn, policy(old, binding("owner", BEN)));
          assertEquals(List.of("owner"), other.roles(churn, BEN));
        });
  }

  @Test
  void creator_whoLeavesByHimself_isRemovedByNobodyElse() {
    with(
        Map.of("creator", "leaves_by_himself"),
        other -> {
          other.share(FRAUD, BEN, "owner");
          Policy old = policy(other, FRAUD);
          Binding ben = binding("owner", BEN);
          refused(Fault.CREATOR_STAYS, () -> set(other.as(BEN), FRAUD, policy(old, ben)));
          set(other.as(ANA), FRAUD, policy(old, ben));
          assertEquals(List.of(), other.roles(FRAUD, ANA));
        });
  }

  @Test
  void cap_none_needsAnEtagOnlyWhereConditionsCouldGetLost() {
    with(
        Map.of("cap", "none"),
        other -> {
          Policy blind = Policy.getDefaultInstance();
          set(other.as(ANA), FRAUD, policy(blind, binding("owner", ANA), binding("user", BEN)));
          Binding conditional = binding("user", CYD).toBuilder().setCondition("context.ok").build();
          Policy wanted = policy(blind, binding("owner", ANA), conditional);
          refused(Fault.INVALID_FIELD, "policy.etag", () -> set(other.as(ANA), FRAUD, wanted));
          Policy old = policy(other, FRAUD);
          set(other.as(ANA), FRAUD, wanted.toBuilder().setEtag(old.getEtag()).build());
          refused(
              Fault.INVALID_FIELD,
              "policy.etag",
              () -> set(other.as(ANA), FRAUD, policy(blind, binding("owner", ANA))));
          assertEquals(1, other.roles(FRAUD, CYD).size());
        });
  }

  @Test
  void policy_outOfForm_isRefused() {
    Policy old = policy(FRAUD);
    Binding ana = binding("owner", ANA);
    AdminServiceBlockingStub admin = plane.admin();
    refused(
        Fault.INVALID_FIELD,
        "policy",
        () -> admin.setPolicy(SetPolicyRequest.newBuilder().setResource(FRAUD).build()));
    refused(
        Fault.INVALID_FIELD,
        "policy.bindings[1].members",
        () -> set(admin, FRAUD, policy(old, ana, binding("user"))));
    refused(
        Fault.INVALID_FIELD,
        "policy.bindings[1].members",
        () -> set(admin, FRAUD, policy(old, ana, binding("user", BEN, BEN))));
    refused(
        Fault.INVALID_FIELD,
        "policy.bindings[0].role",
        () -> set(admin, FRAUD, policy(old, Binding.newBuilder().addMembers(BEN).build())));
    refused(
        Fault.RECIPIENT_REPEATED,
        () -> set(admin, FRAUD, policy(old, ana, binding("user", BEN), binding("user", BEN))));
    refused(Fault.RECIPIENT_REPEATED, () -> set(admin, FRAUD, policy(old, ana, ana)));
    refused(Fault.UNKNOWN_ROLE, () -> set(admin, FRAUD, policy(old, ana, binding("emperor", BEN))));
    refused(
        Fault.UNKNOWN_PRINCIPAL,
        () -> set(admin, FRAUD, policy(old, ana, binding("user", "group:no"))));
    assertEquals(old, policy(FRAUD));
  }

  @Test
  void resource_thatIsNotThere_hasNoPolicy() {
    String none = PROD + "/models/none";
    refused(Fault.NOT_FOUND, () -> get(plane.admin(), none));
    refused(Fault.NOT_FOUND, () -> set(plane.admin(), none, Policy.getDefaultInstance()));
  }

  @Test
  void link_staysOrGoes_butDoesNotCome() {
    with(Map.of("owners", "at_least_one"), PolicyTest::leavesLinksAlone);
  }

  private static void leavesLinksAlone(AdminPlane plane) {
    String app = PROD + "/applications/report";
    plane.resource(app);
    plane
        .as(ANA)
        .putExternalLink(
            PutExternalLinkRequest.newBuilder().setResource(app).setId("report").build());
    Policy with = policy(plane, app);
    assertEquals(2, with.getBindingsCount(), with::toString);
    Binding owner = with.getBindings(0);
    assertEquals(List.of(ANA), owner.getMembersList());
    set(plane.as(ANA), app, with);
    assertEquals(with, policy(plane, app));
    set(plane.as(ANA), app, policy(with, owner));
    Policy without = policy(plane, app);
    assertEquals(List.of(owner), without.getBindingsList());
    DeleteExternalLinkRequest gone =
        DeleteExternalLinkRequest.newBuilder().setResource(app).setId("report").build();
    refused(Fault.NOTHING_TO_REMOVE, () -> plane.as(ANA).deleteExternalLink(gone));
    refused(
        Fault.KIND_NOT_ALLOWED,
        () -> set(plane.as(ANA), app, policy(without, owner, binding("user", "link:report"))));
  }

  private interface Case {
    void run(AdminPlane plane);
  }

  private static void with(Map<String, String> switches, Case body) {
    try (TypePlane types = new TypePlane(TypePlane.typedWith(switches))) {
      body.run(types.plane);
    }
  }

  private Policy policy(String resource) {
    return policy(plane, resource);
  }

  private static Policy policy(AdminPlane plane, String resource) {
    return get(plane.admin(), resource);
  }

  private static Policy get(AdminServiceBlockingStub stub, String resource) {
    return stub.getPolicy(GetPolicyRequest.newBuilder().setResource(resource).build()).getPolicy();
  }

  private static SetPolicyResponse set(
      AdminServiceBlockingStub stub, String resource, Policy policy) {
    return stub.setPolicy(
        SetPolicyRequest.newBuilder().setResource(resource).setPolicy(policy).build());
  }

  private static Policy policy(Policy read, Binding... bindings) {
    return Policy.newBuilder().setEtag(read.getEtag()).addAllBindings(List.of(bindings)).build();
  }

  private static Binding binding(String role, String... members) {
    return Binding.newBuilder().setRole(role).addAllMembers(List.of(members)).build();
  }

  private static Permissions permissions(String name) {
    return Permissions.newBuilder().addPermissions(name).build();
  }

  private static GrantChange.Builder change(String principal, String role) {
    return GrantChange.newBuilder()
        .setMode(GrantChange.Mode.MODE_MERGE)
        .setPrincipal(principal)
        .setRole(role);
  }

  private void grant(String resource, GrantChange.Builder change) {
    plane
        .admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder().setResource(resource).addChanges(change).build());
  }
}
