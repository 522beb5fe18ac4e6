package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.ErrorContract;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceBlockingStub;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.LookupPrincipalsRequest;
import dev.modelgate.v1.LookupPrincipalsResponse;
import dev.modelgate.v1.LookupResourcesRequest;
import dev.modelgate.v1.LookupResourcesResponse;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Lookups as a client calls them on the data port: who may, and what Check says to each item. */
final class LookupCallTest {
  private static final String ACME = "organizations/acme";
  private static final String ANA = "user:ana@acme.com";
  private static final String BEN = "user:ben@acme.com";
  private static final String CLEO = "user:cleo@acme.com";

  @TempDir Path directory;

  private SidecarBed bed;

  @BeforeEach
  void begin() throws IOException {
    bed = new SidecarBed(directory.resolve("data"));
    bed.sample();
  }

  @AfterEach
  void end() {
    bed.close();
  }

  @Test
  void resources_withoutACredential_areRefused() {
    LookupResourcesRequest request = resources(CLEO).build();
    assertEquals("UNAUTHENTICATED", refused(() -> bed.data().lookupResources(request)).getReason());
    Metadata wrong = new Metadata();
    wrong.put(key("authorization"), "Bearer wrong");
    assertEquals(
        "UNAUTHENTICATED", refused(() -> data(wrong).lookupResources(request)).getReason());
    assertEquals("ALLOW", bed.answer(CLEO, SidecarBed.FRAUD, "predict"), "a check needs none");
  }

  @Test
  void resources_forOthers_needTheRightToReadGrants() {
    assertEquals(
        List.of(SidecarBed.FRAUD),
        as(CLEO).lookupResources(resources(CLEO).build()).getResourcesList());
    ErrorInfo info = refused(() -> as(CLEO).lookupResources(resources(BEN).build()));
    assertEquals("NOT_PERMITTED", info.getReason());
    assertEquals("grants.read", info.getMetadataOrThrow("permission"));
    assertEquals(
        "NOT_FOUND",
        refused(() -> as(CLEO).lookupResources(resources(BEN).setParent(SidecarBed.CHURN).build()))
            .getReason());
    SidecarBed.share(bed.admin(), SidecarBed.PROD, ANA, "auditor");
    assertEquals(
        List.of(SidecarBed.FRAUD),
        as(ANA)
            .lookupResources(resources(CLEO).setParent(SidecarBed.PROD).build())
            .getResourcesList());
    assertEquals(
        "ON_BEHALF_OF_INVALID",
        refused(() -> as("user:nobody@acme.com").lookupResources(resources(BEN).build()))
            .getReason());
  }

  @Test
  void resources_inPages_areThoseThatCheckAllows() {
    List<String> models = new ArrayList<>(List.of(SidecarBed.FRAUD, SidecarBed.CHURN));
    for (int i = 0; i < 12; i++) {
      String model = SidecarBed.PROD + "/models/m" + i;
      bed.create(model, ANA);
      models.add(model);
      if (i % 3 == 0) {
        SidecarBed.share(bed.admin(), model, "group:risk", "user");
      }
    }
    for (String principal : List.of(ANA, BEN, CLEO, "user:nobody@acme.com", "anonymous")) {
      List<String> expected =
          models.stream()
              .sorted()
              .filter(model -> bed.answer(principal, model, "predict").equals("ALLOW"))
              .toList();
      for (int size : List.of(1, 2, 5, 100)) {
        LookupResourcesRequest.Builder request =
            resources(principal).setKind("model").setPageSize(size);
        List<String> found = new ArrayList<>();
        LookupResourcesResponse page;
        do {
          page = admin().lookupResources(request.build());
          found.addAll(page.getResourcesList());
          request.setPageToken(page.getNextPageToken());
        } while (!page.getNextPageToken().isEmpty());
        assertEquals(expected, found, principal + ", pages of " + size);
        assertTrue(page.getComplete());
      }
    }
  }

