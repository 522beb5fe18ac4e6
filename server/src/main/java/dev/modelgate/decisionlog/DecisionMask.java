package dev.modelgate.decisionlog;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Replaces names in the decision log by a digest of them that takes a key: the same name is the
 * same digest, so that lines can be counted and joined, but nobody without the key can find out
 * whose it is by trying names. What stands before the first colon of a principal stays: {@code
 * user:#3f9c...}. For one thread.
 */
public final class DecisionMask {
  /** What can be masked. */
  public enum Field {
    /** The principal asked about and those it acts through. */
    PRINCIPALS,
    /** The resource. */
    RESOURCES,
    /** Who asked. */
    CALLERS
  }

  private static final String ALGORITHM = "HmacSHA256";
  private static final int DIGEST_BYTES = 16;

  private final Set<Field> fields;
  private final Mac mac;

  /**
   * Masks some fields.
   *
   * @param key at least 32 random bytes
   */
  public DecisionMask(Set<Field> fields, byte[] key) {
    this.fields = Set.copyOf(fields);
    try {
      this.mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }

  /** The value as it is written. */
  String of(Field field, String value) {
    if (value.isEmpty() || !fields.contains(field)) {
      return value;
    }
    int kind = field == Field.PRINCIPALS ? value.indexOf(':') + 1 : 0;
    byte[] digest = mac.doFinal(value.getBytes(StandardCharsets.UTF_8));
    return value.substring(0, kind)
        + "#"
        + HexFormat.of().formatHex(Arrays.copyOf(digest, DIGEST_BYTES));
  }
}
