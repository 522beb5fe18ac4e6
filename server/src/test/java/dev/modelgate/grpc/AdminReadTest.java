package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Fault;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.GetPrincipalRequest;
import dev.modelgate.v1.GetResourceRequest;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ListGrantsResponse;
import dev.modelgate.v1.ListOrganizationsRequest;
import dev.modelgate.v1.ListPrincipalsRequest;
import dev.modelgate.v1.ListPrincipalsResponse;
import dev.modelgate.v1.ListResourcesRequest;
import dev.modelgate.v1.ListResourcesResponse;
import dev.modelgate.v1.MembershipChange;
import dev.modelgate.v1.Organization;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.Resource;
import dev.modelgate.v1.UpdateMembershipsRequest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What administrators read, and who may. */
final class AdminReadTest {
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
  void organization_created_isShownWithItsRevision() {
    Organization acme = organization();
    assertEquals("Acme", acme.getDisplayName());
    assertEquals("modelgate", acme.getProfile());
    assertEquals(1, acme.getProfileVersion());
    assertEquals(Organization.State.STATE_ACTIVE, acme.getState());
    assertFalse(acme.getRevision().isEmpty());
  }

  @Test
  void organization_unknown_isNotFound() {
    var info =
        refused(
            Fault.NOT_FOUND,
            () ->
                plane
                    .admin()
                    .getOrganization(
                        GetOrganizationRequest.newBuilder().setName("organizations/b").build()));
    assertEquals("organizations/b", info.getMetadataOrThrow("name"));
  }

  @Test
  void organizations_ofAPrincipal_areRefused() {
    refused(
        Fault.ON_BEHALF_OF_INVALID,
        () -> plane.as(ANA).listOrganizations(ListOrganizationsRequest.getDefaultInstance()));
  }

  @Test
  void organizations_listed_leaveOutSystem() {
    var page = plane.admin().listOrganizations(ListOrganizationsRequest.getDefaultInstance());
    assertEquals(
        List.of(ACME), page.getOrganizationsList().stream().map(Organization::getName).toList());
    assertEquals("", page.getNextPageToken());
  }

  @Test
  void actor_withoutRecord_isInvalid() {
    refused(
        Fault.ON_BEHALF_OF_INVALID,
        () ->
            plane
                .as("user:eve@acme.com")
                .getResource(GetResourceRequest.newBuilder().setName(FRAUD).build()));
  }

  @Test
  void principals_listedByOthers_areForAdministrators() {
    plane.principal(BEN);
    refused(
        Fault.NOT_PERMITTED,
        () ->
            plane
                .as(BEN)
                .listPrincipals(ListPrincipalsRequest.newBuilder().setOrganization(ACME).build()));
    assertEquals(
        BEN, plane.as(BEN).getPrincipal(principalRequest(BEN)).getPrincipal().getPrincipal());
    refused(Fault.NOT_FOUND, () -> plane.as(BEN).getPrincipal(principalRequest(ANA)));
  }

