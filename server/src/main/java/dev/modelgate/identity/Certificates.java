package dev.modelgate.identity;

import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.identity.CertificateRule.Field;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.Micros;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
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
  private static final String SPIFFE = "spiffe://";
  private static final int DNS_NAME = 2;
  private static final int URI_NAME = 6;

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
    List<String> uris = names(own, URI_NAME);
    List<String> dns = names(own, DNS_NAME);
    List<String> subject = List.of(own.getSubjectX500Principal().getName());
    if (uris.stream().anyMatch(Certificates::isSpiffe) && uris.size() > 1) {
      // A SPIFFE certificate has one URI (X509-SVID, section 2); of several none is to be believed.
      throw Unauthenticated.CERTIFICATE.asException();
    }
    for (CertificateRule rule : rules) {
      List<String> names =
          rule.field() == Field.URI ? uris : rule.field() == Field.DNS ? dns : subject;
      for (String name : names) {
        Optional<PrincipalName> principal = principal(rule, name);
        if (principal.isPresent()) {
          return caller(name, principal, rule.organizations(), chain);
        }
      }
    }
    if (!rules.isEmpty()) {
      throw Unauthenticated.CERTIFICATE.asException();
    }
    List<String> names = uris.isEmpty() ? dns.isEmpty() ? subject : dns : uris;
    return caller(names.get(0), Optional.empty(), Optional.empty(), chain);
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

  private static boolean isSpiffe(String uri) {
    return uri.toLowerCase(Locale.ROOT).startsWith(SPIFFE);
  }

  private static List<String> names(X509Certificate certificate, int type) {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      if (all != null) {
        for (List<?> name : all) {
          if (name.get(0).equals(type) && name.get(1) instanceof String text) {
            names.add(text);
          }
        }
      }
    } catch (CertificateParsingException e) {
      throw Unauthenticated.CERTIFICATE.asException();
    }
    return names;
  }
}
