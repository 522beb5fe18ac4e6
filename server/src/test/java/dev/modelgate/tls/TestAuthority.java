package dev.modelgate.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** A certificate authority made for one test, so that nothing in the repository expires. */
public final class TestAuthority {
  private static final AtomicLong SERIAL = new AtomicLong(1);
  private static final Duration DAY = Duration.ofDays(1);

  private final Issued root;

  private TestAuthority(Issued root) {
    this.root = root;
  }

  /**
   * A certificate and its key.
   *
   * @param certificate signed by the authority
   * @param key its private key
   */
  public record Issued(X509Certificate certificate, PrivateKey key) {
    /** Writes both as PEM, the key in PKCS #8 and for its owner alone. */
    public void write(Path certificateFile, Path keyFile) throws IOException {
      replace(certificateFile, pem(certificate), "rw-r--r--");
      replace(keyFile, pem(new JcaPKCS8Generator(key, null)), "rw-------");
    }
  }

  /** An authority that nobody trusts yet, valid from yesterday until tomorrow. */
  public static TestAuthority create(String name) {
    KeyPair keys = ecKeys();
    Instant now = Instant.now();
    X500Name subject = new X500Name("CN=" + name);
    return new TestAuthority(
        new Issued(
            sign(subject, keys.getPrivate(), subject, keys, now.minus(DAY), now.plus(DAY), null),
            keys.getPrivate()));
  }

  /** The authority's own certificate. */
  public X509Certificate certificate() {
    return root.certificate();
  }

  /** Writes the authority's certificate as PEM. */
  public Path write(Path file) throws IOException {
    return replace(file, pem(certificate()), "rw-r--r--");
  }

  /**
   * For a server.
   *
   * @param names such as {@code dns:localhost}, {@code ip:127.0.0.1}
   */
  public Issued server(String... names) {
    Instant now = Instant.now();
    return issue(
        KeyPurposeId.id_kp_serverAuth, "CN=server", ecKeys(), now.minus(DAY), now.plus(DAY), names);
  }

  /**
   * For a client.
   *
   * @param subject such as {@code CN=scorer}
   * @param names such as {@code uri:spiffe://acme/scorer}
   */
  public Issued client(String subject, String... names) {
    Instant now = Instant.now();
    return issue(
        KeyPurposeId.id_kp_clientAuth, subject, ecKeys(), now.minus(DAY), now.plus(DAY), names);
  }

  /** For a server named localhost, with other keys or at another time. */
  public Issued server(KeyPair keys, Instant from, Instant until) {
    return issue(
        KeyPurposeId.id_kp_serverAuth,
        "CN=server",
        keys,
        from,
        until,
        "dns:localhost",
        "ip:127.0.0.1");
  }

  /** Another certificate for the keys of one. */
  public Issued renewed(Issued issued, Instant from, Instant until) {
    KeyPair keys = new KeyPair(issued.certificate().getPublicKey(), issued.key());
    return server(keys, from, until);
  }

  /** Any object of a certificate or key as PEM, in the older form where it has one. */
  public static String pem(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }

  /** New keys of the curve P-256. */
  public static KeyPair ecKeys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has P-256", e);
    }
  }

  private Issued issue(
      KeyPurposeId purpose,
      String subject,
      KeyPair keys,
      Instant from,
      Instant until,
      String... names) {
    return new Issued(
        sign(
            new X500Name(root.certificate().getSubjectX500Principal().getName()),
            root.key(),
            new X500Name(subject),
            keys,
            from,
            until,
            purpose,
            names),
        keys.getPrivate());
  }

  private static X509Certificate sign(
      X500Name issuer,
      PrivateKey issuerKey,
      X500Name subject,
      KeyPair keys,
      Instant from,
      Instant until,
      @Nullable KeyPurposeId purpose,
      String... names) {
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer,
            BigInteger.valueOf(SERIAL.getAndIncrement()),
            Date.from(from),
            Date.from(until),
            subject,
            keys.getPublic());
    try {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(purpose == null));
      if (purpose != null) {
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
      }
      if (names.length > 0) {
        builder.addExtension(Extension.subjectAlternativeName, false, generalNames(names));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey)));
    } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("a certificate of a test cannot be made", e);
    }
  }

  private static GeneralNames generalNames(String... names) {
    List<GeneralName> general = new ArrayList<>();
    for (String name : names) {
      int colon = name.indexOf(':');
      int tag =
          switch (name.substring(0, colon)) {
            case "dns" -> GeneralName.dNSName;
            case "ip" -> GeneralName.iPAddress;
            case "uri" -> GeneralName.uniformResourceIdentifier;
            default -> throw new IllegalArgumentException(name);
          };
      general.add(new GeneralName(tag, name.substring(colon + 1)));
    }
    return new GeneralNames(general.toArray(GeneralName[]::new));
  }

  /** As tools do that renew certificates: nobody sees half a file. */
  private static Path replace(Path file, String text, String mode) throws IOException {
    Path draft = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text);
    Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString(mode));
    return Files.move(
        draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
