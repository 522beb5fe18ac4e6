package dev.modelgate.identity;

import dev.modelgate.app.AdminToken;
import dev.modelgate.app.Standing;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.Unauthenticated;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Knows the bootstrap token. */
public final class Identity implements Authenticator {
  private final AdminToken bootstrap;

  /** Knows that token. */
  public Identity(AdminToken bootstrap) {
    this.bootstrap = bootstrap;
  }

  @Override
  public CompletableFuture<Caller> bearer(String token) {
    if (token.length() > TOKEN_CHARS_MAX) {
      return CompletableFuture.failedFuture(Unauthenticated.TOO_LONG.asException());
    }
    Standing standing = bootstrap.standing(); // Before the look at the token.
    return bootstrap.is(token)
        ? CompletableFuture.completedFuture(Caller.bootstrap(standing))
        : CompletableFuture.failedFuture(Unauthenticated.TOKEN.asException());
  }

  @Override
  public Caller certificate(List<X509Certificate> chain) {
    throw Unauthenticated.CERTIFICATE.asException();
  }
}
