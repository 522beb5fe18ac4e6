package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Fault;
import dev.modelgate.rows.Row;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ListGrantsResponse;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ListGrants as the shared-with view of a resource: whom it shows, filtered and in pages. */
final class SharedWithTest {
  private static final String RISK = "group:risk";
  private static final String SCORER = "serviceAccount:scorer";

  private final AdminPlane plane = new AdminPlane();

  @BeforeEach
  void begin() {
    plane.withAcme();
    plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(RISK)
                .setDisplayName("Fraud Team")
                .build());
    plane.principal(SCORER);
    plane.share(FRAUD, RISK, "user");
    plane.share(FRAUD, SCORER, "user");
    plane
        .admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(FRAUD)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_MERGE)
                        .setPrincipal(BEN)
                        .setRole("editor")
                        .setCanShare(true)
                        .setCanUseData(true))
                .build());
  }

  @AfterEach
  void end() {
    plane.close();
  }

  @Test
  @Row("F137")
  void sharedWith_byWhoMayReadIt_showsRecipientsRolesAndFlags() {
    List<Grant> grants = plane.as(ANA).listGrants(onFraud().build()).getGrantsList();
    assertEquals(List.of(RISK, SCORER, ANA, BEN), sorted(grants));
    Grant ben = only(grants, BEN);
    assertEquals("editor", ben.getRole());
    assertTrue(ben.getCanShare() && ben.getCanUseData());
    Grant risk = only(grants, RISK);
    assertEquals("user", risk.getRole());
    assertFalse(risk.getCanShare() || risk.getCanUseData());
    plane.principal("user:eve@acme.com");
    refused(Fault.NOT_FOUND, () -> plane.as("user:eve@acme.com").listGrants(onFraud().build()));
    plane.share(FRAUD, "user:eve@acme.com", "user");
    refused(Fault.NOT_PERMITTED, () -> plane.as("user:eve@acme.com").listGrants(onFraud().build()));
  }

  @Test
  @Row("F137")
  void sharedWith_filtered_showsWhatPassesAllFilters() {
    assertEquals(List.of(BEN), recipients(onFraud().setPrincipal(BEN)));
    assertEquals(List.of(RISK), recipients(onFraud().setPrincipalKind("group")));
    assertEquals(List.of(ANA, BEN), recipients(onFraud().setPrincipalKind("user")));
    assertEquals(List.of(BEN), recipients(onFraud().setPrincipalContains("BEN@")));
    assertEquals(List.of(RISK), recipients(onFraud().setPrincipalContains("fraud team")));
    assertEquals(List.of(ANA, BEN), recipients(onFraud().setPrincipalContains("acme.com")));
    assertEquals(List.of(RISK, SCORER), recipients(onFraud().setRole("user")));
    assertEquals(
        List.of(SCORER), recipients(onFraud().setRole("user").setPrincipalKind("serviceAccount")));
    assertEquals(List.of(), recipients(onFraud().setRole("user").setPrincipal(BEN)));
    assertEquals(List.of(), recipients(onFraud().setPrincipalContains("user:")));
    ListGrantsRequest.Builder ofBen =
        ListGrantsRequest.newBuilder().setOrganization(ACME).setPrincipal(BEN);
    assertEquals(List.of(BEN), recipients(ofBen.setRole("editor")));
    assertEquals(List.of(), recipients(ofBen.setRole("user")));
  }

  @Test
  @Row("F137")
  void sharedWith_inPages_isWholeAndBoundToItsFilters() {
    for (int i = 0; i < 25; i++) {
      plane.share(FRAUD, "user:u" + i + "@acme.com", i % 2 == 0 ? "user" : "editor");
    }
    ListGrantsRequest.Builder request =
        onFraud().setPrincipalKind("user").setPrincipalContains("@acme").setRole("user");
    List<String> found = new ArrayList<>();
    String first = "";
    do {
      ListGrantsResponse page = plane.admin().listGrants(request.setPageSize(4).build());
      assertTrue(page.getGrantsCount() <= 4);
      page.getGrantsList().forEach(grant -> found.add(grant.getPrincipal()));
      request.setPageToken(page.getNextPageToken());
      first = first.isEmpty() ? page.getNextPageToken() : first;
    } while (!request.getPageToken().isEmpty());
    assertEquals(13, found.size());
    assertEquals(13, new TreeSet<>(found).size());
    request.setPageToken(first);
    for (ListGrantsRequest.Builder other :
        List.of(
            request.clone().setRole("editor"),
            request.clone().setPrincipalKind(""),
            request.clone().setPrincipalContains("@"),
            request.clone().setIncludeInherited(true))) {
      refused(Fault.PAGE_TOKEN_INVALID, () -> plane.admin().listGrants(other.build()));
    }
  }

  @Test
  void filter_ofNoUse_isRefused() {
    refused(
        Fault.INVALID_FIELD,
        "principal_kind",
        () -> recipients(onFraud().setPrincipalKind("users")));
    refused(Fault.UNKNOWN_ROLE, "role", () -> recipients(onFraud().setRole("king")));
    refused(
        Fault.LIMIT_EXCEEDED,
        "principal_contains",
        () -> recipients(onFraud().setPrincipalContains("x".repeat(257))));
    ListGrantsRequest.Builder ofBen =
        ListGrantsRequest.newBuilder().setOrganization(ACME).setPrincipal(BEN);
    refused(
        Fault.INVALID_FIELD,
        "principal_kind",
        () -> recipients(ofBen.clone().setPrincipalKind("user")));
    refused(
        Fault.INVALID_FIELD,
        "principal_contains",
        () -> recipients(ofBen.clone().setPrincipalContains("x")));
    refused(Fault.UNKNOWN_ROLE, "role", () -> recipients(ofBen.clone().setRole("king")));
  }

  private List<String> recipients(ListGrantsRequest.Builder request) {
    return sorted(plane.admin().listGrants(request.build()).getGrantsList());
  }

  private static List<String> sorted(List<Grant> grants) {
    return grants.stream().map(Grant::getPrincipal).sorted().toList();
  }

  private static Grant only(List<Grant> grants, String principal) {
    return grants.stream()
        .filter(grant -> grant.getPrincipal().equals(principal))
        .findFirst()
        .orElseThrow();
  }

  private static ListGrantsRequest.Builder onFraud() {
    return ListGrantsRequest.newBuilder().setResource(FRAUD);
  }
}
