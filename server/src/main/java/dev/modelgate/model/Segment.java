package dev.modelgate.model;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;

/**
 * One id in a path: an RFC 3986 segment in the one normal form that makes the mapping from raw ids
 * injective (hazard 14).
 *
 * <p>Letters, digits and {@code -._~!$&'()*+,;=:@} stand for themselves and must not be encoded;
 * every other byte of the raw id's UTF-8 is written {@code %XX} with upper-case digits, decodes to
 * valid UTF-8 in form NFC and is no control character. {@code .} and {@code ..} are no ids.
 * Examples: {@code fraud}, {@code meta-llama%2FLlama-3-8B}, {@code bet%C3%A1}; refused: {@code
 * %66raud} (an encoded letter), {@code a%2fb} (lower-case digits), {@code %00}.
 */
final class Segment {
  /** The longest id, in bytes of its encoded form. */
  static final int BYTES_MAX = 256;

  private static final String RAW_PUNCTUATION = "-._~!$&'()*+,;=:@";
  private static final String HEX = "0123456789ABCDEF";

  private Segment() {}

  static void requireCollection(String path, String collection) {
    boolean ok = !collection.isEmpty() && collection.length() <= 63;
    for (int i = 0; ok && i < collection.length(); i++) {
      char c = collection.charAt(i);
      ok = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' && i > 0;
    }
    if (!ok) {
      throw invalid(path, "expected: a collection of letters before each id, no empty segment");
    }
  }

  static void requireId(String path, String id) {
    if (id.isEmpty()) {
      throw invalid(path, "expected: no empty segment");
    }
    if (id.length() > BYTES_MAX) {
      throw invalid(path, "expected: ids of 1 to " + BYTES_MAX + " bytes");
    }
    if (id.equals(".") || id.equals("..")) {
      throw invalid(path, "expected: no segment `.` or `..`");
    }
    boolean encoded = false;
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c == '%') {
        encoded = true;
        i += 2;
      } else if (!isRaw(c)) {
        throw invalid(path, "expected: other characters percent-encoded as UTF-8");
      }
    }
    if (encoded) {
      requireNormalEncoding(path, id);
    }
  }

  private static boolean isRaw(int c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c < 0x80 && RAW_PUNCTUATION.indexOf(c) >= 0;
  }

  private static void requireNormalEncoding(String path, String id) {
    ByteBuffer raw = ByteBuffer.allocate(id.length());
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c != '%') {
        raw.put((byte) c);
        continue;
      }
      int high = i + 2 < id.length() ? HEX.indexOf(id.charAt(i + 1)) : -1;
      int low = i + 2 < id.length() ? HEX.indexOf(id.charAt(i + 2)) : -1;
      if (high < 0 || low < 0) {
        throw invalid(path, "expected: `%` followed by two upper-case hexadecimal digits");
      }
      int octet = high << 4 | low;
      if (isRaw(octet)) {
        throw invalid(path, "expected: characters that need no encoding written plainly");
      }
      if (octet < 0x20 || octet == 0x7f) {
        throw invalid(path, "expected: no control characters");
      }
      raw.put((byte) octet);
      i += 2;
    }
    String decoded;
    try {
      decoded = StandardCharsets.UTF_8.newDecoder().decode(raw.flip()).toString();
    } catch (CharacterCodingException e) {
      throw invalid(path, "expected: percent-encoded UTF-8");
    }
    if (!Normalizer.isNormalized(decoded, Normalizer.Form.NFC)
        || decoded.codePoints().anyMatch(Character::isISOControl)) {
      throw invalid(path, "expected: Unicode normalization form NFC without control characters");
    }
  }

  private static InvalidNameException invalid(String path, String expected) {
    return new InvalidNameException("resource", path, expected);
  }
}
