package dev.modelgate.rows;

import static dev.modelgate.rows.GoogleSite.ANA;
import static dev.modelgate.rows.GoogleSite.BEN;
import static dev.modelgate.rows.GoogleSite.CARL;
import static dev.modelgate.rows.GoogleSite.FAR;
import static dev.modelgate.rows.GoogleSite.MODEL;
import static dev.modelgate.rows.GoogleSite.OWNER;
import static dev.modelgate.rows.GoogleSite.PROJECT;
import static dev.modelgate.rows.GoogleSite.VERSION;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Timestamp;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.DenyRuleChange;
import dev.modelgate.v1.GetPolicyRequest;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ListGrantsResponse;
import dev.modelgate.v1.MembershipChange.Operation;
import dev.modelgate.v1.Policy;
import dev.modelgate.v1.SetPolicyRequest;
import dev.modelgate.v1.UpdateDenyRulesRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Google's policies: who sets and reads them, what bounds them, when they end. */
final class GooglePolicyRowsTest {
  private static final String[] USE = {"get", "predict", "ml.models.get", "ml.models.predict"};

  private final GoogleSite bed = new GoogleSite();
  private final Site site = bed.site;

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F012")
  void lastOwner_removed_leavesTheModelToWhoHasItByTheProject() {
    site.share(PROJECT, BEN, "ml.admin");
    site.revoke(site.as(OWNER), MODEL, OWNER);
    assertEquals(List.of(), site.grants(MODEL));
    site.assertChecks("NO_GRANT", OWNER, MODEL, GoogleSite.FOURTEEN);
    site.assertAllowed(
        BEN, MODEL, "ml.models.update", "ml.models.delete", "ml.models.setIamPolicy");
    var info =
        Site.refused(
            Fault.NOT_PERMITTED, () -> site.share(site.as(OWNER), MODEL, ANA, "ml.modelUser"));
    assertEquals("NO_GRANT", info.getMetadataOrThrow("denial"));
    site.share(site.as(BEN), MODEL, ANA, "ml.modelOwner");
    site.assertAllowed(ANA, MODEL, GoogleSite.FOURTEEN);
  }

  @Test
  @Row("F012")
  void emptyPolicy_isSet_andNobodyOwnsTheModel() {
    site.as(OWNER)
        .setPolicy(
            SetPolicyRequest.newBuilder()
                .setResource(MODEL)
                .setPolicy(Policy.getDefaultInstance())
                .build());
    assertEquals(List.of(), site.grants(MODEL));
    site.assertChecks("NO_GRANT", OWNER, MODEL, GoogleSite.FOURTEEN);
  }

  /** The floor is a switch of the organization's profile. */
  @Test
  @Row("F012")
  void lastOwner_whereTheProfileKeepsOne_isNotRemoved() {
    bed.profile(Map.of("owners: any", "owners: at_least_one"));
    var info = Site.refused(Fault.LAST_OWNER, () -> site.revoke(site.as(OWNER), MODEL, OWNER));
    assertEquals(Map.of("resource", MODEL, "kind", "model"), info.getMetadataMap());
    site.assertAllowed(OWNER, MODEL, GoogleSite.FOURTEEN);
  }

  @Test
  @Row("F040")
  void holderOfSetPolicy_grantsMoreThanHeHas() {
    site.share(MODEL, BEN, "ml.modelUser");
    var info =
        Site.refused(
            Fault.NOT_PERMITTED, () -> site.share(site.as(BEN), MODEL, CARL, "ml.modelOwner"));
    assertEquals("ml.models.setIamPolicy", info.getMetadataOrThrow("permission"));
    site.grant(site.admin(), MODEL, GoogleSite.set(BEN, "ml.models.setIamPolicy"));
    site.share(site.as(BEN), MODEL, CARL, "ml.modelOwner");
    site.assertAllowed(CARL, MODEL, GoogleSite.FOURTEEN);
    site.assertChecks("ACCESS", BEN, MODEL, "ml.models.delete", "ml.models.get");
  }

