package dev.modelgate.proxy;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.check.Claims;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.client.identity.CertificateNames;
import dev.modelgate.client.protect.Credentials;
import dev.modelgate.client.protect.Principals;
import dev.modelgate.client.protect.Proof;
import dev.modelgate.model.Fault;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.Micros;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Proves who sends a request, by the protection document, and by the sidecar's own issuers and
 * rules for certificates where the document leaves it to them. Thread-safe; never blocks.
 */
final class Proofs implements AutoCloseable {
  private static final String AT_A_URI = "://";

  private final Principals principals;
  private final String organization;
  private final Authenticator authenticator;
  private final MonotoneClock clock;

  /**
   * By that document.
   *
   * @param organization the id of the one that all models are in: an issuer that is bound to others
   *     proves nobody in it
   * @param clock what the end of a credential is held against
   */
  Proofs(
      Principals principals,
      String organization,
      Authenticator authenticator,
      MonotoneClock clock) {
    this.principals = principals;
    this.organization = organization;
    this.authenticator = authenticator;
    this.clock = clock;
  }

  /**
   * Who asks.
   *
   * @return complete when it is known already; with a {@link RefusedException} UNAUTHENTICATED when
   *     nobody is proven, another when nobody can tell now
   */
  CompletableFuture<Proven> of(ProxiedRequest request) {
    OfTheSidecar sidecar = new OfTheSidecar();
    return principals
        .prove(credentials(request), sidecar)
        .thenApply(
            proof -> {
              if (proof instanceof Proof.Proven proven) {
                return new Proven(
                    proven.principal(),
                    proven.actingThrough(),
                    sidecar.claims.getOrDefault(proven.principal(), Claims.NONE));
              }
              throw sidecar.unable.orElseGet(Unauthenticated.MISSING::asException);
            });
  }

  @Override
  public void close() {
    principals.close();
  }

  private Credentials credentials(ProxiedRequest request) {
    Map<String, List<String>> headers = new HashMap<>();
    for (String name : principals.headers()) {
      headers.put(name, request.all(name));
    }
    return new Credentials(
        headers,
        request.certificates(),
        names(request.peer()),
        request.isOfLocalHop() ? Credentials.Peer.LOCAL : Credentials.Peer.REMOTE);
  }

  /** Of a name alone only a URI says what it is; a DNS name and a subject may look alike. */
  private static Optional<CertificateNames> names(String peer) {
    return peer.contains(AT_A_URI)
        ? Optional.of(new CertificateNames(List.of(peer), List.of(), List.of(), true))
        : Optional.empty();
  }

  /** The sidecar's own proofs of one request; what tokens claim stays here. */
  private final class OfTheSidecar implements Principals.OfTheSidecar {
    private final Map<String, Claims> claims = new ConcurrentHashMap<>();

    /** Why nobody can tell now. */
    private volatile Optional<RefusedException> unable = Optional.empty();

    @Override
    public CompletableFuture<Proof.Proven> token(String token) {
      return authenticator.bearer(token).handle(this::orUnable).thenApply(this::proven);
    }

    @Override
    public CompletableFuture<Proof.Proven> certificate(List<X509Certificate> chain) {
      return CompletableFuture.completedFuture(chain)
          .thenApply(authenticator::certificate)
          .thenApply(this::proven);
    }

    private Caller orUnable(@Nullable Caller caller, @Nullable Throwable failure) {
      if (caller != null) {
        return caller;
      }
      Throwable cause =
          failure instanceof CompletionException && failure.getCause() != null
              ? failure.getCause()
              : failure;
      if (cause instanceof RefusedException refused
          && refused.refusal().fault() != Fault.UNAUTHENTICATED) {
        unable = Optional.of(refused);
      }
      throw new CompletionException(cause);
    }

    /** A credential that has ended, or names nobody of the organization, proves nobody here. */
    private Proof.Proven proven(Caller caller) {
      if (caller.expiresAtMicros() <= clock.nowMicros() || !caller.standing().holds()) {
        throw Unauthenticated.EXPIRED.asException();
      }
      if (!caller.isOf(organization)) {
        throw Unauthenticated.ISSUER.asException();
      }
      String name = caller.principal().orElseThrow(Unauthenticated.CLAIMS::asException).toString();
      if (!caller.groups().isEmpty()) {
        claims.put(
            name,
            new Claims(
                name,
                caller.organizations().orElseThrow(),
                caller.groups(),
                caller.expiresAtMicros()));
      }
      return new Proof.Proven(name, List.of(), Micros.toInstant(caller.expiresAtMicros()));
    }
  }
}
