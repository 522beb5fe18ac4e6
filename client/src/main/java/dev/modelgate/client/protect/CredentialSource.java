package dev.modelgate.client.protect;

import dev.modelgate.client.identity.TrustedIssuer;
import java.util.List;
import java.util.Optional;

/** Something in a request that proves a principal: an alternative of {@code principal}. */
public sealed interface CredentialSource {

  /**
   * A header that the hop before sets, and overwrites when a caller has sent it.
   *
   * @param name in lower case
   * @param kind of the principal whose id the header has, such as {@code user}; empty when it has
   *     whole names such as {@code user:ana@acme.com}
   * @param hop who must be the peer of the connection; empty when the deployment sees to that
   */
  record Header(String name, String kind, Optional<TrustedHop> hop) implements CredentialSource {}

  /**
   * The token of {@code authorization: Bearer <token>}.
   *
   * @param issuers whose tokens are taken; none for those that the sidecar trusts
   */
  record Jwt(List<TokenIssuer> issuers) implements CredentialSource {
    /** Copies the list. */
    public Jwt {
      issuers = List.copyOf(issuers);
    }
  }

  /**
   * The certificate of the peer, which the listener has verified.
   *
   * @param mappings the first that fits counts, and one that none fits is refused; none for those
   *     of the sidecar
   */
  record Certificate(List<CertificateMapping> mappings) implements CredentialSource {
    /** Copies the list. */
    public Certificate {
      mappings = List.copyOf(mappings);
    }
  }

  /**
   * The certificate that Envoy has verified, as {@code x-forwarded-client-cert} tells its names.
   *
   * @param mappings as those of {@link Certificate}, at least one
   * @param hop who must be the peer of the connection
   */
  record ForwardedCertificate(List<CertificateMapping> mappings, TrustedHop hop)
      implements CredentialSource {
    /** Copies the list. */
    public ForwardedCertificate {
      mappings = List.copyOf(mappings);
    }
  }

  /**
   * An issuer, and how its tokens name principals.
   *
   * @param issuer that is trusted
   * @param claim whose text is the id of the principal; email counts only when it is verified
   * @param anyEmail whether an email that is not verified counts, too
   * @param kind of the principal: user, serviceAccount or app
   */
  record TokenIssuer(TrustedIssuer issuer, String claim, boolean anyEmail, String kind) {}
}
