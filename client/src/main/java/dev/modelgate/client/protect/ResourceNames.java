package dev.modelgate.client.protect;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Maps the names of models and versions in requests to names of resources.
 *
 * <p>The mapping is injective (hazard 14): a name becomes one RFC 3986 segment in the one form that
 * the sidecar takes, so {@code meta-llama/Llama-3-8B} is {@code meta-llama%2FLlama-3-8B}. A version
 * that a server may read as the same number as another is refused.
 */
final class ResourceNames {
  /** The longest name of a model or version, in bytes as a resource has it. */
  static final int SEGMENT_BYTES_MAX = 256;

  private static final String PUNCTUATION = "-._~!$&'()*+,;=:@";
  private static final String HEX = "0123456789ABCDEF";
  private static final int DIGITS_MAX = 19;

  private final String models;
  private final VersionMode mode;

  ResourceNames(String parent, VersionMode mode) {
    this.models = parent + "/models/";
    this.mode = mode;
  }

  /**
   * The resource behind a model and, unless it is empty, a version of it.
   *
   * @throws MalformedException when no resource can have the name, or the version can be misread
   */
  String resource(String model, String version) {
    String resource = models + segment(model);
    if (version.isEmpty() || mode == VersionMode.IGNORE) {
      return resource;
    }
    requirePlain(version);
    return resource + "/versions/" + segment(version);
  }

  /** The resource behind a model; empty when no resource can have the name. */
  Optional<String> model(String model) {
    try {
      return model.isEmpty() ? Optional.empty() : Optional.of(resource(model, ""));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  /** Servers read {@code 03}, {@code +3} and {@code " 3"} as 3. */
  private void requirePlain(String version) {
    char first = version.charAt(0);
    boolean padded =
        first == '0'
            && version.length() > 1
            && version.charAt(1) >= '0'
            && version.charAt(1) <= '9';
    if (first == '+'
        || first == '-'
        || padded
        || version.chars().anyMatch(ResourceNames::isBlank)) {
      throw new MalformedException("a version with white space, a sign or leading zeros");
    }
    if (mode == VersionMode.NUMERIC
        && (version.length() > DIGITS_MAX
            || !version.chars().allMatch(digit -> digit >= '0' && digit <= '9'))) {
      throw new MalformedException("a version that is no number");
    }
  }

  private static boolean isBlank(int c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || Character.isISOControl(c);
  }

  private static String segment(String name) {
    boolean plain = true;
    for (int i = 0; i < name.length() && plain; i++) {
      plain = isPlain(name.charAt(i));
    }
    String segment = plain ? name : encoded(name);
    if (segment.length() > SEGMENT_BYTES_MAX || segment.equals(".") || segment.equals("..")) {
      throw new MalformedException(
          "a name of more than " + SEGMENT_BYTES_MAX + " encoded bytes, or of dots alone");
    }
    return segment;
  }

  private static String encoded(String name) {
    StringBuilder segment = new StringBuilder(name.length() + 16);
    for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
      if (isPlain(octet)) {
        segment.append((char) octet);
      } else {
        segment.append('%').append(HEX.charAt(octet >> 4 & 0xf)).append(HEX.charAt(octet & 0xf));
      }
    }
    if (name.chars().anyMatch(Character::isISOControl)) {
      throw new MalformedException("a name with a control character");
    }
    return segment.toString();
  }

  private static boolean isPlain(int c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c > 0 && c < 0x80 && PUNCTUATION.indexOf(c) >= 0;
  }
}
