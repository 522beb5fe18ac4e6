package dev.modelgate.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The token of the system administrator, known by its digest alone: what is compared is the digest
 * of what is shown, in constant time.
 */
public final class BootstrapToken {
  private final byte[] digest;

  /**
   * Knows one token.
   *
   * @param digest SHA-256 of the token
   */
  public BootstrapToken(byte[] digest) {
    this.digest = digest.clone();
  }

  /** Whether that is the token. */
  boolean is(String token) {
    return MessageDigest.isEqual(sha256(token), digest);
  }

  /** What the digest of a token is. */
  static byte[] sha256(String token) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
