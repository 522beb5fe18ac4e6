package dev.modelgate.identity;

import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.client.identity.CertificateNames;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.Micros;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Maps the certificates of peers to principals, by the first rule that fits a name.
 *
 * <p>With rules, a certificate that none of them fits is refused. Without, whoever issues
 * certificates that the listener trusts says who may connect, and the caller is nobody in the
 * directory: he is known by the name alone.
 */
final class Certificates {
  private final List<CertificateRule> rules;

  Certificates(List<CertificateRule> rules) {
    this.rules = List.copyOf(rules);
  }

  /**
   * The caller with that chain, his peer not set.
   *
   * @throws dev.modelgate.model.RefusedException UNAUTHENTICATED with problem certificate
   */
  Caller caller(List<X509Certificate> chain) {
    X509Certificate own = chain.get(0);
    CertificateNames names = CertificateNames.of(own);
    if (!names.areToBeBelieved()) {
      throw Unauthenticated.CERTIFICATE.asException();
    }
    for (CertificateRule rule : rules) {
      for (String name : names.of(rule.pattern().field())) {
        Optional<PrincipalName> principal = principal(rule, name);
        if (principal.isPresent()) {
          return caller(name, principal, rule.organizations(), chain);
        }
      }
    }
    if (!rules.isEmpty()) {
      throw Unauthenticated.CERTIFICATE.asException();
    }
    return caller(names.first(), Optional.empty(), Optional.empty(), chain);
  }

  private static Optional<PrincipalName> principal(CertificateRule rule, String name) {
    try {
      return rule.principal(name);
    } catch (InvalidNameException e) {
      throw Unauthenticated.CERTIFICATE.asException();
    }
  }

  private static Caller caller(
      String name,
      Optional<PrincipalName> principal,
      Optional<Set<String>> organizations,
      List<X509Certificate> chain) {
    String credential = "mtls:" + name;
    if (credential.getBytes(StandardCharsets.UTF_8).length > Caller.CREDENTIAL_BYTES_MAX
        || name.chars().anyMatch(Character::isISOControl)) {
      throw Unauthenticated.CERTIFICATE.asException();
    }
    long expires = Micros.NEVER;
    for (X509Certificate certificate : chain) {
      expires = Math.min(expires, Micros.of(certificate.getNotAfter().toInstant()));
    }
    return new Caller(credential, principal, organizations, List.of(), expires, "");
  }
}