  @Test
  void principal_deleted_isShownAsDeleted() {
    plane.principal(BEN);
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(BEN).build());
    Principal ben = plane.admin().getPrincipal(principalRequest(BEN)).getPrincipal();
    assertEquals(Principal.State.STATE_DELETED, ben.getState());
    plane.principal("user:carl@acme.com");
    assertEquals(List.of(ANA, "user:carl@acme.com"), principals(false, 1));
    assertEquals(List.of(ANA, BEN, "user:carl@acme.com"), principals(true, 1));
    assertEquals(List.of(ANA, BEN, "user:carl@acme.com"), principals(true, 10));
  }

  @Test
  void members_paged_areAllOnce() {
    plane.principal("group:risk");
    List<String> members = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      String member = "user:m" + i + "@acme.com";
      members.add(member);
      plane
          .admin()
          .updateMemberships(
              UpdateMembershipsRequest.newBuilder()
                  .setOrganization(ACME)
                  .addChanges(
                      MembershipChange.newBuilder()
                          .setOperation(MembershipChange.Operation.OPERATION_ADD)
                          .setGroup("group:risk")
                          .setMember(member))
                  .build());
    }
    var request =
        ListPrincipalsRequest.newBuilder()
            .setOrganization(ACME)
            .setMemberOf("group:risk")
            .setPageSize(3);
    List<String> found = new ArrayList<>();
    ListPrincipalsResponse page;
    do {
      page = plane.admin().listPrincipals(request.build());
      page.getPrincipalsList().forEach(member -> found.add(member.getPrincipal()));
      request.setPageToken(page.getNextPageToken());
    } while (!page.getNextPageToken().isEmpty());
    assertEquals(members, found);
    var groups =
        plane
            .admin()
            .listPrincipals(
                ListPrincipalsRequest.newBuilder()
                    .setOrganization(ACME)
                    .setContains(members.get(3))
                    .build());
    assertEquals("group:risk", groups.getPrincipals(0).getPrincipal());
  }

  @Test
  void resources_direct_leaveOutWhatIsDeeper() {
    plane.resource(PROD + "-eu");
    plane.resource(PROD + "/models/churn");
    plane.resource(ACME + "/models/top");
    assertEquals(List.of(PROD, PROD + "-eu", ACME + "/models/top"), resources(ACME, "", false, 1));
    assertEquals(
        List.of(PROD, PROD + "-eu", PROD + "/models/churn", FRAUD, ACME + "/models/top"),
        resources(ACME, "", true, 2));
    assertEquals(
        List.of(PROD + "/models/churn", FRAUD, ACME + "/models/top"),
        resources(ACME, "model", true, 100));
  }

  @Test
  void resources_changedBetweenPages_areStable() {
    plane.resource(PROD + "/models/b");
    plane.resource(PROD + "/models/c");
    var request = ListResourcesRequest.newBuilder().setParent(PROD).setPageSize(1);
    ListResourcesResponse first = plane.admin().listResources(request.build());
    assertEquals(PROD + "/models/b", first.getResources(0).getName());
    plane.resource(PROD + "/models/a");
    ListResourcesResponse second =
        plane.admin().listResources(request.setPageToken(first.getNextPageToken()).build());
    assertEquals(PROD + "/models/c", second.getResources(0).getName());
  }

  @Test
  void resource_hidden_isNotFoundInTheSameWords() {
    plane.principal(BEN);
    var hidden =
        refused(
            Fault.NOT_FOUND,
            () ->
                plane.as(BEN).getResource(GetResourceRequest.newBuilder().setName(FRAUD).build()));
    assertEquals(FRAUD, hidden.getMetadataOrThrow("name"));
    plane.share(FRAUD, BEN, "user");
    assertEquals(
        "model",
        plane
            .as(BEN)
            .getResource(GetResourceRequest.newBuilder().setName(FRAUD).build())
            .getResource()
            .getKind());
    refused(
        Fault.NOT_PERMITTED,
        () -> plane.as(BEN).listGrants(ListGrantsRequest.newBuilder().setResource(FRAUD).build()));
  }

  @Test
  void resources_listedByAPrincipal_areThoseHeDiscovers() {
    plane.resource(PROD + "/models/churn");
    plane.principal(BEN);
    plane.share(FRAUD, BEN, "user");
    var page =
        plane
            .as(BEN)
            .listResources(
                ListResourcesRequest.newBuilder().setParent(ACME).setRecursive(true).build());
    assertEquals(List.of(FRAUD), page.getResourcesList().stream().map(Resource::getName).toList());
  }

  @Test
  void grants_withInherited_nameTheResourceTheyAreOn() {
    plane.share(FRAUD, BEN, "viewer");
    plane.share(FRAUD, BEN, "user");
    var request =
        ListGrantsRequest.newBuilder().setResource(FRAUD).setIncludeInherited(true).setPageSize(1);
    List<String> found = new ArrayList<>();
    ListGrantsResponse page;
    do {
      page = plane.admin().listGrants(request.build());
      page.getGrantsList()
          .forEach(g -> found.add(g.getResource() + " " + g.getPrincipal() + " " + g.getRole()));
      request.setPageToken(page.getNextPageToken());
    } while (!page.getNextPageToken().isEmpty());
    assertEquals(
        List.of(
            FRAUD + " " + ANA + " owner",
            FRAUD + " " + BEN + " viewer",
            FRAUD + " " + BEN + " user",
            PROD + " " + ANA + " owner",
            ACME + " " + ANA + " owner"),
        found);
  }

  @Test
  void grants_ofAPrincipal_areAllInTheOrganization() {
    var page =
        plane
            .admin()
            .listGrants(
                ListGrantsRequest.newBuilder().setOrganization(ACME).setPrincipal(ANA).build());
    assertEquals(
        List.of(ACME, PROD, FRAUD), page.getGrantsList().stream().map(Grant::getResource).toList());
    assertEquals(Grant.Origin.ORIGIN_CREATOR, page.getGrants(2).getOrigin());
    assertEquals("systemAdministrator", page.getGrants(2).getGrantedBy());
    assertTrue(page.getEtag().isEmpty());
  }

  @Test
  void pageToken_foreignOrAltered_isInvalid() {
    plane.resource(PROD + "/models/churn");
    var request = ListResourcesRequest.newBuilder().setParent(PROD).setPageSize(1);
    String token = plane.admin().listResources(request.build()).getNextPageToken();
    String altered =
        token.substring(0, 5) + (token.charAt(5) == 'A' ? "B" : "A") + token.substring(6);
    for (var foreign :
        List.of(
            request.clone().setPageToken(token).setParent(ACME),
            request.clone().setPageToken(token).setRecursive(true),
            request.clone().setPageToken(altered),
            request.clone().setPageToken(token + "A"),
            request.clone().setPageToken("?"),
            request.clone().setPageToken("A".repeat(5_000)))) {
      refused(
          Fault.PAGE_TOKEN_INVALID,
          "page_token",
          () -> plane.admin().listResources(foreign.build()));
    }
    assertEquals(
        FRAUD,
        plane
            .admin()
            .listResources(request.setPageToken(token).setPageSize(50).build())
            .getResources(0)
            .getName());
  }

  private Organization organization() {
    return plane
        .as(ANA)
        .getOrganization(GetOrganizationRequest.newBuilder().setName(ACME).build())
        .getOrganization();
  }

  private static GetPrincipalRequest principalRequest(String name) {
    return GetPrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(name).build();
  }

  private List<String> principals(boolean deleted, int pageSize) {
    var request =
        ListPrincipalsRequest.newBuilder()
            .setOrganization(ACME)
            .setIncludeDeleted(deleted)
            .setPageSize(pageSize);
    List<String> found = new ArrayList<>();
    ListPrincipalsResponse page;
    do {
      page = plane.as(ANA).listPrincipals(request.build());
      page.getPrincipalsList().forEach(member -> found.add(member.getPrincipal()));
      request.setPageToken(page.getNextPageToken());
    } while (!page.getNextPageToken().isEmpty());
    return found;
  }

  private List<String> resources(String parent, String kind, boolean recursive, int pageSize) {
    var request =
        ListResourcesRequest.newBuilder()
            .setParent(parent)
            .setKind(kind)
            .setRecursive(recursive)
            .setPageSize(pageSize);
    List<String> found = new ArrayList<>();
    ListResourcesResponse page;
    do {
      page = plane.as(ANA).listResources(request.build());
      page.getResourcesList().forEach(resource -> found.add(resource.getName()));
      request.setPageToken(page.getNextPageToken());
    } while (!page.getNextPageToken().isEmpty());
    return found;
  }
}