  @Test
  void resources_withAConditionalGrant_standApart() {
    bed.admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(SidecarBed.CHURN)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_SET)
                        .setPrincipal(CLEO)
                        .setRole("user")
                        .setCondition("context.region == 'eu'"))
                .build());
    LookupResourcesResponse unknown = admin().lookupResources(resources(CLEO).build());
    assertEquals(List.of(SidecarBed.FRAUD), unknown.getResourcesList());
    assertEquals(SidecarBed.CHURN, unknown.getConditionalResources(0).getResource());
    assertEquals(List.of("region"), unknown.getConditionalResources(0).getMissingAttributesList());
    for (String region : List.of("eu", "us")) {
      Struct context =
          Struct.newBuilder()
              .putFields("region", Value.newBuilder().setStringValue(region).build())
              .build();
      Decision decision =
          bed.data()
              .check(
                  CheckRequest.newBuilder()
                      .setPrincipal(CLEO)
                      .setModel(SidecarBed.CHURN)
                      .setAction("predict")
                      .setContext(context)
                      .build())
              .getDecision();
      LookupResourcesResponse known =
          admin().lookupResources(resources(CLEO).setContext(context).build());
      assertEquals(0, known.getConditionalResourcesCount());
      assertEquals(
          decision == Decision.DECISION_ALLOW,
          known.getResourcesList().contains(SidecarBed.CHURN),
          region);
    }
  }

  @Test
  void resources_malformed_areRefusedByField() {
    for (LookupResourcesRequest request :
        Set.of(
            resources("ana").build(),
            resources(ANA).setAction("").build(),
            resources(ANA).setParent("models/fraud").build(),
            resources(ANA).setPageSize(1_001).build())) {
      ErrorInfo info = refused(() -> admin().lookupResources(request));
      assertEquals("INVALID_FIELD", info.getReason());
      assertFalse(info.getMetadataOrThrow("field").isEmpty());
    }
    assertEquals(
        "UNKNOWN_ACTION",
        refused(() -> admin().lookupResources(resources(ANA).setAction("fly").build()))
            .getReason());
    assertEquals(
        "UNKNOWN_KIND",
        refused(() -> admin().lookupResources(resources(ANA).setKind("robot").build()))
            .getReason());
    assertEquals(
        "PAGE_TOKEN_INVALID",
        refused(() -> admin().lookupResources(resources(ANA).setPageToken("AAAA").build()))
            .getReason());
    assertEquals(
        "NOT_FOUND",
        refused(
                () ->
                    admin()
                        .lookupResources(resources(ANA).setParent("organizations/system").build()))
            .getReason());
  }

  @Test
  void principals_withoutTheRightToReadGrants_areRefused() {
    LookupPrincipalsRequest request = principals(SidecarBed.FRAUD).build();
    assertEquals(
        "UNAUTHENTICATED", refused(() -> bed.data().lookupPrincipals(request)).getReason());
    ErrorInfo info = refused(() -> as(CLEO).lookupPrincipals(request));
    assertEquals("NOT_PERMITTED", info.getReason());
    assertEquals("grants.read", info.getMetadataOrThrow("permission"));
    assertEquals("NOT_FOUND", refused(() -> as(BEN).lookupPrincipals(request)).getReason());
    String nothing = SidecarBed.PROD + "/models/nothing";
    assertEquals(
        "NOT_FOUND",
        refused(() -> admin().lookupPrincipals(principals(nothing).build())).getReason());
    assertEquals(List.of(ANA, "group:risk"), as(ANA).lookupPrincipals(request).getPrincipalsList());
  }

  @Test
  void principals_expanded_areThoseWhomCheckAllows() {
    List<String> all = new ArrayList<>(List.of(ANA, BEN, CLEO, "serviceAccount:scorer"));
    for (int i = 0; i < 9; i++) {
      String user = "user:u" + i + "@acme.com";
      bed.put(user);
      all.add(user);
      if (i % 2 == 0) {
        SidecarBed.share(bed.admin(), SidecarBed.FRAUD, user, i % 4 == 0 ? "user" : "auditor");
      }
    }
    for (String model :
        List.of(SidecarBed.FRAUD, SidecarBed.CHURN, SidecarBed.FRAUD + "/versions/1")) {
      List<String> expected =
          all.stream()
              .filter(principal -> bed.answer(principal, model, "predict").equals("ALLOW"))
              .toList();
      for (int size : List.of(1, 2, 100)) {
        LookupPrincipalsRequest.Builder request =
            principals(model).setExpandGroups(true).setPageSize(size);
        List<String> found = new ArrayList<>();
        LookupPrincipalsResponse page;
        do {
          page = admin().lookupPrincipals(request.build());
          found.addAll(page.getPrincipalsList());
          request.setPageToken(page.getNextPageToken());
        } while (!page.getNextPageToken().isEmpty());
        assertEquals(expected, found, model + ", pages of " + size);
        assertTrue(page.getComplete());
      }
    }
  }

  @Test
  void principals_underAConditionOnThePrincipal_areDecidedOneByOne() {
    bed.admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(SidecarBed.CHURN)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_SET)
                        .setPrincipal("group:risk")
                        .setRole("user")
                        .setCondition("principal == '" + CLEO + "'"))
                .build());
    LookupPrincipalsResponse groups =
        admin().lookupPrincipals(principals(SidecarBed.CHURN).build());
    assertEquals(List.of(BEN, CLEO), groups.getPrincipalsList());
    assertEquals("group:risk", groups.getConditionalPrincipals(0).getPrincipal());
    assertEquals(List.of(), groups.getConditionalPrincipals(0).getMissingAttributesList());
    LookupPrincipalsResponse members =
        admin().lookupPrincipals(principals(SidecarBed.CHURN).setExpandGroups(true).build());
    assertEquals(List.of(BEN, CLEO), members.getPrincipalsList());
    assertEquals(0, members.getConditionalPrincipalsCount());
  }

  private static LookupPrincipalsRequest.Builder principals(String resource) {
    return LookupPrincipalsRequest.newBuilder().setResource(resource).setAction("predict");
  }

  private static LookupResourcesRequest.Builder resources(String principal) {
    return LookupResourcesRequest.newBuilder()
        .setPrincipal(principal)
        .setAction("predict")
        .setParent(ACME);
  }

  private AuthorizationServiceBlockingStub admin() {
    Metadata headers = new Metadata();
    headers.put(key("authorization"), "Bearer " + bed.token());
    return data(headers);
  }

  private AuthorizationServiceBlockingStub as(String principal) {
    Metadata headers = new Metadata();
    headers.put(key("authorization"), "Bearer " + bed.token());
    headers.put(key("x-modelgate-on-behalf-of"), principal);
    return data(headers);
  }

  private AuthorizationServiceBlockingStub data(Metadata headers) {
    return bed.data().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static ErrorInfo refused(Executable call) {
    StatusRuntimeException e = assertThrows(StatusRuntimeException.class, call);
    try {
      ErrorInfo info = StatusProto.fromThrowable(e).getDetails(0).unpack(ErrorInfo.class);
      ErrorContract.requireKept(e.getStatus().getCode(), info);
      return info;
    } catch (InvalidProtocolBufferException unreadable) {
      throw new AssertionError(unreadable);
    }
  }
}
