package dev.modelgate.identity;

import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.Unauthenticated;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Knows the bootstrap token. */
public final class Identity implements Authenticator {
  private static final CompletableFuture<Caller> BOOTSTRAP =
      CompletableFuture.completedFuture(Caller.BOOTSTRAP);

  private final BootstrapToken bootstrap;

  /** Knows that token. */
  public Identity(BootstrapToken bootstrap) {
    this.bootstrap = bootstrap;
  }

  @Override
  public CompletableFuture<Caller> bearer(String token) {
    if (token.length() > TOKEN_CHARS_MAX) {
      return CompletableFuture.failedFuture(Unauthenticated.TOO_LONG.asException());
    }
    return bootstrap.is(token)
        ? BOOTSTRAP
        : CompletableFuture.failedFuture(Unauthenticated.TOKEN.asException());
  }

  @Override
  public Caller certificate(List<X509Certificate> chain) {
    throw Unauthenticated.CERTIFICATE.asException();
  }
}