  @Test
  @Row("F040")
  void holderOfSetPolicy_whereTheProfileCaps_grantsNoMoreThanHeHas() {
    bed.profile(Map.of("cap: none", "cap: subset"));
    site.grant(
        site.admin(), MODEL, GoogleSite.set(BEN, "ml.models.setIamPolicy").setCanShare(true));
    var info =
        Site.refused(
            Fault.CAP_EXCEEDED, () -> site.share(site.as(BEN), MODEL, CARL, "ml.modelOwner"));
    assertEquals("ml.modelOwner", info.getMetadataOrThrow("grant"));
    assertEquals(MODEL, info.getMetadataOrThrow("resource"));
    site.assertChecks("NO_GRANT", CARL, MODEL, USE);
  }

  @Test
  @Row("F043")
  void policy_isReadByWhoHasGetIamPolicyAndByNobodyElse() {
    site.share(MODEL, BEN, "ml.modelUser");
    site.assertAllowed(BEN, MODEL, "ml.models.get");
    for (var read : List.<Runnable>of(() -> listed(BEN), () -> policy(BEN))) {
      var info = Site.refused(Fault.NOT_PERMITTED, read::run);
      assertEquals(
          Map.of(
              "actor",
              BEN,
              "permission",
              "ml.models.getIamPolicy",
              "resource",
              MODEL,
              "denial",
              "ACCESS"),
          info.getMetadataMap());
    }
    site.grant(site.admin(), MODEL, GoogleSite.set(BEN, "ml.models.getIamPolicy"));
    site.assertChecks("ACCESS", BEN, MODEL, "ml.models.get", "ml.models.setIamPolicy");
    assertEquals(2, listed(BEN).getGrantsCount());
    assertEquals(2, policy(BEN).getBindingsCount());
  }

  @Test
  @Row("F093")
  void denyRule_onTheProject_beatsTheGrantsBelow_exceptForItsExceptions() {
    site.principals(BEN, CARL);
    site.group("group:all", ANA, BEN);
    for (String user : List.of(ANA, BEN, CARL)) {
      site.share(MODEL, user, "ml.modelUser");
    }
    site.share(FAR, ANA, "ml.modelUser");
    DenyRule.Builder rule =
        DenyRule.newBuilder()
            .setId("freeze")
            .addPrincipals("group:all")
            .addPermissions("ml.models.predict")
            .setResource(PROJECT);
    site.assertAllowed(ANA, MODEL, USE);
    deny(rule.clone().addExceptions(BEN));
    site.assertChecks("DENY_RULE", ANA, MODEL, "predict", "ml.models.predict");
    site.assertAllowed(ANA, MODEL, "get");
    site.assertAllowed(ANA, VERSION, "ml.versions.predict");
    site.assertAllowed(ANA, FAR, "predict");
    site.assertAllowed(BEN, MODEL, USE);
    site.assertAllowed(CARL, MODEL, USE);
    deny(rule);
    site.assertChecks("DENY_RULE", BEN, MODEL, "predict");
    site.member(Operation.OPERATION_REMOVE, "group:all", ANA);
    site.assertAllowed(ANA, MODEL, USE);
  }

  @Test
  @Row("F099")
  void model_withoutAnyVersion_failsByThatAndNotByPermission() {
    site.resource(VERSION, "", request -> request.addFlags("default"));
    site.share(MODEL, ANA, "ml.modelUser");
    site.assertAllowed(ANA, MODEL, "predict");
    site.assertAllowed(ANA, VERSION, "predict");
    delete(OWNER, VERSION);
    site.flags(site.as(OWNER), MODEL, "no_version");
    site.assertChecks("NO_VERSION", ANA, MODEL, "predict", "ml.models.predict");
    site.assertChecks("NO_VERSION", OWNER, MODEL, "predict");
    site.assertChecks("NO_GRANT", BEN, MODEL, "predict");
    site.assertAllowed(ANA, MODEL, "get");
    site.flags(site.as(OWNER), MODEL);
    site.assertAllowed(ANA, MODEL, "predict");
    var info =
        Site.refused(Fault.NOT_PERMITTED, () -> site.flags(site.as(ANA), MODEL, "no_version"));
    assertEquals("ml.models.get,ml.models.update", info.getMetadataOrThrow("permission"));
  }

