package dev.modelgate.client.protect;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The path of a request as it came, in segments (hazard 37).
 *
 * <p>Invariant: no server that follows RFC 3986 splits it otherwise. What some decode, resolve or
 * cut before they split is refused: encoded slashes and backslashes, dot segments, empty segments
 * but the last, {@code ;}.
 *
 * @param raw the segments as they came; none for {@code /}
 * @param decoded the same, percent-decoded
 */
record RawPath(List<String> raw, List<String> decoded) {
  /** The longest target, in characters. */
  static final int TARGET_CHARS_MAX = 8_192;

  private static final String PUNCTUATION = "-._~!$&'()*+,=:@%";

  /**
   * Reads a request target.
   *
   * @throws MalformedException when it is no path, or one that servers read differently
   */
  static RawPath of(String target) {
    if (target.length() > TARGET_CHARS_MAX || !target.startsWith("/")) {
      throw new MalformedException("a target that is no path, or too long");
    }
    int query = target.indexOf('?');
    String path = query < 0 ? target : target.substring(0, query);
    for (int i = path.length(); i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        throw new MalformedException("a query with a character that must be encoded");
      }
    }
    if (path.length() == 1) {
      return new RawPath(List.of(), List.of());
    }
    List<String> raw = List.of(path.substring(1).split("/", -1));
    List<String> decoded = new ArrayList<>(raw.size());
    for (int i = 0; i < raw.size(); i++) {
      if (raw.get(i).isEmpty() && i < raw.size() - 1) {
        throw new MalformedException("a path with an empty segment");
      }
      decoded.add(decode(raw.get(i)));
    }
    return new RawPath(raw, decoded);
  }

  /** Whether anything of it is encoded. */
  boolean hasEncoded() {
    return !raw.equals(decoded);
  }

  private static String decode(String segment) {
    boolean encoded = false;
    for (int i = 0; i < segment.length(); i++) {
      requirePathCharacter(segment.charAt(i));
      encoded |= segment.charAt(i) == '%';
    }
    String decoded = encoded ? decodeOctets(segment) : segment;
    if (decoded.equals(".") || decoded.equals("..")) {
      throw new MalformedException("a path with a dot segment");
    }
    return decoded;
  }

  private static void requirePathCharacter(char c) {
    boolean ok =
        c >= 'a' && c <= 'z'
            || c >= 'A' && c <= 'Z'
            || c >= '0' && c <= '9'
            || PUNCTUATION.indexOf(c) >= 0;
    if (!ok) {
      throw new MalformedException("a path with a character that must be encoded, or with `;`");
    }
  }

  private static String decodeOctets(String segment) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream(segment.length());
    for (int i = 0; i < segment.length(); i++) {
      char c = segment.charAt(i);
      if (c != '%') {
        octets.write(c);
        continue;
      }
      int high = i + 2 < segment.length() ? Character.digit(segment.charAt(i + 1), 16) : -1;
      int low = i + 2 < segment.length() ? Character.digit(segment.charAt(i + 2), 16) : -1;
      int octet = high << 4 | low;
      if (high < 0 || low < 0) {
        throw new MalformedException("a path with a broken percent-encoding");
      }
      if (octet == '/' || octet == '\\' || octet < ' ' || octet == 0x7f) {
        throw new MalformedException(
            "a path with an encoded slash, backslash or control character");
      }
      octets.write(octet);
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(octets.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException("a path that is not UTF-8");
    }
  }
}
