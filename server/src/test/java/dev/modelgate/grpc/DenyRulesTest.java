package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.DenyRuleChange;
import dev.modelgate.v1.DenyRuleChange.Operation;
import dev.modelgate.v1.GetPrincipalRequest;
import dev.modelgate.v1.ListDenyRulesRequest;
import dev.modelgate.v1.RestorePrincipalRequest;
import dev.modelgate.v1.UpdateDenyRulesRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** UpdateDenyRules and ListDenyRules: what rules do, who writes them, and every refusal. */
final class DenyRulesTest {
  private static final String CARL = "user:carl@acme.com";
  private static final String RISK = "group:risk";

  private final TypePlane types = new TypePlane();
  private final AdminPlane plane = types.plane;

  @BeforeEach
  void begin() {
    plane.principal(RISK);
    plane.principal(CARL);
    plane.share(FRAUD, BEN, "user");
    plane.share(FRAUD, CARL, "user");
    plane.admin().updateMemberships(TypePlane.membership(true, RISK, BEN));
    plane.admin().updateMemberships(TypePlane.membership(true, RISK, CARL));
  }

  @AfterEach
  void end() {
    types.close();
  }

  @Test
  void rule_putChangedAndDeleted_deniesAllButItsExceptionsMeanwhile() {
    assertEquals("ALLOW", types.check(BEN, FRAUD, "predict"));
    put(rule("freeze").addExceptions(CARL));
    assertEquals("DENY_RULE", types.check(BEN, FRAUD, "predict"));
    assertEquals("ALLOW", types.check(BEN, FRAUD, "get"));
    assertEquals("ALLOW", types.check(CARL, FRAUD, "predict"));
    put(rule("freeze"));
    assertEquals("DENY_RULE", types.check(CARL, FRAUD, "predict"));
    delete("freeze");
    assertEquals("ALLOW", types.check(BEN, FRAUD, "predict"));
  }

