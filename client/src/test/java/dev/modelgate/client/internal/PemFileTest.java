package dev.modelgate.client.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The forms in which private keys come, and what is no key. */
final class PemFileTest {
  private static final String EC_PARAMETERS =
      "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";

  @TempDir Path directory;

  @Test
  void privateKey_inEachForm_isTheSameKey() throws Exception {
    for (KeyPair keys : List.of(rsa(2_048), ec("secp256r1"), ec("secp384r1"), ec("secp521r1"))) {
      PrivateKey key = keys.getPrivate();
      String label = key.getAlgorithm() + " PRIVATE KEY";
      String older = pem(new PemObject(label, inner(key)));
      String newer = pem(new JcaPKCS8Generator(key, null));
      assertTrue(newer.startsWith("-----BEGIN PRIVATE KEY"), newer.substring(0, 40));
      for (String text : List.of(older, newer, EC_PARAMETERS + older, "# a\r\n" + newer + "b")) {
        assertEquals(number(key), number(read(text)), label);
      }
    }
  }

  @Test
  void privateKey_thatIsEncrypted_isRefusedAsSuch() throws Exception {
    String encrypted = pem(new PemObject("ENCRYPTED PRIVATE KEY", new byte[9]));
    assertProblem("holds an encrypted key (expected: one without a passphrase)", encrypted);
    assertProblem(
        "holds an encrypted key (expected: one without a passphrase)",
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n");
  }

  @Test
  void privateKeys_thatAreNotOne_areRefused() throws Exception {
    String one = pem(new JcaPKCS8Generator(ec("secp256r1").getPrivate(), null));
    assertProblem("holds 0 private keys (expected: one, PEM)", "");
    assertProblem("holds 2 private keys (expected: one, PEM)", one + one);
    assertProblem("holds no usable private key (expected: RSA or EC)", pem(ed25519()));
  }

  /** Whatever the bytes are, the answer is a key or one line, and soon. */
  @Test
  void privateKey_withDamage_isAKeyOrRefused() throws Exception {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (PrivateKey key : List.of(rsa(2_048).getPrivate(), ec("secp256r1").getPrivate())) {
      byte[] inner = inner(key);
      for (int i = 0; i < 2_000; i++) {
        byte[] damaged = Arrays.copyOf(inner, random.nextInt(inner.length + 1));
        for (int flips = random.nextInt(3); flips > 0 && damaged.length > 0; flips--) {
          damaged[random.nextInt(Math.min(damaged.length, 48))] = (byte) random.nextInt();
        }
        requireKeyOrProblem(key.getAlgorithm() + " PRIVATE KEY", damaged, seed);
      }
    }
  }

  @Test
  void certificates_thatAreNone_areRefused() throws Exception {
    Path file = Files.writeString(directory.resolve("a.crt"), "nothing");
    assertEquals(
        file + ": holds no certificate (expected: PEM)",
        assertThrows(PemException.class, () -> PemFile.read(file).certificates()).getMessage());
    Files.writeString(file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assertEquals(
        file + ": holds a malformed certificate",
        assertThrows(PemException.class, () -> PemFile.read(file).certificates()).getMessage());
  }

  @Test
  void file_thatIsMissingTooLargeOrADirectory_isRefused() throws IOException {
    Path large = Files.write(directory.resolve("large"), new byte[(1 << 20) + 1]);
    assertEquals(
        large + ": is larger than 1048576 bytes",
        assertThrows(PemException.class, () -> PemFile.read(large)).getMessage());
    Path none = directory.resolve("none");
    assertEquals(
        none + ": there is no such file",
        assertThrows(PemException.class, () -> PemFile.read(none)).getMessage());
    assertEquals(
        directory + ": cannot be read",
        assertThrows(PemException.class, () -> PemFile.read(directory)).getMessage());
  }

  private void requireKeyOrProblem(String label, byte[] der, long seed) throws IOException {
    String text =
        "-----BEGIN "
            + label
            + "-----\n"
            + Base64.getMimeEncoder().encodeToString(der)
            + "\n-----END "
            + label
            + "-----\n";
    try {
      assertTrue(read(text).getEncoded().length > 0);
    } catch (PemException e) {
      assertTrue(String.valueOf(e.getMessage()).contains(": holds "), e::toString);
    } catch (RuntimeException e) {
      throw new AssertionError("seed " + seed + ", " + Base64.getEncoder().encodeToString(der), e);
    }
  }

  private void assertProblem(String problem, String text) {
    PemException refused = assertThrows(PemException.class, () -> read(text));
    assertEquals(directory.resolve("a.key") + ": " + problem, refused.getMessage());
  }

  private PrivateKey read(String text) throws IOException {
    return PemFile.read(Files.writeString(directory.resolve("a.key"), text)).privateKey();
  }

  /** PKCS #1 or SEC 1; Java leaves out the curve there, which stands beside it in PKCS #8. */
  private static byte[] inner(PrivateKey key) throws IOException {
    PrivateKeyInfo info = PrivateKeyInfo.getInstance(key.getEncoded());
    if (key instanceof ECPrivateKey ec) {
      return new org.bouncycastle.asn1.sec.ECPrivateKey(
              ec.getParams().getOrder().bitLength(),
              ec.getS(),
              info.getPrivateKeyAlgorithm().getParameters())
          .getEncoded();
    }
    return info.parsePrivateKey().toASN1Primitive().getEncoded();
  }

  /** What a key is, however it is encoded. */
  private static List<BigInteger> number(PrivateKey key) {
    return key instanceof ECPrivateKey ec
        ? List.of(ec.getS(), ec.getParams().getOrder())
        : List.of(((RSAPrivateKey) key).getPrivateExponent(), ((RSAPrivateKey) key).getModulus());
  }

  private static KeyPair rsa(int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(bits);
    return generator.generateKeyPair();
  }

  private static KeyPair ec(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  private static JcaPKCS8Generator ed25519() throws Exception {
    return new JcaPKCS8Generator(
        KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate(), null);
  }

  private static String pem(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }
}
