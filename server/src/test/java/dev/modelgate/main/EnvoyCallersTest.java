package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.config.SettingException;
import dev.modelgate.envoy.v3.AuthorizationGrpc;
import dev.modelgate.envoy.v3.CheckRequest;
import dev.modelgate.envoy.v3.CheckResponse;
import dev.modelgate.identity.TestIssuer;
import dev.modelgate.tls.TestAuthority;
import dev.modelgate.tls.TestAuthority.Issued;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who asks through an Envoy, and what the Envoy itself may ask. */
final class EnvoyCallersTest {
  private static final String SCORER = "serviceAccount:scorer";

  private final TestIssuer issuer = new TestIssuer();

  @TempDir private Path directory;
  private @Nullable SidecarBed bed;

  @AfterEach
  void stop() {
    if (bed != null) {
      bed.close();
    }
    issuer.close();
  }

  private SidecarBed bed() {
    return Objects.requireNonNull(bed);
  }

  @Test
  void token_ofTheSidecarsIssuer_provesWhoAsks() throws IOException {
    start("principal: {jwt: sidecar}", "acme", "");
    assertEquals("200", outcome(bearer(token("ana@acme.com", TestIssuer.FIRST))));
    assertEquals("403 NO_GRANT", outcome(bearer(token("ben@acme.com", TestIssuer.FIRST))));
    for (String bad :
        new String[] {
          "Bearer " + token("ana@acme.com", TestIssuer.FORGED),
          "Bearer x",
          "Bearer ",
          "Basic YTpi",
          "Bearer " + bed().token()
        }) {
      assertEquals("401 UNAUTHENTICATED", outcome(infer().header("authorization", bad)), bad);
    }
    assertEquals("401 UNAUTHENTICATED", outcome(infer()));
  }

  @Test
  void token_ofAnIssuerOfAnotherOrganization_provesNobody() throws IOException {
    start("principal: {jwt: sidecar}", "beta", "");
    assertEquals("401 UNAUTHENTICATED", outcome(bearer(token("ana@acme.com", TestIssuer.FIRST))));
  }

  @Test
  void groupsOfTheToken_count() throws IOException {
    start("principal: {jwt: sidecar}", "acme", "");
    bed().put("group:oidc:risk");
    SidecarBed.share(bed().admin(), SidecarBed.FRAUD, "group:oidc:risk", "user");
    String token =
        TestIssuer.token(
            issuer.claims("dora@acme.com", Instant.now()).claim("groups", "risk").build(),
            TestIssuer.FIRST);
    assertEquals("200", outcome(bearer(token)), "as a member of the group");
  }

  @Test
  void certificate_provesWhoAsks_byItsNames() throws Exception {
    start(
        """
        principal:
          certificate:
            - {uri: "spiffe://acme.org/sa/{id}", principal: "serviceAccount:{id}"}
            - {uri: "{id}", principal: "app:{id}"}
        """,
        "acme",
        "");
    SidecarBed.share(bed().admin(), SidecarBed.FRAUD, SCORER, "user");
    TestAuthority authority = TestAuthority.create("clients");
    assertEquals(
        "200", outcome(infer().certificate(pem(authority, "spiffe://acme.org/sa/scorer"))));
    assertEquals(
        "401 UNAUTHENTICATED", outcome(infer().certificate(pem(authority, "spiffe://acme.org/x"))));
    assertEquals("400 REQUEST_MALFORMED", outcome(infer().certificate("nonsense")));
    assertEquals("200", outcome(infer().peer("spiffe://acme.org/sa/scorer")), "the name alone");
    assertEquals("401 UNAUTHENTICATED", outcome(infer().peer("CN=scorer")), "no URI");
    assertEquals("401 UNAUTHENTICATED", outcome(infer()));
  }

  /** As the sidecar's own rules have it, which do not hold once it has ended. */
  @Test
  void certificate_thatHasEnded_provesNobody() throws Exception {
    start(
        "principal: {certificate: sidecar}",
        "acme",
        """
        certificates:
        - {dns: localhost, principal: "serviceAccount:scorer", organizations: acme}
        """);
    SidecarBed.share(bed().admin(), SidecarBed.FRAUD, SCORER, "user");
    TestAuthority authority = TestAuthority.create("clients");
    Instant now = Instant.now();
    for (int days = -1; days <= 1; days += 2) {
      Issued issued =
          authority.server(
              TestAuthority.ecKeys(),
              now.minus(Duration.ofDays(2)),
              now.plus(Duration.ofDays(days)));
      assertEquals(
          days > 0 ? "200" : "401 UNAUTHENTICATED", outcome(infer().certificate(pem(issued))));
    }
  }

  /** Hazard 38: the connection is that of Envoy's client, wherever Envoy itself is. */
  @Test
  void header_ofALocalHop_isNeverBelieved() throws IOException {
    start("principal: {header: x-user, trusted-hop: local}", "acme", "");
    assertEquals("401 UNAUTHENTICATED", outcome(infer().as(EnvoyTest.ANA)));
  }

