package dev.modelgate.rows;

import static dev.modelgate.grpc.Site.ACME;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.MembershipChange.Operation;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PutPrincipalRequest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** With whom DataRobot shares: kinds of recipients, their state, and the organization's edge. */
final class DataRobotRecipientsRowsTest {
  private static final String BETA = "organizations/beta";
  private static final String EVERYBODY = "organization:acme";
  private static final String TEAM = "group:analysts";
  private static final String DATASET = ACME + "/datasets/sales";
  private static final String USE_CASE = ACME + "/useCases/churn";
  private static final String MODEL = ACME + "/customModels/score";
  private static final String ANA = "user:ana@acme.com";
  private static final String BEN = "user:ben@acme.com";
  private static final String CYD = "user:cyd@acme.com";
  private static final String ZOE = "user:zoe@acme.com";

  private final Site site = new Site("datarobot");

  @BeforeEach
  void begin() {
    site.principals(ANA, BEN, CYD);
    site.group(TEAM, BEN);
    for (String asset : List.of(DATASET, USE_CASE, MODEL)) {
      site.resource(asset, ANA);
    }
    site.admin()
        .createOrganization(
            CreateOrganizationRequest.newBuilder()
                .setOrganizationId("beta")
                .setProfile("datarobot")
                .build());
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F044")
  void recipient_ofAKindThatTheAssetTakes_isAccepted() {
    for (String recipient : List.of(CYD, TEAM, EVERYBODY)) {
      site.share(site.as(ANA), DATASET, recipient, "consumer");
      assertEquals(List.of("consumer"), site.roles(DATASET, recipient));
    }
    site.share(site.as(ANA), MODEL, CYD, "consumer");
  }

  @Test
  @Row("F044")
  void recipient_ofAnotherKind_isRefused() {
    site.principals("serviceAccount:robot");
    assertNotTaken("serviceAccount:robot", DATASET);
    assertNotTaken(TEAM, MODEL);
    assertNotTaken(EVERYBODY, MODEL);
    assertNotTaken("allUsers", DATASET);
  }

  @Test
  @Row("F045")
  void useCase_withAGroup_isRefused_andWithUsersOrOrganizationAccepted() {
    assertNotTaken(TEAM, USE_CASE);
    site.assertChecks("NO_GRANT", BEN, USE_CASE, "view");
    site.share(site.as(ANA), USE_CASE, CYD, "editor");
    site.assertAllowed(CYD, USE_CASE, "view", "edit");
    site.share(site.as(ANA), USE_CASE, EVERYBODY, "consumer");
    site.assertAllowed(BEN, USE_CASE, "view");
  }

  @Test
  @Row("F046")
  void recipient_whoseAccountIsNotActive_isRefusedUntilItIs() {
    state(BEN, Principal.State.STATE_DISABLED);
    ErrorInfo info =
        Site.refused(
            Fault.RECIPIENT_INACTIVE, () -> site.share(site.as(ANA), DATASET, BEN, "consumer"));
    assertEquals(BEN, info.getMetadataOrThrow("value"));
    assertEquals(List.of(), site.roles(DATASET, BEN));
    state(BEN, Principal.State.STATE_ACTIVE);
    site.share(site.as(ANA), DATASET, BEN, "consumer");
    site.assertAllowed(BEN, DATASET, "view");
  }

  @Test
  @Row("F047")
  void user_deactivated_isDenied_andReactivatedHasHisGrant() {
    site.share(DATASET, BEN, "consumer");
    site.share(DATASET, CYD, "consumer");
    site.assertAllowed(BEN, DATASET, "view");
    state(BEN, Principal.State.STATE_DISABLED);
    site.assertChecks("PRINCIPAL_INACTIVE", BEN, DATASET, "view");
    site.assertAllowed(CYD, DATASET, "view");
    state(BEN, Principal.State.STATE_ACTIVE);
    site.assertAllowed(BEN, DATASET, "view");
  }

  @Test
  @Row("F048")
  void recipient_ofAnotherOrganization_isRefused() {
    inBeta(ZOE);
    inBeta("group:traders");
    for (String outsider : List.of(ZOE, "group:traders")) {
      assertUnknown(outsider, () -> site.share(site.as(ANA), DATASET, outsider, "consumer"));
    }
    Site.refused(
        Fault.KIND_NOT_ALLOWED,
        () -> site.share(site.as(ANA), DATASET, "domain:beta.com", "consumer"));
    site.principals(ZOE);
    site.group("group:traders");
    site.share(site.as(ANA), DATASET, ZOE, "consumer");
    site.share(site.as(ANA), DATASET, "group:traders", "consumer");
  }

  @Test
  @Row("F048")
  void organization_thatIsAnother_isRefused() {
    Site.refused(
        Fault.UNKNOWN_PRINCIPAL,
        () -> site.share(site.as(ANA), DATASET, "organization:beta", "consumer"));
    site.share(site.as(ANA), DATASET, EVERYBODY, "consumer");
  }

  @Test
  @Row("F049")
  void organization_asRecipient_isItsMembersNowAndLater() {
    site.assertChecks("NO_GRANT", BEN, DATASET, "view");
    site.share(site.as(ANA), DATASET, EVERYBODY, "consumer");
    site.assertAllowed(BEN, DATASET, "view");
    site.assertChecks("ACCESS", BEN, DATASET, "edit");
    site.assertChecks("PRINCIPAL_UNKNOWN", ZOE, DATASET, "view");
    inBeta(ZOE);
    site.assertChecks("PRINCIPAL_UNKNOWN", ZOE, DATASET, "view");
    site.principals(ZOE);
    site.assertAllowed(ZOE, DATASET, "view");
    site.assertChecks("ACCESS", ZOE, DATASET, "edit");
  }

  /** Also not when he comes back: then he is somebody else, and has what all have. */
  @Test
  @Row("F050")
  void user_movedToAnotherOrganization_isDeniedWhateverHeHad() {
    site.share(DATASET, BEN, "owner");
    site.share(DATASET, TEAM, "editor");
    site.share(DATASET, EVERYBODY, "consumer");
    site.assertAllowed(BEN, DATASET, "view", "edit", "delete");
    site.admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(BEN).build());
    inBeta(BEN);
    site.assertChecks("PRINCIPAL_INACTIVE", BEN, DATASET, "view", "edit", "delete");
    site.principals(BEN);
    site.assertChecks("ACCESS", BEN, DATASET, "edit", "delete");
    site.assertAllowed(CYD, DATASET, "view");
  }

