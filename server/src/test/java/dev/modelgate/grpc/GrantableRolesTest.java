package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Fault;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.GrantableRole;
import dev.modelgate.v1.ListGrantableRolesRequest;
import dev.modelgate.v1.ListGrantableRolesResponse;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ListGrantableRoles through the wire (F042): what it says is what UpdateGrants does. */
final class GrantableRolesTest {
  private static final String CARL = "user:carl@acme.com";

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
  void roles_forTheSystemAdministrator_areAllThatTheKindOffers() {
    assertEquals(
        List.of("owner", "editor", "user", "auditor", "runner", "viewer", "responder"),
        names(plane.admin(), FRAUD, false));
  }

  @Test
  void roles_forWhoMayShare_areExactlyThoseThatHeCanGive() {
    share(FRAUD, BEN, "editor", true);
    List<String> said = names(plane.as(BEN), FRAUD, false);
    assertFalse(said.contains("owner"));
    assertTrue(said.containsAll(List.of("editor", "user", "viewer")), said::toString);
    assertEquals(given(BEN, FRAUD), said);
    assertEquals(given(ANA, FRAUD), names(plane.as(ANA), FRAUD, false));
  }

  @Test
  void roles_forWhoMayNotShare_areNone() {
    share(FRAUD, BEN, "editor", false);
    assertEquals(List.of(), names(plane.as(BEN), FRAUD, false));
    assertEquals(List.of(), given(BEN, FRAUD));
    share(FRAUD, CARL, "viewer", true);
    assertEquals(List.of(), names(plane.as(CARL), FRAUD, false));
  }

  @Test
  void roles_withOthers_sayWhichCouldBeGiven() {
    share(FRAUD, BEN, "editor", true);
    List<GrantableRole> all = roles(plane.as(BEN), FRAUD, true);
    assertEquals(7, all.size());
    GrantableRole owner = all.get(0);
    assertEquals("owner", owner.getRole());
    assertTrue(owner.getOwner() && !owner.getGrantable() && owner.getRank() == 100);
    GrantableRole user = all.get(2);
    assertTrue(user.getByDefault() && user.getGrantable());
    assertEquals(List.of("discover", "get_use", "predict"), user.getPermissionsList());
  }

  @Test
  void roles_onKindsOfAProfile_areThoseThatTheKindOffers() {
    organization("beta", "datarobot");
    String deployment = resource("organizations/beta/deployments/d1");
    assertEquals(List.of("owner", "user", "consumer"), names(plane.admin(), deployment, false));
    organization("gamma", "google-ai-platform");
    resource("organizations/gamma/projects/p");
    String model = resource("organizations/gamma/projects/p/models/m");
    assertEquals(
        List.of("ml.admin", "ml.modelOwner", "ml.modelUser"), names(plane.admin(), model, false));
    String version = resource(model + "/versions/v1");
    assertEquals(List.of(), names(plane.admin(), version, true));
  }

  /** By rank, with can_share only, and never more than one's own. */
  @Test
  void roles_whereRankIsTheCap_areThoseOfAtMostOnesOwn() {
    organization("beta", "datarobot");
    for (String name : List.of(BEN, CARL, "user:guest@acme.com")) {
      principal("organizations/beta", name);
    }
    String deployment = resource("organizations/beta/deployments/d1");
    share(deployment, BEN, "user", true);
    assertEquals(List.of("user", "consumer"), names(plane.as(BEN), deployment, false));
    assertEquals(given(BEN, deployment), names(plane.as(BEN), deployment, false));
    share(deployment, CARL, "user", false);
    assertEquals(List.of(), names(plane.as(CARL), deployment, false));
    assertEquals(List.of(), given(CARL, deployment));
  }

