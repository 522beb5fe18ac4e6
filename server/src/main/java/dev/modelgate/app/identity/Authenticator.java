package dev.modelgate.app.identity;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Tells who shows a credential. Thread-safe; nothing here blocks, so that event loops may call it.
 *
 * <p>A credential is either good or refused: nobody becomes {@link Caller#UNAUTHENTICATED} by
 * showing a bad one. Whoever keeps a caller holds it against the clock on each use.
 */
public interface Authenticator {
  /** The longest token, in characters; a longer one is refused before anything is read. */
  int TOKEN_CHARS_MAX = 8_192;

  /**
   * The holder of a bearer token.
   *
   * @param token what stands behind {@code Bearer}, not empty
   * @return complete when the answer is known already, else completed by a thread of this port with
   *     the caller, its peer not set; or with a {@link dev.modelgate.model.RefusedException}:
   *     UNAUTHENTICATED as by {@link Unauthenticated}, OVERLOADED when too many tokens wait to be
   *     verified
   */
  CompletableFuture<Caller> bearer(String token);

  /**
   * The holder of a certificate that the transport has verified.
   *
   * @param chain the peer's own certificate first
   * @throws dev.modelgate.model.RefusedException UNAUTHENTICATED when rules say to whom
   *     certificates map and none of them maps this one
   */
  Caller certificate(List<X509Certificate> chain);
}
