package dev.modelgate.client.protect;

import java.util.List;
import java.util.stream.Stream;

/**
 * Who asks, by a protection document.
 *
 * @param principal the alternatives, of which the first whose credential is present counts; none
 *     when the document does not say
 * @param actingThrough each must be proven, nearest to the principal first
 */
public record PrincipalRules(
    List<CredentialSource> principal, List<CredentialSource> actingThrough) {
  /** Copies the lists. */
  public PrincipalRules {
    principal = List.copyOf(principal);
    actingThrough = List.copyOf(actingThrough);
  }

  /**
   * The challenge that an answer of 401 must have in {@code WWW-Authenticate} (RFC 9110, section
   * 15.5.2): for a token where one is taken. Headers of a proxy and certificates have no scheme of
   * their own, so that without a token it only names who refuses.
   */
  public String challenge() {
    boolean takesTokens =
        Stream.concat(principal.stream(), actingThrough.stream())
            .anyMatch(CredentialSource.Jwt.class::isInstance);
    return (takesTokens ? "Bearer" : "Modelgate") + " realm=\"modelgate\"";
  }
}
