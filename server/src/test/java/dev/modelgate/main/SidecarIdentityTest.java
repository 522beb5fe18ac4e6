package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.ErrorContract;
import dev.modelgate.identity.TestIssuer;
import dev.modelgate.tls.TestAuthority.Issued;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.ListAuditEventsRequest;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ListOrganizationsRequest;
import dev.modelgate.v1.LookupResourcesRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Tokens and certificates at a whole sidecar, on both planes. */
final class SidecarIdentityTest {
  private static final String ANA = "user:ana@acme.com";
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> ON_BEHALF_OF =
      Metadata.Key.of("x-modelgate-on-behalf-of", Metadata.ASCII_STRING_MARSHALLER);

  private final TestIssuer issuer = new TestIssuer();

  @TempDir private Path directory;
  private SidecarBed bed;

  @BeforeEach
  void start() throws IOException {
    ServeOptions options = SidecarBed.options(directory);
    options.identity.issuer = issuer.issuer();
    options.identity.audience = "modelgate";
    options.identity.organizations = "acme";
    options.identity.groupsClaim = "groups";
    bed = new SidecarBed(options);
    bed.sample();
  }

  @AfterEach
  void stop() {
    bed.close();
    issuer.close();
  }

  @Test
  void check_withAToken_isAnswered_andWithABadOneIsNot() {
    assertEquals("", check("Bearer " + token("ana@acme.com")));
    for (String bad : new String[] {"Bearer x", "Bearer " + forged("ana@acme.com"), "Basic YTpi"}) {
      refused("UNAUTHENTICATED", Status.Code.UNAUTHENTICATED, () -> check(bad));
    }
    assertEquals("ALLOW", bed.answer(ANA, SidecarBed.FRAUD, "predict"), "and without any it is");
    Probe probe = new Probe(bed.sidecar().httpPort());
    assertEquals(1, probe.metric("modelgate_credentials_refused_total{problem=\"signature\"}"));
  }

  @Test
  void userWithAToken_actsForHimself_underHisOwnLimits() {
    AdminServiceBlockingStub ana = bed.admin("Bearer " + token("ana@acme.com"));
    SidecarBed.share(ana, SidecarBed.FRAUD, "user:ben@acme.com", "user");
    assertEquals("ALLOW", bed.answer("user:ben@acme.com", SidecarBed.FRAUD, "predict"));
    refused(
        "NOT_FOUND",
        Status.Code.NOT_FOUND,
        () -> SidecarBed.share(ana, SidecarBed.CHURN, ANA, "user"));
    assertTrue(
        bed
            .admin()
            .listAuditEvents(
                ListAuditEventsRequest.newBuilder().setOrganization("organizations/acme").build())
            .getEventsList()
            .stream()
            .anyMatch(
                event ->
                    event.getEvent().getActor().equals("jwt:oidc:ana@acme.com")
                        && event.getEvent().getOnBehalfOf().equals(ANA)));
  }

