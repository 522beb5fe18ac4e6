package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;

import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.GetResourceRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ListPrincipalsRequest;
import dev.modelgate.v1.ListResourcesRequest;
import dev.modelgate.v1.MembershipChange;
import dev.modelgate.v1.Organization;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PrincipalTarget;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.Resource;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateMembershipsRequest;
import dev.modelgate.v1.UpdateOrganizationRequest;
import dev.modelgate.v1.UpdateResourceRequest;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Malformed admin input: for each the exact code, reason and field. */
final class AdminInputTest {
  private static final AdminPlane PLANE = new AdminPlane();

  private record Case(
      String name, Fault fault, String field, Consumer<AdminServiceBlockingStub> call) {}

  @BeforeAll
  static void begin() {
    PLANE.withAcme();
  }

  @AfterAll
  static void end() {
    PLANE.close();
  }

  @TestFactory
  List<DynamicTest> input_malformed_isRefusedByField() {
    return java.util.stream.Stream.of(NAMES, RECORDS, SHARING, LISTS, MUTATIONS)
        .flatMap(List::stream)
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.name(),
                    () ->
                        refused(row.fault(), row.field(), () -> row.call().accept(PLANE.admin()))))
        .toList();
  }

  private static final List<Case> NAMES =
      List.of(
          invalid("organization name empty", "name", s -> organization(s, "")),
          invalid("organization name without prefix", "name", s -> organization(s, "acme")),
          invalid("organization name of a resource", "name", s -> organization(s, PROD)),
          invalid("organization name with dots", "name", s -> organization(s, "organizations/..")),
          invalid(
              "organization name too long",
              "name",
              s -> organization(s, "organizations/" + "a".repeat(257))),
          invalid("resource name with empty segment", "name", s -> resource(s, ACME + "//x")),
          invalid(
              "resource name with encoded letter",
              "name",
              s -> resource(s, ACME + "/models/%66raud")),
          invalid(
              "resource name too long",
              "name",
              s -> resource(s, ACME + "/models/" + "a".repeat(2_048))),
          invalid("principal without kind", "principal", s -> put(s, p -> p.setPrincipal("ana"))),
          invalid(
              "principal in upper case",
              "principal",
              s -> put(s, p -> p.setPrincipal("user:ANA@acme.com"))),
          invalid(
              "principal with control character",
              "principal",
              s -> put(s, p -> p.setPrincipal("user:a\u0007b"))),
          invalid(
              "principal not normalized",
              "principal",
              s -> put(s, p -> p.setPrincipal("user:e\u0301"))),
          new Case(
              "principal of a kind without record",
              Fault.KIND_NOT_ALLOWED,
              "principal",
              s -> put(s, p -> p.setPrincipal("allUsers"))),
          invalid("id with slash", "organization_id", s -> create(s, "a/b")),
          invalid("id reserved", "organization_id", s -> create(s, "system")),
          invalid("id empty", "organization_id", s -> create(s, "")));

  private static final List<Case> RECORDS =
      List.of(
          invalid("state unknown", "state", s -> put(s, p -> p.setStateValue(77))),
          invalid(
              "state deleted",
              "state",
              s -> put(s, p -> p.setState(Principal.State.STATE_DELETED))),
          invalid(
              "subtype of a user",
              "group_subtype",
              s -> put(s, p -> p.setGroupSubtype(Principal.GroupSubtype.GROUP_SUBTYPE_OWNER))),
          invalid(
              "etag beside create_only",
              "etag",
              s -> put(s, p -> p.setCreateOnly(true).setEtag("x"))),
          invalid(
              "display name with control character",
              "display_name",
              s -> put(s, p -> p.setDisplayName("a\nb"))),
          limit(
              "display name too long",
              "display_name",
              s -> put(s, p -> p.setDisplayName("é".repeat(129)))),
          limit("etag too long", "etag", s -> put(s, p -> p.setEtag("e".repeat(65)))),
          limit(
              "too many labels",
              "labels",
              s ->
                  labels(
                      s,
                      b -> {
                        for (int i = 0; i < 65; i++) {
                          b.putLabels("k" + i, "v");
                        }
                      })),
          invalid("label key empty", "labels", s -> labels(s, b -> b.putLabels("", "v"))),
          limit(
              "label key too long",
              "labels",
              s -> labels(s, b -> b.putLabels("k".repeat(64), "v"))),
          limit(
              "label value too long",
              "labels",
              s -> labels(s, b -> b.putLabels("k", "v".repeat(257)))),
          invalid(
              "mask of an output field",
              "update_mask",
              s ->
                  s.updateResource(
                      UpdateResourceRequest.newBuilder()
                          .setResource(Resource.newBuilder().setName(FRAUD))
                          .setUpdateMask(FieldMask.newBuilder().addPaths("etag"))
                          .build())),
          invalid(
              "organization to update without name",
              "organization.name",
              s ->
                  s.updateOrganization(
                      UpdateOrganizationRequest.newBuilder()
                          .setOrganization(Organization.newBuilder().setDisplayName("x"))
                          .build())));

  private static final List<Case> SHARING =
      List.of(
          invalid("no changes", "changes", s -> grants(s, List.of())),
          limit(
              "1,001 changes",
              "changes",
              s -> grants(s, Collections.nCopies(1_001, grant().build()))),
          invalid("mode unspecified", "changes[0].mode", s -> grant(s, grant().setModeValue(0))),
          invalid("mode unknown", "changes[0].mode", s -> grant(s, grant().setModeValue(9))),
          invalid("role empty", "changes[0].role", s -> grant(s, grant().setRole(""))),
          invalid(
              "permission twice",
              "changes[0].permissions",
              s ->
                  grant(
                      s,
                      grant()
                          .setPermissions(
                              Permissions.newBuilder()
                                  .addPermissions("get")
                                  .addPermissions("get")))),
          invalid(
              "no permissions",
              "changes[0].permissions",
              s -> grant(s, grant().setPermissions(Permissions.getDefaultInstance()))),
          invalid(
              "time before 1970",
              "changes[0].not_before",
              s -> grant(s, grant().setNotBefore(Timestamp.newBuilder().setSeconds(-1)))),
          invalid(
              "period without a moment",
              "changes[0].expires_at",
              s ->
                  grant(
                      s,
                      grant()
                          .setNotBefore(Timestamp.newBuilder().setSeconds(10))
                          .setExpiresAt(Timestamp.newBuilder().setSeconds(10)))),
          limit(
              "note too long",
              "changes[0].note",
              s -> grant(s, grant().setNote("n".repeat(1_025)))),
          invalid(
              "note of a removal",
              "changes[0].note",
              s -> grant(s, grant().setMode(GrantChange.Mode.MODE_REMOVE).setNote("bye"))),
          invalid(
              "membership without operation",
              "changes[0].operation",
              s -> membership(s, "group:a", BEN, 0)),
          new Case(
              "user as a group",
              Fault.KIND_NOT_ALLOWED,
              "changes[0].group",
              s -> membership(s, ANA, BEN, 1)),
          new Case(
              "everybody as a member",
              Fault.KIND_NOT_ALLOWED,
              "changes[0].member",
              s -> membership(s, "group:a", "allUsers", 1)),
          invalid(
              "suspension of nothing", "target", s -> suspend(s, SuspensionTarget.newBuilder())),
          invalid(
              "suspension without organization",
              "target.principal.organization",
              s ->
                  suspend(
                      s,
                      SuspensionTarget.newBuilder()
                          .setPrincipal(PrincipalTarget.newBuilder().setPrincipal(ANA)))));

  private static final List<Case> LISTS =
      List.of(
          invalid("page size negative", "page_size", s -> list(s, b -> b.setPageSize(-1))),
          invalid("page size too large", "page_size", s -> list(s, b -> b.setPageSize(1_001))),
          new Case(
              "page token foreign",
              Fault.PAGE_TOKEN_INVALID,
              "page_token",
              s -> list(s, b -> b.setPageToken("abcd"))),
          new Case(
              "kind unknown",
              Fault.UNKNOWN_KIND,
              "kind",
              s -> list(s, b -> b.setKind("spaceship"))),
          invalid("kind of principals unknown", "kind", s -> list(s, "robot", "", "")),
          invalid("members of a user", "member_of", s -> list(s, "", ANA, "")),
          invalid("both directions", "contains", s -> list(s, "", "group:a", ANA)),
          invalid(
              "grants of nothing",
              "resource",
              s -> s.listGrants(ListGrantsRequest.getDefaultInstance())),
          invalid(
              "grants of a principal, inherited",
              "include_inherited",
              s ->
                  s.listGrants(
                      ListGrantsRequest.newBuilder()
                          .setOrganization(ACME)
                          .setPrincipal(ANA)
                          .setIncludeInherited(true)
                          .build())),
          invalid(
              "grants without principal",
              "principal",
              s -> s.listGrants(ListGrantsRequest.newBuilder().setOrganization(ACME).build())));

  private static final List<Case> MUTATIONS =
      List.of(
          limit(
              "request id too long",
              "request_id",
              s -> put(s, p -> p.setRequestId("r".repeat(129)))),
          invalid("request id with space", "request_id", s -> put(s, p -> p.setRequestId("a b"))),
          limit("reason too long", "reason", s -> put(s, p -> p.setReason("r".repeat(1_025)))),
          invalid(
              "base revision alone", "base_revision", s -> put(s, p -> p.setBaseRevision("AQ"))),
          new Case(
              "base revision undecodable",
              Fault.REVISION_INVALID,
              "base_revision",
              s -> put(s, p -> p.setRequestId("r").setBaseRevision("?"))));

  private static Case invalid(String name, String field, Consumer<AdminServiceBlockingStub> call) {
    return new Case(name, Fault.INVALID_FIELD, field, call);
  }

  private static Case limit(String name, String field, Consumer<AdminServiceBlockingStub> call) {
    return new Case(name, Fault.LIMIT_EXCEEDED, field, call);
  }

  private static void organization(AdminServiceBlockingStub stub, String name) {
    stub.getOrganization(GetOrganizationRequest.newBuilder().setName(name).build());
  }

  private static void resource(AdminServiceBlockingStub stub, String name) {
    stub.getResource(GetResourceRequest.newBuilder().setName(name).build());
  }

  private static void create(AdminServiceBlockingStub stub, String id) {
    stub.createOrganization(CreateOrganizationRequest.newBuilder().setOrganizationId(id).build());
  }

  private static void put(
      AdminServiceBlockingStub stub, Consumer<PutPrincipalRequest.Builder> change) {
    var request = PutPrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(BEN);
    change.accept(request);
    stub.putPrincipal(request.build());
  }

  private static void labels(
      AdminServiceBlockingStub stub, Consumer<CreateResourceRequest.Builder> change) {
    var request = CreateResourceRequest.newBuilder().setName(PROD + "/models/x");
    change.accept(request);
    stub.createResource(request.build());
  }

  private static GrantChange.Builder grant() {
    return GrantChange.newBuilder()
        .setMode(GrantChange.Mode.MODE_SET)
        .setPrincipal(BEN)
        .setRole("user");
  }

  private static void grant(AdminServiceBlockingStub stub, GrantChange.Builder change) {
    grants(stub, List.of(change.build()));
  }

  private static void grants(AdminServiceBlockingStub stub, List<GrantChange> changes) {
    stub.updateGrants(
        UpdateGrantsRequest.newBuilder().setResource(FRAUD).addAllChanges(changes).build());
  }

  private static void membership(
      AdminServiceBlockingStub stub, String group, String member, int operation) {
    stub.updateMemberships(
        UpdateMembershipsRequest.newBuilder()
            .setOrganization(ACME)
            .addChanges(
                MembershipChange.newBuilder()
                    .setGroup(group)
                    .setMember(member)
                    .setOperationValue(operation))
            .build());
  }

  private static void suspend(AdminServiceBlockingStub stub, SuspensionTarget.Builder target) {
    stub.suspend(SuspendRequest.newBuilder().setTarget(target).build());
  }

  private static void list(
      AdminServiceBlockingStub stub, Consumer<ListResourcesRequest.Builder> change) {
    var request = ListResourcesRequest.newBuilder().setParent(ACME);
    change.accept(request);
    stub.listResources(request.build());
  }

  private static void list(
      AdminServiceBlockingStub stub, String kind, String memberOf, String contains) {
    stub.listPrincipals(
        ListPrincipalsRequest.newBuilder()
            .setOrganization(ACME)
            .setKind(kind)
            .setMemberOf(memberOf)
            .setContains(contains)
            .build());
  }
}
