package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static dev.modelgate.grpc.GoogleIam.binding;
import static dev.modelgate.grpc.GoogleIam.get;
import static dev.modelgate.grpc.GoogleIam.policy;
import static dev.modelgate.grpc.GoogleIam.set;
import static dev.modelgate.grpc.GoogleIam.when;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.iam.v1.AuditConfig;
import com.google.iam.v1.Binding;
import com.google.iam.v1.Policy;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import com.google.type.Expr;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code google.iam.v1.IAMPolicy} under the default profile, with Google's client classes. */
final class IamPolicyTest {
  private static final String CYD = "user:cyd@acme.com";
  private static final Binding OWNER = binding("roles/owner", ANA);

  private final AdminPlane plane = new AdminPlane();
  private final GoogleIam google = new GoogleIam(plane, "");

  @BeforeEach
  void begin() {
    plane.withAcme();
  }

  @AfterEach
  void end() {
    google.close();
    plane.close();
  }

  @Test
  void policy_readAndWrittenBack_losesNothing() {
    grant(change(BEN, "editor").setCanShare(true).setNote("flags and note"));
    grant(change(BEN, "user").setCanUseData(true).setCondition("context.ok").setNote("t\nd\ne"));
    grant(change(CYD, "user").setExpiresAt(Timestamp.newBuilder().setSeconds(4_000_000_000L)));
    grant(
        change(CYD, "viewer")
            .setCondition("context.ok || context.fine")
            .setNotBefore(Timestamp.newBuilder().setSeconds(1_000)));
    grant(
        change(CYD, "")
            .clearRole()
            .setPermissions(
                Permissions.newBuilder().addPermissions("predict").addPermissions("get")));
    var before = plane.grants(FRAUD);
    Policy read = get(google.admin(), FRAUD);
    assertEquals(
        List.of(
            "permissions/get,predict",
            "roles/editor",
            "roles/owner",
            "roles/user context.ok t d\ne",
            "roles/user request.time < timestamp(\"2096-10-02T07:06:40Z\")",
            "roles/viewer (context.ok || context.fine)"
                + " && request.time >= timestamp(\"1970-01-01T00:16:40Z\")"),
        read.getBindingsList().stream().map(IamPolicyTest::text).toList());
    assertEquals(3, read.getVersion());
    assertEquals(read, set(google.admin(), FRAUD, read));
    assertEquals(before, plane.grants(FRAUD));
  }

  @Test
  void newBinding_isAGrantWithItsConditionAndTitle() {
    Binding user =
        binding("roles/user", BEN).toBuilder()
            .setCondition(
                Expr.newBuilder()
                    .setExpression("context.ok")
                    .setTitle("Trusted devices")
                    .setDescription("Until the audit.\nAsk Ana."))
            .build();
    Policy written = set(google.as(ANA), FRAUD, policy(read(), OWNER, user));
    assertEquals(written, read());
    var grant =
        plane.grants(FRAUD).getGrantsList().stream()
            .filter(found -> found.getPrincipal().equals(BEN))
            .findFirst()
            .orElseThrow();
    assertEquals("Trusted devices\nUntil the audit.\nAsk Ana.", grant.getNote());
    assertEquals("context.ok", grant.getCondition());
    assertEquals(ANA, grant.getGrantedBy());
  }

  /** The form does not say the flags, so they are not lost with a new title. */
  @Test
  void newTitle_keepsTheFlags() {
    grant(change(BEN, "user").setCanUseData(true).setCanShare(true).setCondition("context.ok"));
    Binding titled =
        binding("roles/user", BEN).toBuilder()
            .setCondition(Expr.newBuilder().setExpression("context.ok").setTitle("new"))
            .build();
    set(google.as(ANA), FRAUD, policy(read(), OWNER, titled));
    var grant = plane.grants(FRAUD).getGrantsList().get(1);
    assertEquals("new", grant.getNote());
    assertTrue(grant.getCanShare() && grant.getCanUseData(), grant::toString);
  }

  @Test
  void oldVersion_hidesConditions_andCannotOverwriteThem() {
    grant(change(BEN, "user").setCondition("context.ok"));
    grant(change(CYD, "user").setCondition("context.fine"));
    Policy old = get(google.as(ANA), FRAUD, 0);
    assertEquals(old, get(google.as(ANA), FRAUD, 1));
    assertEquals(1, old.getVersion());
    assertTrue(old.getBindingsList().stream().noneMatch(Binding::hasCondition), old::toString);
    List<String> roles = old.getBindingsList().stream().map(Binding::getRole).toList();
    assertEquals("roles/owner", roles.get(0));
    assertTrue(roles.get(1).matches("roles/user_withcond_[0-9a-f]{20}"), roles::toString);
    assertNotEquals(roles.get(1), roles.get(2));
    refused(Fault.INVALID_FIELD, () -> set(google.as(ANA), FRAUD, old));
    refused(
        Fault.INVALID_FIELD,
        "policy.version",
        () -> set(google.as(ANA), FRAUD, policy(old, OWNER).toBuilder().setVersion(1).build()));
    refused(
        Fault.INVALID_FIELD,
        () -> set(google.as(ANA), FRAUD, old.toBuilder().setVersion(3).build()));
    set(google.as(ANA), FRAUD, policy(old, OWNER));
    assertEquals(1, read().getVersion());
    set(google.as(ANA), FRAUD, policy(read(), OWNER).toBuilder().setVersion(1).build());
  }

