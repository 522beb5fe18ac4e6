package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.modelgate.envoy.v3.AuthorizationGrpc;
import dev.modelgate.identity.TestIssuer;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What decision log and trail say of requests that come through proxies. */
final class ProxyRecordsTest {
  private static final String ANA = "ana@acme.com";

  @TempDir Path directory;

  /** The token is verified on another thread, where nobody knows of the call. */
  @Test
  void decision_onATokenThatAnEnvoyPassed_namesTheEnvoyAsCaller() throws IOException {
    try (TestIssuer issuer = new TestIssuer()) {
      ServeOptions options = options("{jwt: sidecar}");
      trust(options, issuer);
      options.decisionLog.mode = "full";
      try (SidecarBed bed = new SidecarBed(options)) {
        bed.sample();
        String envoy = token(issuer, "envoy", TestIssuer.FIRST);
        String ana = token(issuer, ANA, TestIssuer.FIRST);
        for (int i = 0; i < 2; i++) { // Verified, then remembered.
          assertEquals("200", ask(bed, envoy, ana));
        }
      }
      assertEquals(
          List.of("jwt:oidc:envoy", "jwt:oidc:envoy"),
          lines(directory.resolve("data/decisions")).map(line -> text(line, "caller")).toList());
    }
  }

  @Test
  void login_thatFailsThroughAnEnvoy_isInTheTrail() throws IOException {
    try (TestIssuer issuer = new TestIssuer()) {
      ServeOptions options = options("{jwt: sidecar}");
      trust(options, issuer);
      try (SidecarBed bed = new SidecarBed(options)) {
        bed.sample();
        String envoy = token(issuer, "envoy", TestIssuer.FIRST);
        String forged = token(issuer, ANA, TestIssuer.FORGED);
        assertEquals("401 UNAUTHENTICATED", ask(bed, envoy, forged));
        JsonObject event = last(bed.sidecar());
        assertEquals("LOGIN_FAILURE UNAUTHENTICATED", kind(event));
        assertEquals("jwt:oidc:envoy", text(event, "credential"));
        assertEquals(SidecarBed.FRAUD, text(event, "resource"));
        assertEquals("acme", text(event, "organization"));
        assertEquals(false, event.toString().contains(forged.substring(forged.length() - 20)));
      }
    }
  }

  @Test
  void proxyThatAsksWhatItMayNot_orIsNobody_isInTheTrail() throws Exception {
    try (TlsBed bed = TlsBed.start(directory, this::forwardToKnownProxies)) {
      assertEquals(403, forward(bed, bed.scorer(), "user:ben@acme.com"));
      JsonObject refused = last(bed.sidecar());
      assertEquals("REFUSAL NOT_PERMITTED", kind(refused));
      assertEquals("mtls:CN=scorer", text(refused, "credential"));
      assertEquals(true, text(refused, "peer").startsWith("127.0.0.1:"), refused::toString);
      TlsBed.Caller nobody = bed.showing(bed.authorities().clients().client("O=nobody"));
      assertEquals(403, forward(bed, nobody, "user:ana@acme.com"));
      assertEquals("LOGIN_FAILURE UNAUTHENTICATED", kind(last(bed.sidecar())));
      assertEquals("", text(last(bed.sidecar()), "credential"));
    }
  }

  private ServeOptions options(String principal) throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.proxy.protectFile = document(principal);
    return options;
  }

  private Path document(String principal) throws IOException {
    return Files.writeString(
        directory.resolve("protect.yaml"),
        "parent: %s\nprotocols: open-inference\nprincipal: %s\n"
            .formatted(SidecarBed.PROD, principal));
  }

  private static void trust(ServeOptions options, TestIssuer issuer) {
    options.identity.issuer = issuer.issuer();
    options.identity.audience = "modelgate";
    options.identity.organizations = "acme";
  }

  private void forwardToKnownProxies(ServeOptions options) {
    TlsBed.withClientCa(options);
    options.proxy.forwardListen = "127.0.0.1:0";
    try {
      options.proxy.protectFile = document("{header: x-user}");
      options.identity.file =
          Files.writeString(
              directory.resolve("identity.yaml"),
              """
              certificates:
                - subject: CN={id}
                  principal: serviceAccount:{id}
                  organizations: acme
              callers:
                - caller: serviceAccount:scorer
                  asks: {organizations: acme, principals: "user:ana@acme.com"}
              """);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks as an Envoy does that has a token of its own. */
  private static String ask(SidecarBed bed, String envoy, String token) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + envoy);
    return EnvoyTest.outcome(
        AuthorizationGrpc.newBlockingStub(bed.dataChannel())
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .check(
                EnvoyRequest.of("POST", EnvoyTest.INFER)
                    .header("authorization", "Bearer " + token)
                    .build()));
  }

  private static int forward(TlsBed bed, TlsBed.Caller proxy, String user) throws Exception {
    InetSocketAddress address = (InetSocketAddress) bed.sidecar().forwardAddress().orElseThrow();
    return HttpClient.newBuilder()
        .sslContext(proxy.context())
        .build()
        .send(
            HttpRequest.newBuilder(
                    URI.create("https://localhost:" + address.getPort() + "/authz/forward"))
                .header("x-original-method", "POST")
                .header("x-original-uri", EnvoyTest.INFER)
                .header("x-user", user)
                .build(),
            BodyHandlers.ofString())
        .statusCode();
  }

  private static String token(TestIssuer issuer, String subject, com.nimbusds.jose.jwk.JWK key) {
    return TestIssuer.token(issuer.claims(subject, Instant.now()).build(), key);
  }

  private static JsonObject last(Sidecar sidecar) throws IOException {
    assertEquals(true, sidecar.trail().flush(10_000));
    List<JsonObject> events = lines(sidecar.trail().directory()).toList();
    return events.get(events.size() - 1);
  }

  private static Stream<JsonObject> lines(Path logs) throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.list(logs)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
        all.append(Files.readString(file));
      }
    }
    return all.toString().lines().map(line -> JsonParser.parseString(line).getAsJsonObject());
  }

  private static String kind(JsonObject event) {
    return text(event, "kind") + " " + text(event, "what");
  }

  private static String text(JsonObject object, String field) {
    return object.has(field) ? object.get(field).getAsString() : "";
  }
}
