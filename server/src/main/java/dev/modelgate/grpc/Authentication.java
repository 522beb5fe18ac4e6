package dev.modelgate.grpc;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Finds the caller of each call on either plane: by its token, else by its connection's
 * certificate, else, where that is enough, as somebody on this machine.
 *
 * <p>Invariant: a credential that is shown is good, or the call is refused; security metadata with
 * more than one value is refused (hazard 19). A token goes before a certificate: who terminates TLS
 * for somebody else shows that somebody's token.
 */
public final class Authentication {
  static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private static final String BEARER = "Bearer ";

  /** From where the data plane takes calls without a credential. */
  public enum Unidentified {
    /** From nowhere. */
    NEVER,
    /** From this machine: loopback and the socket. */
    LOCAL,
    /** From everywhere. */
    ANYWHERE
  }

  private final Authenticator authenticator;
  private final Unidentified unidentified;
  private final MonotoneClock clock;
  private final AuditTrail trail;
  private final Telemetry telemetry;
  private final ErrorMapper errors;
  private final CallerRules rules;

  /** Authenticates by that, without rules of what callers may do. */
  public Authentication(
      Authenticator authenticator,
      Unidentified unidentified,
      MonotoneClock clock,
      AuditTrail trail,
      Telemetry telemetry,
      ErrorMapper errors) {
    this(authenticator, CallerRules.NONE, unidentified, clock, trail, telemetry, errors);
  }

  /**
   * Authenticates by that.
   *
   * @param rules what callers may do
   * @param unidentified from where the data plane takes calls without a credential
   * @param clock what the end of a credential is held against
   * @param trail is told of every call that is refused, here or further on, and of emergencies
   */
  public Authentication(
      Authenticator authenticator,
      CallerRules rules,
      Unidentified unidentified,
      MonotoneClock clock,
      AuditTrail trail,
      Telemetry telemetry,
      ErrorMapper errors) {
    this.rules = rules;
    this.authenticator = authenticator;
    this.unidentified = unidentified;
    this.clock = clock;
    this.trail = trail;
    this.telemetry = telemetry;
    this.errors = errors;
  }

  /** The credential of whoever makes the present call, {@code none} without one. */
  public static String presentCredential() {
    return CallerContext.KEY.get().credential();
  }

  AuditTrail trail() {
    return trail;
  }

  /** Whoever is on the other side of a connection, as far as that is known without a credential. */
  Caller unknown(Attributes connection) {
    return Caller.UNAUTHENTICATED.from(Peer.of(connection, authenticator).address());
  }

  /** What callers may do. */
  CallerRules rules() {
    return rules;
  }

  /** Before the methods of the data plane that answer about one access. */
  ServerInterceptor forChecks() {
    return new CallerInterceptor(this, this::isUnidentified, errors);
  }

  /**
   * Before the same methods where only this process can call: it needs no credential, wherever else
   * one is needed. One that is shown must be good all the same.
   */
  ServerInterceptor forOwnChecks() {
    return new CallerInterceptor(
        this, (headers, connection) -> !headers.containsKey(AUTHORIZATION), errors);
  }

  /** Before all other methods: they need a credential. */
  ServerInterceptor forAdministration() {
    return new AdminAuthInterceptor(this, errors);
  }

  /** Reads the peer of each connection once. */
  ServerTransportFilter connections() {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        return attributes.toBuilder().set(Peer.KEY, Peer.read(attributes, authenticator)).build();
      }
    };
  }

  /**
   * Whether a call without a token, over that connection, is one without any credential, and may
   * be. Allocates nothing.
   */
  boolean isUnidentified(Metadata headers, Attributes connection) {
    if (unidentified == Unidentified.NEVER || headers.containsKey(AUTHORIZATION)) {
      return false;
    }
    Peer peer = Peer.of(connection, authenticator);
    return peer.caller() == null
        && peer.refused() == null
        && (peer.local() || unidentified == Unidentified.ANYWHERE);
  }

  /**
   * The caller by his credential; never {@link Caller#UNAUTHENTICATED}.
   *
   * @return complete, or completed by a thread of the authenticator; with a {@link
   *     dev.modelgate.model.RefusedException} when there is no good credential
   */
  CompletableFuture<Caller> caller(Metadata headers, Attributes connection) {
    Peer peer = Peer.of(connection, authenticator);
    @Nullable Iterable<String> shown = headers.getAll(AUTHORIZATION);
    if (shown == null) {
      return ofCertificate(peer);
    }
    Iterator<String> values = shown.iterator();
    String value = values.next();
    if (values.hasNext()) {
      return refused(Unauthenticated.REPEATED);
    }
    if (!value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return refused(Unauthenticated.SCHEME);
    }
    String token = value.substring(BEARER.length()).strip();
    if (token.isEmpty()) {
      return refused(Unauthenticated.SCHEME);
    }
    return authenticator.bearer(token).thenApply(caller -> current(caller).from(peer.address()));
  }

  /** Whether the credential has ended. */
  boolean isExpired(Caller caller) {
    return caller.expiresAtMicros() <= clock.nowMicros() || !caller.standing().holds();
  }

  /** Counts a refusal of a credential. */
  void count(Refusal refusal) {
    if (refusal.fault() == Fault.UNAUTHENTICATED) {
      telemetry.credentialRefused(refusal.metadata().getOrDefault("problem", ""));
    }
  }

  private CompletableFuture<Caller> ofCertificate(Peer peer) {
    if (peer.refused() != null) {
      return CompletableFuture.failedFuture(peer.refused());
    }
    Caller caller = peer.caller();
    if (caller == null) {
      return refused(Unauthenticated.MISSING);
    }
    return isExpired(caller)
        ? refused(Unauthenticated.EXPIRED)
        : CompletableFuture.completedFuture(caller);
  }

  private Caller current(Caller caller) {
    if (isExpired(caller)) {
      throw Unauthenticated.EXPIRED.asException();
    }
    return caller;
  }

  private static CompletableFuture<Caller> refused(Unauthenticated why) {
    return CompletableFuture.failedFuture(why.asException());
  }
}
