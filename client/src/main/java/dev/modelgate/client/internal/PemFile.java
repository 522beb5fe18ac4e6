package dev.modelgate.client.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The content of one PEM file, read once: what is parsed is what was compared with the file's
 * earlier content, whatever becomes of the file meanwhile. Text around the blocks is ignored, as
 * RFC 7468 has it.
 */
public final class PemFile {
  private static final int BYTES_MAX = 1 << 20;
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]++)-----([A-Za-z0-9+/=\\s]*+)-----END \\1-----");

  private final Path path;
  private final byte[] bytes;

  /** One block: its label and the DER in it. */
  private record Block(String label, byte[] der) {}

  private PemFile(Path path, byte[] bytes) {
    this.path = path;
    this.bytes = bytes;
  }

  /**
   * Reads a file.
   *
   * @throws PemException if there is none, it cannot be read or has more than 1 MiB
   */
  public static PemFile read(Path path) throws PemException {
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(BYTES_MAX + 1);
      if (bytes.length > BYTES_MAX) {
        throw new PemException(path, "is larger than " + BYTES_MAX + " bytes");
      }
      return new PemFile(path, bytes);
    } catch (PemException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new PemException(path, "there is no such file");
    } catch (IOException e) {
      throw new PemException(path, "cannot be read");
    }
  }

  /** Where it was read. */
  public Path path() {
    return path;
  }

  /** What was read. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /**
   * All certificates, in their order.
   *
   * @return one or more
   * @throws PemException if there is none, or one is malformed
   */
  public List<X509Certificate> certificates() throws PemException {
    List<X509Certificate> certificates = new ArrayList<>();
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Block block : blocks()) {
        if (block.label().equals("CERTIFICATE")) {
          certificates.add(
              (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
        }
      }
    } catch (CertificateException e) {
      throw new PemException(path, "holds a malformed certificate");
    }
    if (certificates.isEmpty()) {
      throw new PemException(path, "holds no certificate (expected: PEM)");
    }
    return List.copyOf(certificates);
  }

  /**
   * The one private key: RSA or EC, in PKCS #8, PKCS #1 or SEC 1, without a passphrase.
   *
   * @throws PemException if there is none or more than one, or it is of another form
   */
  public PrivateKey privateKey() throws PemException {
    List<Block> keys = new ArrayList<>();
    for (Block block : blocks()) {
      if (block.label().endsWith("PRIVATE KEY")) {
        keys.add(block);
      }
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    if (text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")) {
      throw new PemException(path, "holds an encrypted key (expected: one without a passphrase)");
    }
    if (keys.size() != 1) {
      throw new PemException(path, "holds " + keys.size() + " private keys (expected: one, PEM)");
    }
    try {
      return PemKey.decode(keys.get(0).label(), keys.get(0).der());
    } catch (GeneralSecurityException e) {
      throw new PemException(path, "holds no usable private key (expected: RSA or EC)");
    }
  }

  /**
   * Refuses a key that is not that of the certificate, as when one of the two files was replaced
   * and the other not yet.
   *
   * @param certificates the file of the chain, for the message
   * @throws PemException if a signature of the key does not verify with the certificate
   */
  public static void requirePair(PemFile certificates, X509Certificate first, PrivateKey key)
      throws PemException {
    try {
      Signature signature =
          Signature.getInstance(
              key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA");
      byte[] probe = first.getSerialNumber().toByteArray();
      signature.initSign(key);
      signature.update(probe);
      byte[] signed = signature.sign();
      signature.initVerify(first.getPublicKey());
      signature.update(probe);
      if (signature.verify(signed)) {
        return;
      }
    } catch (GeneralSecurityException e) {
      // Another kind of key: said below.
    }
    throw new PemException(
        certificates.path(), "its first certificate is not that of the private key");
  }

  private List<Block> blocks() throws PemException {
    List<Block> blocks = new ArrayList<>();
    Matcher block = BLOCK.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
    try {
      while (block.find()) {
        blocks.add(
            new Block(block.group(1), Base64.getMimeDecoder().decode(block.group(2).strip())));
      }
    } catch (IllegalArgumentException e) {
      throw new PemException(path, "is malformed (expected: PEM)");
    }
    return blocks;
  }
}