  @Test
  void ownerRole_whereThereIsOneOwner_isNotGivenButTransferred() {
    organization("beta", "ai-builder");
    resource("organizations/beta/environments/prod");
    String model = resource("organizations/beta/environments/prod/models/m");
    principal("organizations/beta", BEN);
    principal("organizations/beta", CARL);
    List<String> shares = List.of("full_access", "co_owner", "user");
    List<String> unowned = names(plane.admin(), model, false);
    assertEquals("owner", unowned.get(0));
    assertEquals(shares, unowned.subList(1, 4));
    share(model, CARL, "owner", false);
    assertEquals(shares, names(plane.admin(), model, false));
    refused(Fault.SINGLE_OWNER, () -> share(model, BEN, "owner", false));
  }

  @Test
  void resource_thatIsHiddenOrMissing_isNotFound() {
    plane.principal(BEN);
    refused(Fault.NOT_FOUND, () -> names(plane.as(BEN), FRAUD, false));
    refused(Fault.NOT_FOUND, () -> names(plane.admin(), FRAUD + "2", false));
    refused(Fault.INVALID_FIELD, "resource", () -> names(plane.admin(), "models/fraud", false));
  }

  @Test
  void page_goesOnWhereTheOneBeforeEnded() {
    List<String> names = new ArrayList<>();
    String token = "";
    do {
      ListGrantableRolesResponse page =
          plane
              .admin()
              .listGrantableRoles(
                  ListGrantableRolesRequest.newBuilder()
                      .setResource(FRAUD)
                      .setPageSize(4)
                      .setPageToken(token)
                      .build());
      page.getRolesList().forEach(role -> names.add(role.getRole()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertEquals(
        List.of("owner", "editor", "user", "auditor", "runner", "viewer", "responder"), names);
    refused(
        Fault.PAGE_TOKEN_INVALID,
        "page_token",
        () ->
            plane
                .admin()
                .listGrantableRoles(
                    ListGrantableRolesRequest.newBuilder()
                        .setResource(FRAUD)
                        .setPageToken("x")
                        .build()));
  }

  /** What UpdateGrants lets somebody give, found by giving it and taking it back. */
  private List<String> given(String actor, String resource) {
    List<String> given = new ArrayList<>();
    for (GrantableRole role : roles(plane.admin(), resource, true)) {
      try {
        plane
            .as(actor)
            .updateGrants(update(resource, "user:guest@acme.com", role.getRole(), false));
        given.add(role.getRole());
        plane
            .admin()
            .updateGrants(
                UpdateGrantsRequest.newBuilder()
                    .setResource(resource)
                    .addChanges(
                        GrantChange.newBuilder()
                            .setMode(GrantChange.Mode.MODE_REMOVE)
                            .setPrincipal("user:guest@acme.com"))
                    .build());
      } catch (StatusRuntimeException e) {
        Errors.of(e);
      }
    }
    return given;
  }

  private void organization(String id, String profile) {
    plane
        .admin()
        .createOrganization(
            CreateOrganizationRequest.newBuilder()
                .setOrganizationId(id)
                .setProfile(profile)
                .build());
  }

  private void principal(String organization, String name) {
    plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization(organization)
                .setPrincipal(name)
                .build());
  }

  private String resource(String name) {
    plane.admin().createResource(CreateResourceRequest.newBuilder().setName(name).build());
    return name;
  }

  private void share(String resource, String principal, String role, boolean canShare) {
    plane.admin().updateGrants(update(resource, principal, role, canShare));
  }

  private static UpdateGrantsRequest update(
      String resource, String principal, String role, boolean canShare) {
    return UpdateGrantsRequest.newBuilder()
        .setResource(resource)
        .addChanges(
            GrantChange.newBuilder()
                .setMode(GrantChange.Mode.MODE_MERGE)
                .setPrincipal(principal)
                .setRole(role)
                .setCanShare(canShare))
        .build();
  }

  private static List<String> names(
      AdminServiceBlockingStub stub, String resource, boolean includeOthers) {
    return roles(stub, resource, includeOthers).stream().map(GrantableRole::getRole).toList();
  }

  private static List<GrantableRole> roles(
      AdminServiceBlockingStub stub, String resource, boolean includeOthers) {
    return stub.listGrantableRoles(
            ListGrantableRolesRequest.newBuilder()
                .setResource(resource)
                .setIncludeOthers(includeOthers)
                .build())
        .getRolesList();
  }
}
