package dev.modelgate.client.identity;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * The names of a certificate.
 *
 * @param uris among the subject's alternative names
 * @param dns among them
 * @param subject one, as RFC 2253 writes it; none when it is not known
 * @param readable whether all could be read
 */
public record CertificateNames(
    List<String> uris, List<String> dns, List<String> subject, boolean readable) {
  private static final String SPIFFE = "spiffe://";
  private static final int DNS_NAME = 2;
  private static final int URI_NAME = 6;

  /** Copies the lists. */
  public CertificateNames {
    uris = List.copyOf(uris);
    dns = List.copyOf(dns);
    subject = List.copyOf(subject);
  }

  /** Those of a certificate. */
  public static CertificateNames of(X509Certificate certificate) {
    List<String> subject = List.of(certificate.getSubjectX500Principal().getName());
    try {
      return new CertificateNames(
          names(certificate, URI_NAME), names(certificate, DNS_NAME), subject, true);
    } catch (CertificateParsingException e) {
      return new CertificateNames(List.of(), List.of(), subject, false);
    }
  }

  private static List<String> names(X509Certificate certificate, int type)
      throws CertificateParsingException {
    List<String> names = new ArrayList<>();
    Collection<List<?>> all = certificate.getSubjectAlternativeNames();
    if (all != null) {
      for (List<?> name : all) {
        if (name.get(0).equals(type) && name.get(1) instanceof String text) {
          names.add(text);
        }
      }
    }
    return names;
  }

  /**
   * Whether they name anybody. A SPIFFE certificate has one URI (X509-SVID, section 2); of several
   * none is to be believed.
   */
  public boolean areToBeBelieved() {
    boolean isSpiffe =
        uris.stream().anyMatch(uri -> uri.toLowerCase(Locale.ROOT).startsWith(SPIFFE));
    return readable && !(isSpiffe && uris.size() > 1);
  }

  /** Those that a pattern of that field looks at. */
  public List<String> of(NamePattern.Field field) {
    return switch (field) {
      case URI -> uris;
      case DNS -> dns;
      case SUBJECT -> subject;
    };
  }

  /** What to call its holder: the first URI, else the first DNS name, else the subject. */
  public String first() {
    List<String> names = uris.isEmpty() ? dns.isEmpty() ? subject : dns : uris;
    return names.get(0);
  }
}
