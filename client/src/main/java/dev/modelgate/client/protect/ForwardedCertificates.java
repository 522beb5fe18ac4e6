package dev.modelgate.client.protect;

import dev.modelgate.client.identity.CertificateNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Reads Envoy's {@code x-forwarded-client-cert}, strictly: one element, known keys, nothing left.
 *
 * <pre>
 *   By=spiffe://acme/proxy;Hash=...;Subject="CN=ana,O=Acme";URI=spiffe://acme/ana;DNS=ana.acme
 * </pre>
 *
 * <p>Several elements are several hops, of which the caller may have written the first: Envoy must
 * be told to overwrite the header ({@code SANITIZE_SET}), and more than one element is refused.
 */
final class ForwardedCertificates {
  /** The longest header, in characters. */
  static final int CHARS_MAX = 16_384;

  private static final Set<String> UNUSED = Set.of("by", "hash", "cert", "chain");

  private final String text;
  private int at;

  private ForwardedCertificates(String text) {
    this.text = text;
  }

  /**
   * The names of the certificate.
   *
   * @throws MalformedException when the header is anything but one element
   */
  static CertificateNames names(String header) {
    if (header.length() > CHARS_MAX) {
      throw new MalformedException("a forwarded certificate that is too long");
    }
    return new ForwardedCertificates(header).read();
  }

  private CertificateNames read() {
    List<String> uris = new ArrayList<>();
    List<String> dns = new ArrayList<>();
    List<String> subject = new ArrayList<>();
    do {
      String key = key();
      String value = value();
      switch (key) {
        case "uri" -> uris.add(value);
        case "dns" -> dns.add(value);
        case "subject" -> subject.add(value);
        default -> requireUnused(key);
      }
    } while (more());
    if (subject.size() > 1) {
      throw broken();
    }
    // An empty subject is that of a certificate without one.
    subject.removeIf(String::isEmpty);
    uris.removeIf(String::isEmpty);
    dns.removeIf(String::isEmpty);
    return new CertificateNames(uris, dns, subject, true);
  }

  private static void requireUnused(String key) {
    if (!UNUSED.contains(key)) {
      throw broken();
    }
  }

  private String key() {
    int end = text.indexOf('=', at);
    if (end < 0) {
      throw broken();
    }
    String key = text.substring(at, end);
    at = end + 1;
    return key.toLowerCase(Locale.ROOT);
  }

  private String value() {
    StringBuilder value = new StringBuilder();
    boolean quoted = at < text.length() && text.charAt(at) == '"';
    at += quoted ? 1 : 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (quoted ? c == '"' : c == ';' || c == ',') {
        break;
      }
      if (quoted && c == '\\') {
        c = ++at < text.length() ? text.charAt(at) : '\0';
      } else if (!quoted && (c == '"' || c == '=')) {
        // Envoy quotes values that have a delimiter: one that is not quoted was not written by it.
        throw broken();
      }
      if (c < ' ' || c >= 0x7f) {
        throw broken();
      }
      value.append(c);
      at++;
    }
    if (quoted && at++ >= text.length()) {
      throw broken();
    }
    return value.toString();
  }

  /** Whether another pair of this element follows. */
  private boolean more() {
    if (at == text.length()) {
      return false;
    }
    if (text.charAt(at++) != ';') {
      throw new MalformedException("a forwarded certificate of more than one hop");
    }
    return true;
  }

  private static MalformedException broken() {
    return new MalformedException("a forwarded certificate that cannot be read");
  }
}