  @Test
  @Row("F100")
  void model_withVersions_isNotDeleted_andItsDefaultVersionGoesLast() {
    String second = MODEL + "/versions/v2";
    site.resource(VERSION, "", request -> request.addFlags("default"));
    site.resource(second, "");
    site.assertAllowed(OWNER, MODEL, "ml.models.delete");
    site.assertAllowed(OWNER, VERSION, "ml.versions.delete");
    refusedToDelete(MODEL, MODEL);
    refusedToDelete(VERSION, VERSION);
    delete(OWNER, second);
    refusedToDelete(MODEL, MODEL);
    delete(OWNER, VERSION);
    site.share(MODEL, ANA, "ml.modelUser");
    var info = Site.refused(Fault.NOT_PERMITTED, () -> delete(ANA, MODEL));
    assertEquals("ml.models.delete", info.getMetadataOrThrow("permission"));
    delete(OWNER, MODEL);
    site.assertChecks("UNKNOWN_RESOURCE", OWNER, MODEL, "get");
  }

  @Test
  @Row("F130")
  void binding_thatExpires_endsByItselfAtItsTime() {
    Instant end = site.time().plus(Duration.ofHours(1));
    site.grant(
        site.admin(),
        MODEL,
        Site.set(ANA, "ml.modelUser")
            .setExpiresAt(Timestamp.newBuilder().setSeconds(end.getEpochSecond())),
        Site.set(BEN, "ml.modelUser").setCondition("request.time < timestamp('" + end + "')"),
        Site.set(CARL, "ml.modelUser"));
    String revision = revision();
    for (String user : List.of(ANA, BEN, CARL)) {
      site.assertAllowed(user, MODEL, USE);
    }
    site.now.set(end.minusMillis(1));
    site.assertAllowed(ANA, MODEL, USE);
    site.assertAllowed(BEN, MODEL, USE);
    site.now.set(end);
    site.assertChecks("NO_GRANT", ANA, MODEL, USE);
    site.assertChecks("NO_GRANT", BEN, MODEL, USE);
    site.assertAllowed(CARL, MODEL, USE);
    assertEquals(revision, revision(), "nothing was written");
  }

  @Test
  @Row("F133")
  void revocation_acknowledged_isSeenByTheNextCheck() {
    site.group("group:risk", BEN);
    for (int round = 0; round < 20; round++) {
      site.share(MODEL, ANA, "ml.modelUser");
      site.share(MODEL, "group:risk", "ml.modelUser");
      site.assertAllowed(ANA, MODEL, USE);
      site.assertAllowed(BEN, MODEL, USE);
      site.revoke(site.as(OWNER), MODEL, ANA);
      site.assertChecks("NO_GRANT", ANA, MODEL, USE);
      site.assertAllowed(BEN, MODEL, USE);
      site.member(Operation.OPERATION_REMOVE, "group:risk", BEN);
      site.assertChecks("NO_GRANT", BEN, MODEL, USE);
      site.member(Operation.OPERATION_ADD, "group:risk", BEN);
    }
  }

  private ListGrantsResponse listed(String actor) {
    return site.as(actor).listGrants(ListGrantsRequest.newBuilder().setResource(MODEL).build());
  }

  private Policy policy(String actor) {
    return site.as(actor)
        .getPolicy(GetPolicyRequest.newBuilder().setResource(MODEL).build())
        .getPolicy();
  }

  private void deny(DenyRule.Builder rule) {
    site.admin()
        .updateDenyRules(
            UpdateDenyRulesRequest.newBuilder()
                .setOrganization(Site.ACME)
                .addChanges(
                    DenyRuleChange.newBuilder()
                        .setOperation(DenyRuleChange.Operation.OPERATION_PUT)
                        .setRule(rule))
                .build());
  }

  private void delete(String actor, String name) {
    site.as(actor).deleteResource(DeleteResourceRequest.newBuilder().setName(name).build());
  }

  private void refusedToDelete(String name, String resource) {
    var info = Site.refused(Fault.CHILDREN_EXIST, () -> delete(OWNER, name));
    assertEquals(Map.of("resource", resource), info.getMetadataMap());
  }

  private String revision() {
    return site.data()
        .check(
            CheckRequest.newBuilder()
                .setPrincipal(CARL)
                .setModel(MODEL)
                .setAction("predict")
                .build())
        .getRevision();
  }
}
