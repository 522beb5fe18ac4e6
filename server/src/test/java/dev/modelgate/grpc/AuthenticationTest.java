package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.grpc.Authentication.Unidentified;
import dev.modelgate.identity.SetClock;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.Micros;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** From which connections and metadata which caller is found. */
final class AuthenticationTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final SocketAddress LOOPBACK =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4711);
  private static final SocketAddress REMOTE = new InetSocketAddress("10.0.0.7", 4711);
  private static final SocketAddress SOCKET = new SocketAddress() {};

  private final SetClock clock = new SetClock(NOW);

  @Test
  void callWithoutCredential_isLetInFromThisMachineAlone() {
    Metadata none = new Metadata();
    assertTrue(at(Unidentified.LOCAL).isUnidentified(none, from(LOOPBACK)));
    assertTrue(at(Unidentified.LOCAL).isUnidentified(none, from(SOCKET)));
    assertFalse(at(Unidentified.LOCAL).isUnidentified(none, from(REMOTE)));
    assertFalse(at(Unidentified.LOCAL).isUnidentified(none, Attributes.EMPTY));
    assertFalse(at(Unidentified.NEVER).isUnidentified(none, from(LOOPBACK)));
    assertTrue(at(Unidentified.ANYWHERE).isUnidentified(none, from(REMOTE)));
    assertEquals("missing", problem(none, from(REMOTE)));
  }

  @Test
  void badCredential_isNeverTakenForNone() {
    for (String value : List.of("", "Bearer", "Bearer  ", "Basic YTpi", "good", "Bearerxgood")) {
      Metadata headers = authorization(value);
      assertFalse(at(Unidentified.ANYWHERE).isUnidentified(headers, from(LOOPBACK)), value);
      assertEquals("scheme", problem(headers, from(LOOPBACK)), value);
    }
    assertFalse(
        at(Unidentified.ANYWHERE).isUnidentified(authorization("Bearer bad"), from(LOOPBACK)));
    assertEquals("token", problem(authorization("Bearer bad"), from(LOOPBACK)));
  }

  @Test
  void credentialShownTwice_isRefusedEvenIfBothAreGood() {
    assertEquals("repeated", problem(authorization("Bearer good", "Bearer good"), from(LOOPBACK)));
  }

  @Test
  void goodToken_makesTheCallerWithItsPeer() {
    Caller caller = caller(authorization("bearer good "), from(REMOTE));
    assertEquals("jwt:kc:1", caller.credential());
    assertEquals("10.0.0.7:4711", caller.peer());
  }

  @Test
  void token_goesUntilItsEnd_thoughTheAuthenticatorStillKnowsIt() {
    Metadata headers = authorization("Bearer good");
    clock.set(NOW.plusSeconds(59));
    assertEquals("jwt:kc:1", caller(headers, from(LOOPBACK)).credential());
    clock.set(NOW.plusSeconds(60));
    assertEquals("expired", problem(headers, from(LOOPBACK)));
  }

  @Test
  void certificateThatMapsToNobody_isRefusedAndNotTakenForNone() {
    Attributes connection =
        from(LOOPBACK).toBuilder()
            .set(Peer.KEY, new Peer("unix", true, null, Unauthenticated.CERTIFICATE.asException()))
            .build();
    assertFalse(at(Unidentified.ANYWHERE).isUnidentified(new Metadata(), connection));
    assertEquals("certificate", problem(new Metadata(), connection));
    assertEquals("jwt:kc:1", caller(authorization("Bearer good"), connection).credential());
  }

  @Test
  void certificate_makesTheCallerUntilItExpires() {
    Caller mapped =
        new Caller(
            "mtls:spiffe://acme/scorer",
            Optional.empty(),
            Optional.empty(),
            List.of(),
            Micros.of(NOW.plusSeconds(5)),
            "10.0.0.7:4711");
    Attributes connection =
        from(REMOTE).toBuilder().set(Peer.KEY, new Peer("unix", false, mapped, null)).build();
    assertFalse(at(Unidentified.ANYWHERE).isUnidentified(new Metadata(), connection));
    assertEquals(mapped, caller(new Metadata(), connection));
    clock.set(NOW.plusSeconds(5));
    assertEquals("expired", problem(new Metadata(), connection));
  }

  private Authentication at(Unidentified unidentified) {
    return new Authentication(
        new OneToken(),
        unidentified,
        new MonotoneClock(clock),
        AuditTrail.NONE,
        Telemetry.NONE,
        new ErrorMapper());
  }

  private Caller caller(Metadata headers, Attributes connection) {
    return at(Unidentified.LOCAL).caller(headers, connection).join();
  }

  private String problem(Metadata headers, Attributes connection) {
    CompletableFuture<Caller> found = at(Unidentified.LOCAL).caller(headers, connection);
    Throwable failure = assertThrows(CompletionException.class, found::join).getCause();
    RefusedException refused = assertInstanceOf(RefusedException.class, failure);
    return String.valueOf(refused.refusal().metadata().get("problem"));
  }

  private static Attributes from(SocketAddress remote) {
    return Attributes.newBuilder().set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, remote).build();
  }

  private static Metadata authorization(String... values) {
    Metadata headers = new Metadata();
    for (String value : values) {
      headers.put(Authentication.AUTHORIZATION, value);
    }
    return headers;
  }

  /** Knows {@code good}, for a minute. */
  private static final class OneToken implements Authenticator {
    @Override
    public CompletableFuture<Caller> bearer(String token) {
      return token.equals("good")
          ? CompletableFuture.completedFuture(
              new Caller(
                  "jwt:kc:1",
                  Optional.of(PrincipalName.parse("user:1")),
                  Optional.of(Set.of("acme")),
                  List.of(),
                  Micros.of(NOW.plusSeconds(60)),
                  ""))
          : CompletableFuture.failedFuture(Unauthenticated.TOKEN.asException());
    }

    @Override
    public Caller certificate(List<X509Certificate> chain) {
      throw new IllegalStateException("no connection here has a certificate");
    }
  }
}