  @Test
  void deletedMember_isShownWithHisUid_andIsNotWhoeverTakesHisName() {
    grant(change(BEN, "user"));
    grant(change(CYD, "user"));
    String uid =
        Long.toString(
            Long.parseLong(
                plane
                    .admin()
                    .getPrincipal(
                        dev.modelgate.v1.GetPrincipalRequest.newBuilder()
                            .setOrganization(ACME)
                            .setPrincipal(BEN)
                            .build())
                    .getPrincipal()
                    .getUid(),
                16));
    String deleted = "deleted:" + BEN + "?uid=" + uid;
    refused(
        Fault.UNKNOWN_PRINCIPAL,
        () -> set(google.as(ANA), FRAUD, policy(read(), OWNER, binding("roles/user", deleted))));
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(BEN).build());
    Policy read = read();
    assertEquals(List.of(OWNER, binding("roles/user", deleted, CYD)), read.getBindingsList());
    refused(
        Fault.RECIPIENT_INACTIVE,
        () -> set(google.as(ANA), FRAUD, policy(read, OWNER, binding("roles/user", CYD, BEN))));
    plane.principal(BEN);
    Policy both =
        set(google.as(ANA), FRAUD, policy(read, OWNER, binding("roles/user", deleted, CYD, BEN)));
    assertEquals(
        List.of(OWNER, binding("roles/user", deleted, BEN, CYD)), read().getBindingsList());
    for (String wrong : List.of("deleted:" + CYD + "?uid=" + uid, deleted + "1")) {
      refused(
          Fault.UNKNOWN_PRINCIPAL,
          () -> set(google.as(ANA), FRAUD, policy(both, OWNER, binding("roles/user", wrong))));
    }
    refused(
        Fault.UNKNOWN_PRINCIPAL,
        () -> set(google.as(ANA), FRAUD, policy(both, OWNER, binding("roles/editor", deleted))));
    for (String wrong : List.of("deleted:" + BEN, deleted + "x", "deleted:" + BEN + "?uid=-1")) {
      refused(
          Fault.INVALID_FIELD,
          () -> set(google.as(ANA), FRAUD, policy(both, OWNER, binding("roles/user", wrong))));
    }
    set(google.as(ANA), FRAUD, policy(both, OWNER, binding("roles/user", BEN)));
    assertEquals(List.of(OWNER, binding("roles/user", BEN)), read().getBindingsList());
  }

  /** The limits of the default profile hold here too. */
  @Test
  void cap_asksForAnEtag_andBoundsTheDifference() {
    grant(change(BEN, "editor").setCanShare(true));
    Binding editor = binding("roles/editor", BEN);
    refused(
        Fault.INVALID_FIELD,
        "policy.etag",
        () -> set(google.as(ANA), FRAUD, policy(Policy.getDefaultInstance(), OWNER)));
    Policy read = read();
    refused(
        Fault.CAP_EXCEEDED,
        () -> set(google.as(BEN), FRAUD, policy(read, OWNER, editor, binding("roles/owner", CYD))));
    refused(Fault.ABOVE_YOU, () -> set(google.as(BEN), FRAUD, policy(read, editor)));
    refused(Fault.LAST_OWNER, () -> set(google.as(ANA), FRAUD, policy(read, editor)));
    set(google.as(BEN), FRAUD, policy(read, OWNER, editor, binding("roles/user", CYD)));
    assertEquals(List.of("user"), plane.roles(FRAUD, CYD));
  }

  @Test
  void request_outOfForm_isRefused() {
    Policy read = read();
    refused(Fault.INVALID_FIELD, "resource", () -> get(google.admin(), "fraud"));
    refused(Fault.INVALID_FIELD, "resource", () -> get(google.admin(), "projects/"));
    refused(
        Fault.INVALID_FIELD,
        "policy",
        () ->
            google
                .admin()
                .setIamPolicy(SetIamPolicyRequest.newBuilder().setResource(FRAUD).build()));
    refused(Fault.INVALID_FIELD, "update_mask", () -> masked(read, "audit_configs"));
    refused(Fault.INVALID_FIELD, "update_mask", () -> masked(read, "etag"));
    masked(read, "bindings", "etag");
    Policy audited = read.toBuilder().addAuditConfigs(AuditConfig.getDefaultInstance()).build();
    refused(Fault.INVALID_FIELD, "policy.audit_configs", () -> set(google.admin(), FRAUD, audited));
    Binding user = binding("roles/user", BEN);
    for (Expr wrong :
        List.of(
            Expr.newBuilder().setTitle("no expression").build(),
            Expr.newBuilder().setExpression("context.ok").setTitle("two\nlines").build(),
            Expr.newBuilder().setExpression("context.ok").setLocation("a file").build(),
            Expr.newBuilder().setExpression("1 + 1").build())) {
      refused(
          Fault.INVALID_FIELD,
          () ->
              set(
                  google.admin(),
                  FRAUD,
                  policy(read, OWNER, user.toBuilder().setCondition(wrong).build())));
    }
    for (String wrong : List.of("user", "roles/", "projects/p/roles/user", "permissions/")) {
      refused(
          Fault.INVALID_FIELD,
          () -> set(google.admin(), FRAUD, policy(read, OWNER, binding(wrong, BEN))));
    }
    for (String wrong : List.of("principal://x", "user:Ben@acme.com", "projectOwner:p")) {
      refused(
          Fault.INVALID_FIELD,
          () -> set(google.admin(), FRAUD, policy(read, OWNER, binding("roles/user", wrong))));
    }
    refused(
        Fault.RECIPIENT_REPEATED,
        () ->
            set(
                google.admin(),
                FRAUD,
                policy(
                    read,
                    OWNER,
                    when(user, "context.ok"),
                    titled(when(user, "context.ok"), "the same under another title"))));
    assertEquals(read, read());
  }

  @Test
  void permissions_unknownOrTooMany_areRefused() {
    refused(Fault.UNKNOWN_PERMISSION, () -> GoogleIam.test(google.admin(), FRAUD, "fly"));
    String[] many = new String[IamRpcs.PERMISSIONS_MAX + 1];
    java.util.Arrays.fill(many, "predict");
    refused(Fault.LIMIT_EXCEEDED, () -> GoogleIam.test(google.admin(), FRAUD, many));
    assertEquals(List.of(), GoogleIam.test(google.as(ANA), FRAUD));
  }

  @Test
  void project_withoutASetting_isInTheOrganizationOfItsName() {
    plane
        .admin()
        .createOrganization(
            CreateOrganizationRequest.newBuilder()
                .setOrganizationId("p1")
                .setProfile("google-ai-platform")
                .setOwner(ANA)
                .build());
    plane.resource("organizations/p1/projects/p1");
    plane.resource("organizations/p1/projects/p1/models/m1");
    Policy byProject = get(google.as(ANA), "projects/p1/models/m1");
    assertEquals(byProject, get(google.as(ANA), "organizations/p1/projects/p1/models/m1"));
    assertEquals("roles/ml.modelOwner", byProject.getBindings(0).getRole());
    refused(Fault.NOT_FOUND, () -> get(google.as(ANA), "projects/p2/models/m1"));
  }

  @Test
  void callWithoutToken_isUnauthenticated() {
    refused(Fault.UNAUTHENTICATED, () -> get(google.anonymous(), FRAUD));
    refused(
        Fault.UNAUTHENTICATED, () -> set(google.anonymous(), FRAUD, Policy.getDefaultInstance()));
    refused(Fault.UNAUTHENTICATED, () -> GoogleIam.test(google.anonymous(), FRAUD, "predict"));
    refused(Fault.ON_BEHALF_OF_INVALID, () -> get(google.as("user:nobody@acme.com"), FRAUD));
  }

  @Test
  void hiddenResource_isNotFound_asAMissingOne() {
    plane.principal(BEN);
    String none = FRAUD + "x";
    for (String resource : List.of(FRAUD, none)) {
      refused(Fault.NOT_FOUND, () -> get(google.as(BEN), resource));
      refused(Fault.NOT_FOUND, () -> set(google.as(BEN), resource, Policy.getDefaultInstance()));
      assertEquals(List.of(), GoogleIam.test(google.as(BEN), resource, "get", "predict"));
    }
    plane.share(FRAUD, BEN, "user");
    refused(Fault.NOT_PERMITTED, () -> get(google.as(BEN), FRAUD));
    refused(Fault.NOT_PERMITTED, () -> set(google.as(BEN), FRAUD, Policy.getDefaultInstance()));
    assertEquals(List.of("predict"), GoogleIam.test(google.as(BEN), FRAUD, "update", "predict"));
  }

  private Policy read() {
    return get(google.admin(), FRAUD);
  }

  private void masked(Policy policy, String... paths) {
    google
        .admin()
        .setIamPolicy(
            SetIamPolicyRequest.newBuilder()
                .setResource(FRAUD)
                .setPolicy(policy)
                .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(paths)))
                .build());
  }

  private static Binding titled(Binding binding, String title) {
    return binding.toBuilder()
        .setCondition(binding.getCondition().toBuilder().setTitle(title))
        .build();
  }

  private static String text(Binding binding) {
    Expr condition = binding.getCondition();
    return String.join(
            " ",
            binding.getRole(),
            condition.getExpression(),
            condition.getTitle(),
            condition.getDescription())
        .strip();
  }

  private static GrantChange.Builder change(String principal, String role) {
    return GrantChange.newBuilder()
        .setMode(GrantChange.Mode.MODE_MERGE)
        .setPrincipal(principal)
        .setRole(role);
  }

  private void grant(GrantChange.Builder change) {
    plane
        .admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder().setResource(FRAUD).addChanges(change).build());
  }
}