  @Test
  void userWithAToken_isNeverTheSystemAdministrator() {
    AdminServiceBlockingStub ana = bed.admin("Bearer " + token("ana@acme.com"));
    refused(
        "NOT_PERMITTED",
        Status.Code.PERMISSION_DENIED,
        () ->
            ana.createOrganization(
                CreateOrganizationRequest.newBuilder().setOrganizationId("mine").build()));
    refused(
        "NOT_PERMITTED",
        Status.Code.PERMISSION_DENIED,
        () -> ana.listOrganizations(ListOrganizationsRequest.getDefaultInstance()));
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + token("ana@acme.com"));
    headers.put(ON_BEHALF_OF, "user:ben@acme.com");
    refused(
        "NOT_PERMITTED",
        Status.Code.PERMISSION_DENIED,
        () -> bed.admin(headers).listGrants(grants(SidecarBed.CHURN)));
  }

  @Test
  void token_isWorthNothingInOrganizationsThatItsIssuerIsNotBoundTo() {
    bed.admin()
        .createOrganization(
            CreateOrganizationRequest.newBuilder().setOrganizationId("beta").setOwner(ANA).build());
    GetOrganizationRequest beta =
        GetOrganizationRequest.newBuilder().setName("organizations/beta").build();
    assertEquals(
        "organizations/beta", bed.adminFor(ANA).getOrganization(beta).getOrganization().getName());
    AdminServiceBlockingStub ana = bed.admin("Bearer " + token("ana@acme.com"));
    refused("NOT_PERMITTED", Status.Code.PERMISSION_DENIED, () -> ana.getOrganization(beta));
    refused(
        "NOT_PERMITTED",
        Status.Code.PERMISSION_DENIED,
        () -> SidecarBed.share(ana, "organizations/beta", "user:ben@acme.com", "user"));
    assertEquals(
        SidecarBed.FRAUD, ana.listGrants(grants(SidecarBed.FRAUD)).getGrants(0).getResource());
  }

  @Test
  void groupsOfAToken_countInHisOwnChecks_andNeverOnTheAdminPlane() {
    bed.put("group:oidc:risk");
    SidecarBed.share(bed.admin(), SidecarBed.CHURN, "group:oidc:risk", "owner");
    Instant now = Instant.now();
    String token =
        TestIssuer.token(
            issuer.claims("ana@acme.com", now).claim("groups", List.of("risk")).build(),
            TestIssuer.FIRST);
    CheckRequest question = question().toBuilder().setModel(SidecarBed.CHURN).build();
    CheckResponse claimed =
        bed.data()
            .withInterceptors(
                MetadataUtils.newAttachHeadersInterceptor(authorization("Bearer " + token)))
            .check(question);
    assertEquals(Decision.DECISION_ALLOW, claimed.getDecision());
    assertEquals(now.plusSeconds(60).getEpochSecond(), claimed.getValidUntil().getSeconds());
    assertEquals("NO_GRANT", bed.answer(ANA, SidecarBed.CHURN, "predict"), "from the directory");
    refused(
        "NOT_FOUND",
        Status.Code.NOT_FOUND,
        () ->
            SidecarBed.share(
                bed.admin("Bearer " + token), SidecarBed.CHURN, "user:cleo@acme.com", "user"));
  }

  @Test
  void lookup_withAToken_isTheUsersOwn() {
    var data =
        bed.data()
            .withInterceptors(
                MetadataUtils.newAttachHeadersInterceptor(
                    authorization("Bearer " + token("ana@acme.com"))));
    assertEquals(
        SidecarBed.FRAUD,
        data.lookupResources(
                LookupResourcesRequest.newBuilder()
                    .setPrincipal(ANA)
                    .setParent(SidecarBed.PROD)
                    .setAction("predict")
                    .build())
            .getResources(0));
  }

  @Test
  void callerWithoutCredential_isRefusedWhereTheSettingSaysNever() throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("strict"));
    options.identity.unauthenticated = "never";
    try (SidecarBed strict = new SidecarBed(options)) {
      refused(
          "UNAUTHENTICATED",
          Status.Code.UNAUTHENTICATED,
          () -> strict.check(ANA, SidecarBed.FRAUD, "predict"));
      Metadata headers = authorization("Bearer " + strict.token());
      assertEquals(
          "UNKNOWN_RESOURCE",
          strict
              .data()
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
              .check(question())
              .getReason());
    }
  }

  @Test
  void callersFromAnywhere_areSaidLoudly() throws IOException {
    String series = "modelgate_unauthenticated_anywhere";
    assertEquals(0, new Probe(bed.sidecar().httpPort()).metric(series));
    ServeOptions options = SidecarBed.options(directory.resolve("open"));
    options.identity.unauthenticated = "anywhere";
    try (SidecarBed open = new SidecarBed(options)) {
      assertEquals(1, new Probe(open.sidecar().httpPort()).metric(series));
    }
  }

  @Test
  void certificate_mapsByRules_onceItsListenerTrustsIt() throws IOException {
    Path file = directory.resolve("identity.yaml");
    Files.writeString(
        file,
        """
        certificates:
        - uri: spiffe://acme.org/sa/{id}
          principal: serviceAccount:{id}
          organizations: acme
        """);
    try (TlsBed tls =
        TlsBed.start(
            directory.resolve("tls"),
            options -> {
              TlsBed.withClientCa(options);
              options.identity.file = file;
            })) {
      Issued scorer = tls.authorities().clients().client("CN=x", "uri:spiffe://acme.org/sa/scorer");
      Issued nobody = tls.authorities().clients().client("CN=scorer", "uri:spiffe://acme.org/x");
      assertEquals("UNKNOWN_RESOURCE", tls.check(tls.showing(scorer)));
      refused("UNAUTHENTICATED", Status.Code.UNAUTHENTICATED, () -> tls.check(tls.showing(nobody)));
      ManagedChannel channel = tls.dataChannel(tls.showing(nobody));
      try {
        for (int i = 0; i < 2; i++) {
          refused("UNAUTHENTICATED", Status.Code.UNAUTHENTICATED, () -> TlsBed.check(channel));
        }
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private String check(String authorization) {
    return AuthorizationServiceGrpc.newBlockingStub(bed.dataChannel())
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(authorization(authorization)))
        .check(question())
        .getReason();
  }

  private static CheckRequest question() {
    return CheckRequest.newBuilder()
        .setPrincipal(ANA)
        .setModel(SidecarBed.FRAUD)
        .setAction("predict")
        .build();
  }

  private static ListGrantsRequest grants(String resource) {
    return ListGrantsRequest.newBuilder().setResource(resource).build();
  }

  private String token(String subject) {
    return TestIssuer.token(issuer.claims(subject, Instant.now()).build(), TestIssuer.FIRST);
  }

  private String forged(String subject) {
    return TestIssuer.token(issuer.claims(subject, Instant.now()).build(), TestIssuer.FORGED);
  }

  private static Metadata authorization(String value) {
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, value);
    return headers;
  }

  private static void refused(String reason, Status.Code code, Executable call) {
    StatusRuntimeException e = assertThrows(StatusRuntimeException.class, call);
    try {
      ErrorInfo info = StatusProto.fromThrowable(e).getDetails(0).unpack(ErrorInfo.class);
      ErrorContract.requireKept(e.getStatus().getCode(), info);
      assertEquals(reason, info.getReason(), e::toString);
      assertEquals(code, e.getStatus().getCode());
    } catch (InvalidProtocolBufferException broken) {
      throw new AssertionError(e.toString(), broken);
    }
  }
}
