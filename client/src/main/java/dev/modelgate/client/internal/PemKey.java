package dev.modelgate.client.internal;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;

/**
 * Decodes private keys. Java reads PKCS #8 alone; cert-manager and older OpenSSL write PKCS #1 and
 * SEC 1, which are the inner part of it:
 *
 * <pre>
 *   PrivateKeyInfo ::= SEQUENCE { version INTEGER 0,
 *                                 algorithm SEQUENCE { OID, NULL or the OID of the curve },
 *                                 privateKey OCTET STRING { PKCS #1 or SEC 1 } }    RFC 5208
 *   ECPrivateKey   ::= SEQUENCE { version INTEGER 1, privateKey OCTET STRING,
 *                                 parameters [0] OID of the curve, ... }            RFC 5915
 * </pre>
 */
final class PemKey {
  private static final int SEQUENCE = 0x30;
  private static final int OCTETS = 0x04;
  private static final int INTEGER = 0x02;
  private static final int PARAMETERS = 0xa0;
  private static final byte[] VERSION = {INTEGER, 1, 0};

  /** 1.2.840.113549.1.1.1 rsaEncryption and NULL. */
  private static final byte[] RSA = {
    6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0
  };

  /** 1.2.840.10045.2.1 ecPublicKey. */
  private static final byte[] EC = {6, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1};

  private PemKey() {}

  /**
   * Decodes the DER of a block.
   *
   * @param label what follows BEGIN
   * @throws GeneralSecurityException if it is no RSA or EC key in one of the three forms
   */
  static PrivateKey decode(String label, byte[] der) throws GeneralSecurityException {
    return switch (label) {
      case "PRIVATE KEY" -> ofAnyKind(der);
      case "RSA PRIVATE KEY" -> of("RSA", wrapped(RSA, der));
      case "EC PRIVATE KEY" -> of("EC", wrapped(concat(EC, curveOf(der)), der));
      default -> throw new InvalidKeySpecException("the label is not that of a private key");
    };
  }

  private static PrivateKey ofAnyKind(byte[] pkcs8) throws GeneralSecurityException {
    try {
      return of("RSA", pkcs8);
    } catch (InvalidKeySpecException e) {
      return of("EC", pkcs8);
    }
  }

  private static PrivateKey of(String algorithm, byte[] pkcs8) throws GeneralSecurityException {
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
  }

  private static byte[] wrapped(byte[] algorithm, byte[] inner) {
    return element(SEQUENCE, concat(VERSION, element(SEQUENCE, algorithm), element(OCTETS, inner)));
  }

  /** The OID element in the parameters of a SEC 1 key. */
  private static byte[] curveOf(byte[] sec1) throws InvalidKeySpecException {
    byte[] body = content(sec1, 0);
    for (int at = 0; at < body.length; at = next(body, at)) {
      if ((body[at] & 0xff) == PARAMETERS) {
        return content(body, at);
      }
    }
    throw new InvalidKeySpecException("the key does not name its curve");
  }

  private static byte[] content(byte[] der, int at) throws InvalidKeySpecException {
    int end = next(der, at);
    return Arrays.copyOfRange(der, end - length(der, at), end);
  }

  /** Where the element after the one at a place begins. */
  private static int next(byte[] der, int at) throws InvalidKeySpecException {
    int length = length(der, at);
    int header = (der[at + 1] & 0x80) == 0 ? 2 : 2 + (der[at + 1] & 0x7f);
    if (length > der.length - at - header) {
      throw new InvalidKeySpecException("an element is longer than the key");
    }
    return at + header + length;
  }

  /** The length of an element's content: one byte below 128, else in the 1 or 2 bytes after it. */
  private static int length(byte[] der, int at) throws InvalidKeySpecException {
    if (at + 4 > der.length && (at + 2 > der.length || (der[at + 1] & 0x80) != 0)) {
      throw new InvalidKeySpecException("the key is cut off");
    }
    return switch (der[at + 1] & 0xff) {
      case 0x81 -> der[at + 2] & 0xff;
      case 0x82 -> (der[at + 2] & 0xff) << 8 | der[at + 3] & 0xff;
      default -> {
        if ((der[at + 1] & 0x80) != 0) {
          throw new InvalidKeySpecException("an element is longer than 65535 bytes");
        }
        yield der[at + 1];
      }
    };
  }

  /** Its length in as few bytes as it takes, for DER has one form of each element. */
  private static byte[] element(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (content.length >= 0x100) {
      out.write(0x82);
      out.write(content.length >> 8);
    } else if (content.length >= 0x80) {
      out.write(0x81);
    }
    out.write(content.length);
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
