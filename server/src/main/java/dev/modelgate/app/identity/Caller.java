package dev.modelgate.app.identity;

import dev.modelgate.app.Standing;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.Micros;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who calls, as authenticated: not whom a check asks about, and not whom an administrator acts for.
 *
 * <p>Invariant: claimed groups come with a principal and with the organizations that their issuer
 * is bound to, for they count nowhere else (hazard 18).
 *
 * @param credential what was authenticated, 1 to {@value #CREDENTIAL_BYTES_MAX} bytes: {@code
 *     token:bootstrap}, {@code jwt:<issuer-id>:<subject>}, {@code mtls:<uri, dns or subject>}, or
 *     {@code none}
 * @param principal whom the credential maps to, if anybody
 * @param organizations the ids of the organizations that the issuer or mapping is bound to; empty
 *     when it is bound to none in particular
 * @param groups what the token claims, under the names that they have in the directory
 * @param expiresAtMicros when the credential ends: from then on it is worth nothing; {@link
 *     Micros#NEVER} for one without an end
 * @param standing whether the credential still holds, apart from its end
 * @param peer the address of the other side of the connection, {@code unix} for a socket, for
 *     people who read logs
 */
public record Caller(
    String credential,
    Optional<PrincipalName> principal,
    Optional<Set<String>> organizations,
    List<PrincipalName> groups,
    long expiresAtMicros,
    Standing standing,
    String peer) {
  /** The longest credential, in bytes of UTF-8: what the log keeps of an actor. */
  public static final int CREDENTIAL_BYTES_MAX = 512;

  /** Somebody on this machine who shows no credential. */
  public static final Caller UNAUTHENTICATED =
      new Caller("none", Optional.empty(), Optional.empty(), List.of(), Micros.NEVER, "local");

  private static final String BOOTSTRAP = "token:bootstrap";

  /** Copies the collections. */
  public Caller {
    organizations = organizations.map(Set::copyOf);
    groups = List.copyOf(groups);
    int bytes = credential.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > CREDENTIAL_BYTES_MAX) {
      throw new IllegalArgumentException(
          "credential: " + bytes + " bytes (expected: 1.." + CREDENTIAL_BYTES_MAX + ")");
    }
    if (!groups.isEmpty() && (principal.isEmpty() || organizations.isEmpty())) {
      throw new IllegalArgumentException(
          "groups: " + groups + " (expected: a principal and organizations with them)");
    }
  }

  /** One whose credential holds until its end. */
  public Caller(
      String credential,
      Optional<PrincipalName> principal,
      Optional<Set<String>> organizations,
      List<PrincipalName> groups,
      long expiresAtMicros,
      String peer) {
    this(credential, principal, organizations, groups, expiresAtMicros, Standing.ALWAYS, peer);
  }

  /**
   * The holder of the bootstrap token.
   *
   * @param standing whether it is still the token
   */
  public static Caller bootstrap(Standing standing) {
    return new Caller(
        BOOTSTRAP, Optional.empty(), Optional.empty(), List.of(), Micros.NEVER, standing, "local");
  }

  /** The same caller over a connection. */
  public Caller from(String address) {
    return new Caller(
        credential, principal, organizations, groups, expiresAtMicros, standing, address);
  }

  /** Whether a credential was shown. */
  public boolean isAuthenticated() {
    return !credential.equals(UNAUTHENTICATED.credential);
  }

  /** Whether the credential may end before the call does. */
  public boolean mayEnd() {
    return expiresAtMicros != Micros.NEVER || !standing.equals(Standing.ALWAYS);
  }

  /** Whether this is the holder of the bootstrap token. */
  public boolean isBootstrap() {
    return credential.equals(BOOTSTRAP);
  }

  /** Whether the credential may be used in an organization at all. */
  public boolean isOf(String organizationId) {
    return organizations.isEmpty() || organizations.get().contains(organizationId);
  }
}
