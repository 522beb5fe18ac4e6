package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.identity.CallerPattern;
import dev.modelgate.app.identity.CallerRule;
import dev.modelgate.app.identity.CallerRule.ActsFor;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.AuditEvent;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListAuditEventsRequest;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PrincipalTarget;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.ResumeRequest;
import dev.modelgate.v1.RotateAdminTokenRequest;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who acts on the admin plane as whom (hazards 19 and 34). */
final class CallersTest {
  private static final String ROOT = "user:root@acme.com";
  private static final String PORTAL = "serviceAccount:portal";
  private static final String LIMITED = "serviceAccount:limited";
  private static final String OTHER = "organizations/other";

  private final CallersBed bed =
      new CallersBed(
          new CallerRules(
              List.of(
                  rule(ROOT, true, Optional.empty()),
                  rule("jwt:corp:named", true, Optional.empty()),
                  rule(PORTAL, false, Optional.of(new ActsFor(Set.of("acme"), Optional.empty()))),
                  rule(
                      LIMITED,
                      false,
                      Optional.of(
                          new ActsFor(Set.of("acme"), Optional.of(Set.of("editor", "user"))))))));
  private final String ana = bed.issue("ana", ANA, "acme");
  private final String ben = bed.issue("ben", BEN);
  private final String root = bed.issue("root", ROOT);
  private final String portal = bed.issue("portal", PORTAL);
  private final String limited = bed.issue("limited", LIMITED);

  private static CallerRule rule(String who, boolean administrator, Optional<ActsFor> actsFor) {
    return new CallerRule(
        List.of(CallerPattern.parse(who)), administrator, actsFor, Optional.empty());
  }

  @AfterEach
  void close() {
    bed.close();
  }

  @Test
  void organizationAdministrator_actsAsHimself_andIsRecordedAsBoth() {
    bed.plane.principal(BEN);
    share(bed.admin(ana), "user");
    AuditEvent last = last();
    assertEquals("jwt:corp:ana", last.getEvent().getActor());
    assertEquals(ANA, last.getEvent().getOnBehalfOf());
    refused(Fault.NOT_FOUND, () -> share(bed.admin(ben), "user"));
    refused(Fault.NOT_PERMITTED, () -> create(bed.admin(ana), "new"));
    refused(Fault.NOT_PERMITTED, () -> bed.admin(ana).rotateAdminToken(rotation(false)));
  }

