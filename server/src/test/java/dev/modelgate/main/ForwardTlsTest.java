package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.http.ForwardCallers;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.Micros;
import dev.modelgate.tls.TestAuthority;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Proxies that ask from elsewhere: believed because they show a certificate, within their bounds
 * (hazard 38). There are no resources, so that UNKNOWN_RESOURCE is the answer to what was asked.
 */
final class ForwardTlsTest {
  private static final String NGINX = "uri:spiffe://acme.org/sa/nginx";
  private static final String ASKED = "403 UNKNOWN_RESOURCE";
  private static final int WAIT_SECONDS_MAX = 30;

  @TempDir private Path directory;
  private @Nullable TlsBed bed;

  @AfterEach
  void stop() {
    if (bed != null) {
      bed.close();
    }
  }

  @Test
  void proxy_withoutACertificateOfOurs_isNotAnswered() throws Exception {
    TlsBed tls = start("{header: x-user}");
    assertThrows(IOException.class, () -> ask(tls.trusting(), "user:ana@acme.com"));
    assertThrows(IOException.class, () -> ask(tls.stranger(), "user:ana@acme.com"));
    assertEquals(ASKED, ask(nginx(tls), "user:ana@acme.com"));
  }

  @Test
  void proxy_asksWithinItsBounds() throws Exception {
    TlsBed tls = start("{header: x-user}");
    assertEquals(ASKED, ask(nginx(tls), "user:ana@acme.com"));
    assertEquals("403 NOT_PERMITTED", ask(nginx(tls), "user:ben@acme.com"));
    TlsBed.Caller other =
        tls.showing(tls.authorities().clients().client("CN=x", "uri:spiffe://acme.org/sa/other"));
    assertEquals("403 NOT_PERMITTED", ask(other, "user:ana@acme.com"));
    TlsBed.Caller nobody = tls.showing(tls.authorities().clients().client("CN=nginx"));
    assertEquals(
        "403 UNAUTHENTICATED", ask(nobody, "user:ana@acme.com"), "the proxy, not its user");
  }

  @Test
  void hop_isWhoShowsTheCertificate_andNotLocalForIt() throws Exception {
    TlsBed local = start("{header: x-user, trusted-hop: local}");
    assertEquals("401 UNAUTHENTICATED", ask(nginx(local), "user:ana@acme.com"));
    local.close();
    TlsBed named = start("{header: x-user, trusted-hop: {uri: spiffe://acme.org/sa/nginx}}");
    assertEquals(ASKED, ask(nginx(named), "user:ana@acme.com"));
  }

  /** A connection may be kept for longer. */
  @Test
  void proxy_whoseCertificateHasEnded_mayAskNothing() throws Exception {
    Caller ended =
        new Caller(
            "certificate:nginx",
            Optional.of(PrincipalName.parse("serviceAccount:nginx")),
            Optional.empty(),
            List.of(),
            Micros.of(Instant.EPOCH.plusSeconds(10)),
            "127.0.0.1");
    List<X509Certificate> shown = List.of(TestAuthority.create("clients").certificate());
    for (int second : new int[] {9, 10}) {
      ForwardCallers callers =
          new Forwarding.Callers(
              CallerRules.NONE,
              new Surroundings(
                  new Always(ended),
                  new MonotoneClock(Clock.fixed(Instant.EPOCH.plusSeconds(second), ZoneOffset.UTC)),
                  Telemetry.NONE,
                  AuditTrail.NONE));
      if (second < 10) {
        assertFalse(callers.proxy(shown).credential().isEmpty());
      } else {
        RefusedException e = assertThrows(RefusedException.class, () -> callers.proxy(shown));
        assertEquals(Fault.UNAUTHENTICATED, e.refusal().fault());
      }
    }
  }

  /** Takes every certificate for that caller's. */
  private record Always(Caller caller) implements Authenticator {
    @Override
    public CompletableFuture<Caller> bearer(String token) {
      throw new AssertionError("no token was shown");
    }

    @Override
    public Caller certificate(List<X509Certificate> chain) {
      return caller;
    }
  }

  /** What is a body here is never the next request. */
  @Test
  void requestWhoseBodyIsNotThere_isTheLastOfItsConnection() throws Exception {
    TlsBed tls = start("{header: x-user}");
    try (SSLSocket socket = open(nginx(tls))) {
      String head = request("user:ana@acme.com", "Content-Length: 1000\r\n");
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      String answer = answer(socket);
      assertTrue(answer.contains("connection: close\r\n"), answer);
      byte[] rest = socket.getInputStream().readAllBytes();
      assertEquals(Integer.parseInt(field(answer, "content-length")), rest.length);
    }
  }

  private TlsBed start(String principal) throws IOException {
    Path protect =
        Files.writeString(
            directory.resolve("protect.yaml"),
            "parent: organizations/acme\nprotocols: open-inference\nprincipal: "
                + principal
                + "\n");
    Path identity =
        Files.writeString(
            directory.resolve("identity.yaml"),
            """
            certificates:
            - uri: spiffe://acme.org/sa/{id}
              principal: serviceAccount:{id}
              organizations: acme
            callers:
            - caller: serviceAccount:nginx
              asks: {principals: "user:ana@acme.com"}
            """);
    bed =
        TlsBed.start(
            directory.resolve("tls" + System.nanoTime()),
            options -> {
              TlsBed.withClientCa(options);
              options.proxy.protectFile = protect;
              options.proxy.forwardListen = "127.0.0.1:0";
              options.identity.file = identity;
            });
    return bed;
  }

  private static TlsBed.Caller nginx(TlsBed tls) {
    return tls.showing(tls.authorities().clients().client("CN=x", NGINX));
  }

  private SSLSocket open(TlsBed.Caller caller) throws Exception {
    InetSocketAddress address =
        (InetSocketAddress) Objects.requireNonNull(bed).sidecar().forwardAddress().get();
    SSLSocket socket =
        (SSLSocket)
            caller.context().getSocketFactory().createSocket("localhost", address.getPort());
    socket.setSoTimeout(WAIT_SECONDS_MAX * 1_000);
    return socket;
  }

  private String ask(TlsBed.Caller caller, String principal) throws Exception {
    try (SSLSocket socket = open(caller)) {
      return ask(socket, principal);
    }
  }

  /** The status and the reason. */
  private static String ask(SSLSocket socket, String principal) throws IOException {
    socket.getOutputStream().write(request(principal, "").getBytes(StandardCharsets.US_ASCII));
    String answer = answer(socket);
    int length = Integer.parseInt(field(answer, "content-length"));
    assertEquals(length, socket.getInputStream().readNBytes(length).length);
    return answer.substring(9, 12) + " " + field(answer, "x-modelgate-reason");
  }

  private static String request(String principal, String more) {
    return "GET /authz/forward HTTP/1.1\r\nHost: modelgate\r\nX-Original-Method: POST\r\n"
        + "X-Original-URI: /v2/models/fraud/infer\r\nx-user: "
        + principal
        + "\r\n"
        + more
        + "\r\n";
  }

  /** The head of an answer. */
  private static String answer(SSLSocket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int octet = socket.getInputStream().read();
      if (octet < 0) {
        throw new IOException("cut short: " + head);
      }
      head.append((char) octet);
    }
    return head.toString();
  }

  private static String field(String head, String name) {
    return head.replaceFirst("(?s).*?\r\n" + name + ": ([^\r]*)\r\n.*", "$1");
  }
}
