package dev.modelgate.proxy;

import java.io.ByteArrayInputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Reads certificates that a proxy has verified and passes on as texts. */
public final class ForwardedCertificates {
  /** The longest text, in characters. */
  private static final int CHARS_MAX = 65_536;

  private ForwardedCertificates() {}

  /**
   * Reads them.
   *
   * @param pem percent-encoded PEM, the client's own first; empty for none
   * @throws IllegalArgumentException when it is not that
   */
  public static List<X509Certificate> ofPem(String pem) {
    if (pem.isEmpty()) {
      return List.of();
    }
    if (pem.length() > CHARS_MAX) {
      throw new IllegalArgumentException("a certificate of more than " + CHARS_MAX + " characters");
    }
    // URLDecoder would make a space of `+`, which PEM has and Envoy encodes.
    byte[] text =
        URLDecoder.decode(pem.replace("+", "%2B"), StandardCharsets.UTF_8)
            .getBytes(StandardCharsets.US_ASCII);
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(text))
          .forEach(certificate -> certificates.add((X509Certificate) certificate));
    } catch (CertificateException e) {
      throw new IllegalArgumentException("a certificate that is none", e);
    }
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("a certificate that is none");
    }
    return certificates;
  }
}