  @Test
  void organizationAdministrator_ofABoundCredential_actsNowhereElse() {
    create(bed.plane.admin(), "other");
    bed.plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder().setOrganization(OTHER).setPrincipal(ANA).build());
    bed.plane.share(OTHER, ANA, "owner");
    refused(Fault.NOT_PERMITTED, () -> put(bed.admin(ana), OTHER, BEN));
    put(bed.admin(bed.issue("unbound", ANA)), OTHER, BEN);
  }

  @Test
  void systemAdministrator_hasNoLimits_andIsRecordedAsHisCredential() {
    create(bed.admin(root), "new");
    share(bed.admin(root), "editor");
    assertEquals("jwt:corp:root", last().getEvent().getActor());
    assertEquals("", last().getEvent().getOnBehalfOf());
    refused(Fault.NOT_PERMITTED, () -> share(bed.admin(root, ANA), "user"));
  }

  /** An issuer of one organization could name anybody. */
  @Test
  void systemAdministrator_byTheNameOfABoundIssuer_isNone() {
    String claimed = bed.issue("claimed", ROOT, "acme");
    refused(Fault.NOT_PERMITTED, () -> share(bed.admin(claimed), "editor"));
    refused(Fault.NOT_PERMITTED, () -> create(bed.admin(claimed), "new"));
    create(bed.admin(bed.issue("named", "user:x@acme.com", "acme")), "new");
  }

  @Test
  void adminToken_switchedOffByAnotherAdministrator_isDead_andHeRemains() {
    refused(Fault.LAST_ADMINISTRATOR, () -> bed.admin("one").rotateAdminToken(rotation(true)));
    share(bed.admin("one"), "user");
    assertEquals("", bed.admin(root).rotateAdminToken(rotation(true)).getToken());
    refused(Fault.UNAUTHENTICATED, () -> share(bed.admin("one"), "editor"));
    share(bed.admin(root), "editor");
    assertEquals(
        List.of("TOKEN_DISABLED jwt:corp:root"),
        bed.plane.trail.stream()
            .filter(event -> event.kind() == TrailEvent.Kind.CONFIGURATION)
            .map(event -> event.what() + " " + event.credential())
            .toList());
  }

  @Test
  void adminToken_rotated_isInTheAnswerAlone() {
    String next = bed.admin("one").rotateAdminToken(rotation(false)).getToken();
    share(bed.admin(next), "user");
    refused(Fault.UNAUTHENTICATED, () -> share(bed.admin("one"), "editor"));
    assertEquals("TOKEN_ROTATED", bed.plane.trail.get(0).what());
    assertTrue(bed.plane.trail.stream().noneMatch(event -> event.toString().contains(next)));
  }

  @Test
  void frontEnd_forAPrincipal_actsUnderItsLimits_andBothAreRecorded() {
    bed.plane.principal(BEN);
    share(bed.admin(portal, ANA), "user");
    assertEquals("jwt:corp:portal", last().getEvent().getActor());
    assertEquals(ANA, last().getEvent().getOnBehalfOf());
    refused(Fault.CAP_EXCEEDED, () -> shareWith(bed.admin(portal, editor()), BEN, "owner"));
    refused(Fault.ON_BEHALF_OF_INVALID, () -> create(bed.admin(portal, ANA), "new"));
    suspend(bed.plane.admin(), principal(ANA));
    assertEquals(
        ANA + " by jwt:corp:portal",
        refused(Fault.NOT_PERMITTED, () -> share(bed.admin(portal, ANA), "user"))
            .getMetadataOrThrow("actor"));
    TrailEvent refusal = bed.plane.trail.get(bed.plane.trail.size() - 1);
    assertEquals("NOT_PERMITTED", refusal.what());
    assertEquals("jwt:corp:portal", refusal.credential());
    assertEquals(ANA, refusal.onBehalfOf());
  }

  @Test
  void frontEnd_withoutExactlyOneActivePrincipal_isRefused() {
    bed.plane.principal(BEN);
    bed.plane.share(FRAUD, BEN, "owner");
    share(bed.admin(portal, BEN), "user");
    String field = "x-modelgate-on-behalf-of";
    refused(Fault.ON_BEHALF_OF_INVALID, field, () -> share(bed.admin(portal), "user"));
    refused(Fault.ON_BEHALF_OF_INVALID, field, () -> share(bed.admin(portal, ANA, ANA), "user"));
    for (String nobody :
        List.of("user:nobody@acme.com", "group:risk", "user:BEN@acme.com", "", ROOT)) {
      refused(Fault.ON_BEHALF_OF_INVALID, field, () -> share(bed.admin(portal, nobody), "user"));
    }
    bed.plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(BEN)
                .setState(Principal.State.STATE_DISABLED)
                .build());
    refused(Fault.ON_BEHALF_OF_INVALID, field, () -> share(bed.admin(portal, BEN), "user"));
  }

  @Test
  void frontEnd_forAnAdministratorOfTheSystem_isRefused_evenWithARecord() {
    bed.plane.principal(ROOT);
    bed.plane.share(FRAUD, ROOT, "owner");
    refused(Fault.ON_BEHALF_OF_INVALID, () -> share(bed.admin(portal, ROOT), "user"));
    share(bed.admin("one", ROOT), "user");
  }

  @Test
  void frontEnd_outsideItsOrganizations_isRefused() {
    create(bed.plane.admin(), "other");
    bed.plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder().setOrganization(OTHER).setPrincipal(ANA).build());
    bed.plane.share(OTHER, ANA, "owner");
    refused(Fault.NOT_PERMITTED, () -> put(bed.admin(portal, ANA), OTHER, BEN));
    put(bed.admin(portal, ANA), ACME, BEN);
  }

  /** What ana holds as an owner does not count through it; what she holds as an editor does. */
  @Test
  void frontEnd_withRoles_actsByGrantsOfTheseAlone() {
    bed.plane.principal(BEN);
    refused(Fault.NOT_FOUND, () -> share(bed.admin(limited, ANA), "user"));
    String editor = editor();
    shareWith(bed.admin(limited, editor), BEN, "user");
    bed.plane.share(ACME, editor, "owner");
    refused(Fault.CAP_EXCEEDED, () -> shareWith(bed.admin(limited, editor), BEN, "owner"));
    shareWith(bed.admin(portal, editor), BEN, "owner");
  }

  @Test
  void suspendedActor_changesNothing_whoeverCallsForHim() {
    bed.plane.principal(ROOT);
    bed.plane.principal(BEN);
    bed.plane.principal("group:risk");
    share(bed.admin(root), "user");
    for (String off : List.of(ANA, ROOT)) {
      suspend(bed.plane.admin(), principal(off));
    }
    refused(Fault.NOT_PERMITTED, () -> share(bed.admin(ana), "viewer"));
    refused(Fault.NOT_PERMITTED, () -> share(bed.admin(portal, ANA), "viewer"));
    refused(Fault.NOT_PERMITTED, () -> share(bed.admin("one", ANA), "viewer"));
    refused(Fault.NOT_PERMITTED, () -> share(bed.admin(root), "viewer"));
    refused(Fault.NOT_PERMITTED, () -> resume(bed.admin(root), principal(ROOT)));
    share(bed.admin("one"), "viewer");
    resume(bed.admin("one"), principal(ROOT));
    share(bed.admin(root), "user");
  }

  @Test
  void suspendedFrontEnd_changesNothing_forAnybody() {
    bed.plane.principal(BEN);
    share(bed.admin(portal, ANA), "user");
    bed.plane.principal(PORTAL);
    suspend(bed.plane.admin(), principal(PORTAL));
    refused(Fault.NOT_PERMITTED, () -> share(bed.admin(portal, ANA), "viewer"));
    share(bed.admin(ana), "viewer");
  }

  @Test
  void suspendedOrganization_takesChangesOfTheAdminTokenAlone() {
    bed.plane.principal(BEN);
    SuspensionTarget acme = SuspensionTarget.newBuilder().setOrganization(ACME).build();
    suspend(bed.admin(root), acme);
    refused(Fault.NOT_PERMITTED, () -> share(bed.admin(ana), "user"));
    refused(Fault.NOT_PERMITTED, () -> share(bed.admin(root), "user"));
    share(bed.admin("one"), "user");
    resume(bed.admin(root), acme);
    share(bed.admin(root), "viewer");
  }

  /** Hazard 34. */
  @Test
  void resume_needsAtLeastTheAuthorityThatSuspended() {
    bed.plane.principal(BEN);
    bed.plane.share(FRAUD, BEN, "owner");
    SuspensionTarget fraud = SuspensionTarget.newBuilder().setResource(FRAUD).build();
    AdminServiceBlockingStub owner = bed.admin(ben);
    AdminServiceBlockingStub administrator = bed.admin(ana);
    AdminServiceBlockingStub system = bed.admin("one");
    List<AdminServiceBlockingStub> rising = List.of(owner, administrator, system);
    for (int by = 0; by < 3; by++) {
      suspend(rising.get(by), fraud);
      for (int other = 0; other < by; other++) {
        AdminServiceBlockingStub lower = rising.get(other);
        refused(Fault.NOT_PERMITTED, () -> resume(lower, fraud));
      }
      resume(rising.get(by), fraud);
    }
    suspend(owner, fraud);
    suspend(administrator, fraud);
    refused(Fault.NOT_PERMITTED, () -> resume(owner, fraud));
    refused(Fault.NOT_PERMITTED, () -> resume(owner, fraud));
    resume(system, fraud);
    suspend(owner, fraud);
    resume(owner, fraud);
  }

  /** Hazard 34: else whoever is switched off is made again. */
  @Test
  void delete_ofAPrincipalThatAHigherAuthoritySuspended_isRefused() {
    bed.plane.principal(BEN);
    suspend(bed.admin("one"), principal(BEN));
    DeletePrincipalRequest delete =
        DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(BEN).build();
    refused(Fault.NOT_PERMITTED, () -> bed.admin(ana).deletePrincipal(delete));
    resume(bed.admin("one"), principal(BEN));
    suspend(bed.admin(ana), principal(BEN));
    assertTrue(bed.admin(ana).deletePrincipal(delete).isInitialized());
  }

  /** Somebody with a grant of the role editor that he may share on. */
  private String editor() {
    String cleo = "user:cleo@acme.com";
    bed.plane.principal(cleo);
    bed.plane
        .admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(FRAUD)
                .addChanges(change(cleo, "editor").setCanShare(true))
                .build());
    return cleo;
  }

  private AuditEvent last() {
    return bed.plane
        .admin()
        .listAuditEvents(
            ListAuditEventsRequest.newBuilder().setOrganization(ACME).setPageSize(1).build())
        .getEvents(0);
  }

  private static void share(AdminServiceBlockingStub admin, String role) {
    shareWith(admin, "user:guest@acme.com", role);
  }

  private static void shareWith(AdminServiceBlockingStub admin, String principal, String role) {
    admin.updateGrants(
        UpdateGrantsRequest.newBuilder()
            .setResource(FRAUD)
            .addChanges(change(principal, role))
            .build());
  }

  private static GrantChange.Builder change(String principal, String role) {
    return GrantChange.newBuilder()
        .setMode(GrantChange.Mode.MODE_SET)
        .setPrincipal(principal)
        .setRole(role);
  }

  private static void put(AdminServiceBlockingStub admin, String organization, String principal) {
    admin.putPrincipal(
        PutPrincipalRequest.newBuilder()
            .setOrganization(organization)
            .setPrincipal(principal)
            .build());
  }

  private static void create(AdminServiceBlockingStub admin, String id) {
    admin.createOrganization(CreateOrganizationRequest.newBuilder().setOrganizationId(id).build());
  }

  private static RotateAdminTokenRequest rotation(boolean disable) {
    return RotateAdminTokenRequest.newBuilder().setDisable(disable).build();
  }

  private static SuspensionTarget principal(String name) {
    return SuspensionTarget.newBuilder()
        .setPrincipal(PrincipalTarget.newBuilder().setOrganization(ACME).setPrincipal(name))
        .build();
  }

  private static void suspend(AdminServiceBlockingStub admin, SuspensionTarget target) {
    admin.suspend(SuspendRequest.newBuilder().setTarget(target).build());
  }

  private static void resume(AdminServiceBlockingStub admin, SuspensionTarget target) {
    admin.resume(ResumeRequest.newBuilder().setTarget(target).build());
  }
}
