package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.CallerPattern;
import dev.modelgate.app.identity.CallerRule;
import dev.modelgate.app.identity.CallerRule.ActsFor;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.ListActionsRequest;
import dev.modelgate.v1.ListActionsResponse;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.PutPrincipalRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a credential and a header do not make of a caller on the admin plane. */
final class CallerHazardTest {
  private static final String CARL = "user:carl@acme.com";
  private static final String PORTAL = "serviceAccount:portal";
  private static final String RISK = "group:risk";

  private final CallersBed bed =
      new CallersBed(
          new CallerRules(
              List.of(
                  new CallerRule(
                      List.of(CallerPattern.parse(PORTAL)),
                      false,
                      Optional.of(new ActsFor(Set.of("acme", "other"), Optional.empty())),
                      Optional.empty()))));

  @BeforeEach
  void begin() {
    bed.plane.principal(BEN);
    bed.plane.principal(RISK);
  }

  @AfterEach
  void end() {
    bed.close();
  }

  /** Hazard 19: what nobody can be called must not leave the token without a principal. */
  @Test
  void adminToken_forWhatIsNoName_isNotTheSystemAdministrator() {
    for (String name : List.of("", "ana", "user:ANA@acme.com", "user:ana@acme.com ana")) {
      refused(
          Fault.ON_BEHALF_OF_INVALID,
          "x-modelgate-on-behalf-of",
          () -> put(bed.admin("one", name)));
    }
    put(bed.admin("one", ANA));
  }

  /** Hazard 19: a group, or all of an organization, is nobody. */
  @Test
  void adminToken_forAGroupThatAdministers_isRefused() {
    bed.plane.share(ACME, RISK, "owner");
    for (String name : List.of(RISK, "organization:acme")) {
      refused(
          Fault.ON_BEHALF_OF_INVALID,
          "x-modelgate-on-behalf-of",
          () -> put(bed.admin("one", name)));
    }
  }

  /** Hazard 19: its credential and its rule bind it, each for itself. */
  @Test
  void frontEnd_ofABoundCredential_actsWhereBothLetIt() {
    refused(
        Fault.NOT_PERMITTED,
        () -> put(bed.admin(bed.issue("elsewhere", PORTAL, "other", "third"), ANA)));
    put(bed.admin(bed.issue("here", PORTAL, "acme"), ANA));
  }

  /** Hazard 18: a token's groups count for what is asked about its subject, and never here. */
  @Test
  void claimedGroup_thatAdministers_makesNobodyAnAdministrator() {
    String admins = "group:corp:admins";
    bed.plane.principal(admins);
    bed.plane.share(ACME, BEN, "user");
    bed.plane.share(ACME, admins, "owner");
    String ben = bed.claim("ben", BEN, "acme", admins);
    CheckRequest asked =
        CheckRequest.newBuilder().setPrincipal(BEN).setModel(FRAUD).setAction("delete").build();
    assertEquals("ALLOW", TypePlane.said(bed.data(ben).check(asked)));
    refused(Fault.NOT_PERMITTED, () -> put(bed.admin(ben)));
  }

  /** Hazard 18: a list of actions that stands on claims is none behind the end of the token. */
  @Test
  void actions_onClaims_endWithTheToken() {
    bed.plane.principal("group:corp:users");
    bed.plane.share(FRAUD, "group:corp:users", "user");
    String ben = bed.claim("ben", BEN, "acme", "group:corp:users");
    ListActionsResponse found =
        bed.data(ben)
            .listActions(ListActionsRequest.newBuilder().setPrincipal(BEN).setModel(FRAUD).build());
    assertTrue(found.getActionsList().contains("predict"));
    assertEquals(AdminMessages.timestamp(CallersBed.CLAIMS_END_MICROS), found.getValidUntil());
  }

  /** Hazard 18: an issuer that is bound to no organization could name the groups of all. */
  @Test
  void groups_ofAnIssuerOfNoOrganization_areNone() {
    List<PrincipalName> groups = List.of(PrincipalName.parse(RISK));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new Caller(
                "jwt:corp:ben",
                Optional.of(PrincipalName.parse(BEN)),
                Optional.empty(),
                groups,
                CallersBed.CLAIMS_END_MICROS,
                "test"));
  }

  /** Hazard 35: all that somebody holds is shown to who may read the grants of everything. */
  @Test
  void grantsOfAPrincipal_areForReadersOfAllGrants() {
    bed.plane.share(ACME, BEN, "user");
    ListGrantsRequest request =
        ListGrantsRequest.newBuilder().setOrganization(ACME).setPrincipal(ANA).build();
    String ben = bed.issue("ben", BEN);
    refused(Fault.NOT_PERMITTED, () -> bed.admin(ben).listGrants(request));
    String ana = bed.issue("ana", ANA);
    assertEquals(
        bed.plane.admin().listGrants(request).getGrantsList(),
        bed.admin(ana).listGrants(request).getGrantsList());
  }

  /** Hazard 31: who may delete could make somebody anew, without what was put upon him. */
  @Test
  void principal_isDeletedByAdministratorsOnly() {
    bed.plane.share(ACME, BEN, "editor");
    bed.plane.principal(CARL);
    DeletePrincipalRequest request =
        DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(CARL).build();
    String ben = bed.issue("ben", BEN);
    refused(Fault.NOT_PERMITTED, () -> bed.admin(ben).deletePrincipal(request));
    String ana = bed.issue("ana", ANA);
    assertTrue(bed.admin(ana).deletePrincipal(request).isInitialized());
  }

  /** What an administrator may do. */
  private static void put(AdminServiceBlockingStub admin) {
    admin.putPrincipal(
        PutPrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(CARL).build());
  }
}