  /** A rule is put back as it was read, while one of those whom it denies is deleted. */
  @Test
  void rule_replacedWhileSomebodyIsDeleted_deniesHimAgainWhenHeIsRestored() {
    put(rule("freeze").clearPrincipals().addPrincipals(BEN).addPrincipals(CARL));
    assertEquals("DENY_RULE", types.check(CARL, FRAUD, "predict"));
    String uid =
        plane
            .admin()
            .getPrincipal(
                GetPrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(CARL).build())
            .getPrincipal()
            .getUid();
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(CARL).build());
    put(rule("freeze").clearPrincipals().addPrincipals(BEN));
    plane
        .admin()
        .restorePrincipal(
            RestorePrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(CARL)
                .setUid(uid)
                .build());
    assertEquals("DENY_RULE", types.check(CARL, FRAUD, "predict"));
    put(rule("freeze").clearPrincipals().addPrincipals(BEN));
    assertEquals("ALLOW", types.check(CARL, FRAUD, "predict"));
  }

  /** Ownership and type rights help as little as grants. */
  @Test
  void rule_onTheOrganization_bindsOwnersAndAdministrators() {
    assertEquals("ALLOW", types.check(ANA, FRAUD, "predict"));
    put(rule("all").clearPrincipals().addPrincipals("organization:acme").setResource(ACME));
    assertEquals("DENY_RULE", types.check(ANA, FRAUD, "predict"));
  }

  @Test
  void condition_ofARule_isEvaluatedWithTheContext() {
    put(rule("outside").setCondition("context.outside == true"));
    CheckResponse unknown = types.data().check(question().build());
    assertEquals(Decision.DECISION_CONDITIONAL, unknown.getDecision());
    assertEquals(List.of("outside"), unknown.getMissingAttributesList());
    assertEquals("DENY_RULE", TypePlane.said(types.data().check(outside(true))));
    assertEquals("ALLOW", TypePlane.said(types.data().check(outside(false))));
  }

  @Test
  void rule_malformed_isRefusedByItsField() {
    String rule = "changes[0].rule.";
    refused(Fault.INVALID_FIELD, "changes", () -> update());
    refused(
        Fault.INVALID_FIELD,
        "changes[0].operation",
        () -> update(DenyRuleChange.newBuilder().setRule(rule("a"))));
    refused(Fault.INVALID_FIELD, rule + "id", () -> put(rule("")));
    refused(Fault.INVALID_FIELD, rule + "id", () -> put(rule("Freeze")));
    refused(Fault.INVALID_FIELD, rule + "id", () -> put(rule("a".repeat(64))));
    refused(Fault.INVALID_FIELD, rule + "principals", () -> put(rule("a").clearPrincipals()));
    refused(Fault.INVALID_FIELD, rule + "principals", () -> put(rule("a").addPrincipals(RISK)));
    refused(Fault.INVALID_FIELD, rule + "principals", () -> put(rule("a").addPrincipals("ben")));
    refused(Fault.INVALID_FIELD, rule + "permissions", () -> put(rule("a").clearPermissions()));
    refused(Fault.INVALID_FIELD, rule + "resource", () -> put(rule("a").setResource("fraud")));
    refused(
        Fault.INVALID_FIELD,
        rule + "resource",
        () -> put(rule("a").setResource("organizations/other")));
    refused(Fault.INVALID_FIELD, rule + "condition", () -> put(rule("a").setCondition("1 + 1")));
    refused(
        Fault.LIMIT_EXCEEDED,
        rule + "description",
        () -> put(rule("a").setDescription("x".repeat(257))));
    var many = rule("a");
    for (int i = 0; i < 101; i++) {
      many.addExceptions("user:u" + i + "@acme.com");
    }
    refused(Fault.LIMIT_EXCEEDED, rule + "exceptions", () -> put(many));
    assertEquals(List.of(), list());
  }

  @Test
  void rule_thatNamesWhatIsNotThere_isRefused() {
    refused(
        Fault.UNKNOWN_PRINCIPAL, "principals", () -> put(rule("a").addPrincipals("group:none")));
    refused(Fault.UNKNOWN_PRINCIPAL, "exceptions", () -> put(rule("a").addExceptions("link:l")));
    refused(Fault.KIND_NOT_ALLOWED, "principals", () -> put(rule("a").addPrincipals("allUsers")));
    refused(
        Fault.KIND_NOT_ALLOWED, "principals", () -> put(rule("a").addPrincipals("domain:a.com")));
    refused(Fault.UNKNOWN_PERMISSION, "permissions", () -> put(rule("a").addPermissions("fly")));
    refused(Fault.NOT_FOUND, () -> put(rule("a").setResource(PROD + "/models/none")));
    refused(Fault.UNKNOWN_KIND, () -> put(rule("a").setResource(PROD + "/robots/r")));
    refused(Fault.NOTHING_TO_REMOVE, () -> delete("a"));
    refused(
        Fault.RECIPIENT_REPEATED,
        () ->
            update(
                change(Operation.OPERATION_PUT, rule("a")),
                change(Operation.OPERATION_DELETE, rule("a"))));
    assertEquals(List.of(), list());
  }

  @Test
  void etag_ofARule_guardsIt() {
    put(rule("a"));
    String etag = list().get(0).getEtag();
    put(rule("a").setDescription("frozen").setEtag(etag));
    assertNotEquals(etag, list().get(0).getEtag());
    refused(Fault.ETAG_MISMATCH, () -> put(rule("a").setEtag(etag)));
    refused(
        Fault.ETAG_MISMATCH,
        () -> update(change(Operation.OPERATION_DELETE, rule("a").setEtag(etag))));
    refused(Fault.ETAG_MISMATCH, () -> put(rule("b").setEtag(etag)));
    String current = list().get(0).getEtag();
    put(rule("a").setDescription("frozen"));
    assertEquals(current, list().get(0).getEtag(), "what is so already changes nothing");
  }

  @Test
  void request_repeated_repeatsTheAnswer() {
    var request = request(change(Operation.OPERATION_PUT, rule("a"))).setRequestId("r").build();
    String revision = plane.admin().updateDenyRules(request).getRevision();
    delete("a");
    assertEquals(revision, plane.admin().updateDenyRules(request).getRevision());
    assertEquals(List.of(), list());
  }

  /** Whoever could lift a rule, or except himself, would widen himself. */
  @Test
  void rules_areWrittenByAdministratorsOnly() {
    types.shareOn(ACME, BEN, "editor");
    types.grant(ACME, BEN, true, "rights.write");
    var info =
        refused(
            Fault.NOT_PERMITTED,
            () ->
                plane
                    .as(BEN)
                    .updateDenyRules(request(change(Operation.OPERATION_PUT, rule("a"))).build()));
    assertEquals("transfer", info.getMetadataOrThrow("permission"));
    plane.as(ANA).updateDenyRules(request(change(Operation.OPERATION_PUT, rule("a"))).build());
    refused(
        Fault.NOT_PERMITTED,
        () ->
            plane
                .as(BEN)
                .updateDenyRules(request(change(Operation.OPERATION_DELETE, rule("a"))).build()));
    assertEquals(1, plane.as(BEN).listDenyRules(all().build()).getDenyRulesCount());
    refused(Fault.NOT_PERMITTED, () -> plane.as(CARL).listDenyRules(all().build()));
  }

  /** Hazard 30: to leave the group that is denied would be to lift the rule. */
  @Test
  void group_namedInARule_isLeftByAdministratorsOnly() {
    plane.share(ACME, BEN, "user");
    put(rule("a"));
    refused(
        Fault.NOT_PERMITTED,
        () -> plane.as(BEN).updateMemberships(TypePlane.membership(false, RISK, BEN)));
    assertEquals("DENY_RULE", types.check(BEN, FRAUD, "predict"));
    put(rule("a").clearPrincipals().addPrincipals(CARL).addExceptions(RISK));
    refused(
        Fault.NOT_PERMITTED,
        () -> plane.as(BEN).updateMemberships(TypePlane.membership(false, RISK, BEN)));
    delete("a");
    plane.as(BEN).updateMemberships(TypePlane.membership(false, RISK, BEN));
  }

  @Test
  void list_filteredAndPaged_isInTheOrderOfIds() {
    put(rule("c"));
    put(rule("a").setResource(ACME));
    put(rule("b").clearPrincipals().addPrincipals(CARL));
    assertEquals(List.of("a", "b", "c"), ids(all()));
    assertEquals(List.of("b", "c"), ids(all().setResource(FRAUD)));
    assertEquals(List.of("b"), ids(all().setPrincipal(CARL)));
    assertEquals(List.of("a", "c"), ids(all().setPrincipal(RISK)));
    String next = plane.admin().listDenyRules(all().setPageSize(2).build()).getNextPageToken();
    assertEquals(List.of("c"), ids(all().setPageToken(next)));
    refused(Fault.PAGE_TOKEN_INVALID, () -> ids(all().setPrincipal(RISK).setPageToken(next)));
  }

  @Test
  void deletedPrincipalsAndResources_endTheirRules() {
    put(rule("a").clearPrincipals().addPrincipals(CARL).addPrincipals(BEN));
    put(rule("b").clearPrincipals().addPrincipals(CARL));
    put(rule("c").addExceptions(CARL));
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(CARL).build());
    assertEquals(List.of(BEN), list().get(0).getPrincipalsList());
    types.sweep();
    assertEquals(List.of("a", "c"), ids(all()));
    assertEquals(0, list().get(1).getExceptionsCount());
    plane.principal(CARL);
    plane.share(FRAUD, CARL, "user");
    assertEquals("ALLOW", types.check(CARL, FRAUD, "predict"));
    plane.admin().deleteResource(DeleteResourceRequest.newBuilder().setName(FRAUD).build());
    assertEquals(List.of(), ids(all()));
    plane.resource(FRAUD);
    plane.share(FRAUD, BEN, "user");
    assertEquals("ALLOW", types.check(BEN, FRAUD, "predict"));
    types.sweep();
    assertEquals(0, (int) types.read(rows -> count(rows)));
  }

  @Test
  void rules_ofOneOrganization_areBounded() {
    List<DenyRuleChange.Builder> changes = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      changes.add(change(Operation.OPERATION_PUT, rule("r" + i)));
    }
    update(changes.toArray(DenyRuleChange.Builder[]::new));
    refused(Fault.LIMIT_EXCEEDED, () -> put(rule("more")));
    put(rule("r0").setDescription("no more than before"));
  }

  /** A deleted principal is taken out of many rules a few at a time. */
  @Test
  void deletedPrincipal_inManyRules_isSweptFromAll() {
    List<DenyRuleChange.Builder> changes = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      changes.add(change(Operation.OPERATION_PUT, rule("r" + i).addExceptions(CARL)));
    }
    update(changes.toArray(DenyRuleChange.Builder[]::new));
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(CARL).build());
    for (int i = 0; i < 3; i++) {
      types.sweep();
    }
    int[] excepting = {0};
    types.read(
        rows -> {
          rows.eachDenyRule(
              row -> {
                excepting[0] += row.exceptions().size();
                return true;
              });
          return 0;
        });
    assertEquals(0, excepting[0]);
  }

  private static int count(dev.modelgate.store.row.OrgRows rows) {
    int[] count = {0};
    rows.eachDenyRule(
        row -> {
          count[0]++;
          return true;
        });
    return count[0];
  }

  private CheckRequest.Builder question() {
    return CheckRequest.newBuilder().setPrincipal(BEN).setModel(FRAUD).setAction("predict");
  }

  private CheckRequest outside(boolean outside) {
    Value value = Value.newBuilder().setBoolValue(outside).build();
    return question().setContext(Struct.newBuilder().putFields("outside", value)).build();
  }

  private List<DenyRule> list() {
    return plane.admin().listDenyRules(all().build()).getDenyRulesList();
  }

  private List<String> ids(ListDenyRulesRequest.Builder request) {
    return plane.admin().listDenyRules(request.build()).getDenyRulesList().stream()
        .map(DenyRule::getId)
        .toList();
  }

  private void put(DenyRule.Builder rule) {
    update(change(Operation.OPERATION_PUT, rule));
  }

  private void delete(String id) {
    update(change(Operation.OPERATION_DELETE, DenyRule.newBuilder().setId(id)));
  }

  private void update(DenyRuleChange.Builder... changes) {
    plane.admin().updateDenyRules(request(changes).build());
  }

  private static ListDenyRulesRequest.Builder all() {
    return ListDenyRulesRequest.newBuilder().setOrganization(ACME);
  }

  static UpdateDenyRulesRequest.Builder request(DenyRuleChange.Builder... changes) {
    var request = UpdateDenyRulesRequest.newBuilder().setOrganization(ACME);
    List.of(changes).forEach(request::addChanges);
    return request;
  }

  static DenyRuleChange.Builder change(Operation operation, DenyRule.Builder rule) {
    return DenyRuleChange.newBuilder().setOperation(operation).setRule(rule);
  }

  /** Denies the group to predict on the model. */
  static DenyRule.Builder rule(String id) {
    return DenyRule.newBuilder()
        .setId(id)
        .addPrincipals(RISK)
        .addPermissions("predict")
        .setResource(FRAUD);
  }
}