  /** Hazard 38: of the hop before Envoy, which has proven itself, and one alone. */
  @Test
  void forwardedCertificate_countsFromItsHopAlone() throws Exception {
    start(
        """
        principal:
          forwarded-certificate: {uri: "spiffe://acme.org/sa/{id}", principal: "serviceAccount:{id}"}
          trusted-hop: {uri: spiffe://acme.org/edge}
        """,
        "acme",
        "");
    SidecarBed.share(bed().admin(), SidecarBed.FRAUD, SCORER, "user");
    String forwarded = "Hash=a;Subject=\"CN=x,O=Acme\";URI=spiffe://acme.org/sa/scorer";
    assertEquals("200", outcome(through("spiffe://acme.org/edge", forwarded)));
    assertEquals("401 UNAUTHENTICATED", outcome(through("spiffe://acme.org/sa/other", forwarded)));
    assertEquals(
        "401 UNAUTHENTICATED",
        outcome(through("spiffe://acme.org/edge", forwarded + "," + forwarded)));
    assertEquals(
        "401 UNAUTHENTICATED",
        outcome(infer().joinedHeader("x-forwarded-client-cert", forwarded)),
        "from a hop that proves nothing");
  }

  private static EnvoyRequest through(String hop, String forwarded) {
    return infer().peer(hop).joinedHeader("x-forwarded-client-cert", forwarded);
  }

  @Test
  void nobody_isToldToShowAToken_whereOneIsTaken() throws IOException {
    start("principal: [{header: x-user}, {jwt: sidecar}]", "acme", "");
    CheckResponse answer =
        AuthorizationGrpc.newBlockingStub(bed().dataChannel())
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .check(infer().build());
    assertTrue(answer.getDeniedResponse().toString().contains("Bearer realm="), answer::toString);
  }

  @Test
  void chain_isAllowedWhenEveryLinkIs() throws IOException {
    start(
        """
        principal: {header: x-user}
        acting-through:
          - certificate: {uri: "spiffe://acme.org/sa/{id}", principal: "serviceAccount:{id}"}
        """,
        "acme",
        "");
    EnvoyRequest request = infer().as(EnvoyTest.ANA).peer("spiffe://acme.org/sa/scorer");
    assertEquals("403 NO_GRANT", outcome(request));
    SidecarBed.share(bed().admin(), SidecarBed.FRAUD, SCORER, "user");
    assertEquals("200", outcome(request));
    assertEquals("401 UNAUTHENTICATED", outcome(infer().as(EnvoyTest.ANA)), "a link is missing");
  }

  @Test
  void envoyWithACredential_asksWithinItsBounds() throws IOException {
    start(
        "principal: {header: x-user}",
        "acme",
        """
        callers:
          - caller: user:envoy
            asks: {principals: "user:ana@acme.com"}
        """);
    String envoy = token("envoy", TestIssuer.FIRST);
    assertEquals("200", EnvoyTest.outcome(stub(envoy).check(infer().as(EnvoyTest.ANA).build())));
    refused(Status.Code.PERMISSION_DENIED, envoy, infer().as(EnvoyTest.BEN));
    refused(
        Status.Code.PERMISSION_DENIED, token("other", TestIssuer.FIRST), infer().as(EnvoyTest.ANA));
    refused(Status.Code.UNAUTHENTICATED, "x", infer().as(EnvoyTest.ANA));
  }

  @Test
  void envoyWithoutACredential_isRefusedWhereNobodyIsTakenWithout() throws IOException {
    ServeOptions options = options("principal: {header: x-user}", "acme", "");
    options.identity.unauthenticated = "never";
    bed = new SidecarBed(options);
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> outcome(infer().as(EnvoyTest.ANA)));
    assertEquals(Status.Code.UNAUTHENTICATED, e.getStatus().getCode());
  }

  @Test
  void documentThatSaysNobody_isRefusedAtStart() {
    assertThrows(SettingException.class, () -> new Sidecar(options("", "acme", "")).close());
  }

  private void refused(Status.Code code, String token, EnvoyRequest request) {
    CheckRequest asked = request.build();
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> stub(token).check(asked));
    assertEquals(code, e.getStatus().getCode());
  }

  private void start(String principal, String organizations, String identity) throws IOException {
    bed = new SidecarBed(options(principal, organizations, identity));
    bed().sample();
  }

  private ServeOptions options(String principal, String organizations, String identity)
      throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.identity.issuer = issuer.issuer();
    options.identity.audience = "modelgate";
    options.identity.organizations = organizations;
    options.identity.groupsClaim = "groups";
    if (!identity.isEmpty()) {
      options.identity.file = Files.writeString(directory.resolve("identity.yaml"), identity);
    }
    options.proxy.protectFile =
        Files.writeString(
            directory.resolve("protect.yaml"),
            "parent: " + SidecarBed.PROD + "\nprotocols: open-inference\n" + principal + "\n");
    return options;
  }

  private AuthorizationGrpc.AuthorizationBlockingStub stub(String token) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return AuthorizationGrpc.newBlockingStub(bed().dataChannel())
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  private String outcome(EnvoyRequest request) {
    return EnvoyTest.outcome(
        AuthorizationGrpc.newBlockingStub(bed().dataChannel())
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .check(request.build()));
  }

  private static EnvoyRequest infer() {
    return EnvoyRequest.of("POST", EnvoyTest.INFER);
  }

  private static EnvoyRequest bearer(String token) {
    return infer().header("authorization", "Bearer " + token);
  }

  private String token(String subject, com.nimbusds.jose.jwk.JWK key) {
    return TestIssuer.token(issuer.claims(subject, Instant.now()).build(), key);
  }

  private static String pem(TestAuthority authority, String uri) throws IOException {
    return pem(authority.client("CN=x", "uri:" + uri));
  }

  private static String pem(Issued issued) throws IOException {
    return URLEncoder.encode(TestAuthority.pem(issued.certificate()), StandardCharsets.UTF_8)
        .replace("+", "%20");
  }
}