  @Test
  @Row("F051")
  void group_takesMembersOfItsOrganizationOnly() {
    inBeta(ZOE);
    assertUnknown(ZOE, () -> site.member(Operation.OPERATION_ADD, TEAM, ZOE));
    site.principals(ZOE);
    site.member(Operation.OPERATION_ADD, TEAM, ZOE);
    site.share(DATASET, TEAM, "consumer");
    site.assertAllowed(ZOE, DATASET, "view");
  }

  private void assertNotTaken(String recipient, String asset) {
    ErrorInfo info =
        Site.refused(
            Fault.KIND_NOT_ALLOWED, () -> site.share(site.as(ANA), asset, recipient, "consumer"));
    assertEquals(recipient, info.getMetadataOrThrow("value"));
    assertEquals(List.of(), site.roles(asset, recipient));
  }

  private static void assertUnknown(String principal, Executable call) {
    ErrorInfo info = Site.refused(Fault.UNKNOWN_PRINCIPAL, call);
    assertEquals(principal, info.getMetadataOrThrow("value"));
  }

  private void state(String principal, Principal.State state) {
    site.put(principal, request -> request.setState(state));
  }

  private void inBeta(String principal) {
    PutPrincipalRequest.Builder request =
        PutPrincipalRequest.newBuilder().setOrganization(BETA).setPrincipal(principal);
    if (principal.startsWith("group:")) {
      request.setGroupSubtype(Principal.GroupSubtype.GROUP_SUBTYPE_OWNER);
    }
    site.admin().putPrincipal(request.build());
  }
}
