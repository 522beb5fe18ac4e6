package dev.modelgate.app;

import dev.modelgate.store.Digest;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The secret of an external link: {@value #BYTES} random bytes as URL-safe base64. It is shown once
 * and then known by its SHA-256 only, which is as good as itself: nobody guesses that many bits
 * (hazard 32).
 *
 * <p>Invariant: no text that a program writes by itself holds it.
 */
public final class LinkSecret {
  /** How many random bytes it has. */
  static final int BYTES = 32;

  private final String text;

  private LinkSecret(String text) {
    this.text = text;
  }

  /** A new one. */
  public static LinkSecret of(SecureRandom random) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return new LinkSecret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  /** What the holder of the link is told, once. */
  public String text() {
    return text;
  }

  /** What is stored. */
  public byte[] hash() {
    return hashOf(text);
  }

  /** SHA-256 of a text that somebody gives as a secret, 32 bytes. */
  public static byte[] hashOf(String text) {
    return Digest.sha256().digest(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public String toString() {
    return "secret";
  }
}
