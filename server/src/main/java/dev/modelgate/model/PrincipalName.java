package dev.modelgate.model;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Locale;

/**
 * The canonical name of a principal: {@code user:ana@acme.com}, {@code group:risk}, {@code
 * allUsers}.
 *
 * <p>Invariant: two names are the same principal exactly when their texts are equal (hazard 14).
 * Therefore a text that is not canonical is refused instead of being repaired: Unicode form NFC, no
 * white space or control characters, an id with an {@code @} in lower case; every other id is
 * opaque and case-sensitive (OIDC subjects, SPIFFE paths).
 *
 * @param kind which kind of principal
 * @param id the id after the colon, 1 to 256 bytes of UTF-8; empty for kinds without an id
 */
public record PrincipalName(PrincipalKind kind, String id) {
  /** The longest id, in bytes of UTF-8. */
  public static final int ID_BYTES_MAX = 256;

  public static final PrincipalName ALL_USERS = new PrincipalName(PrincipalKind.ALL_USERS, "");
  public static final PrincipalName ALL_AUTHENTICATED_USERS =
      new PrincipalName(PrincipalKind.ALL_AUTHENTICATED_USERS, "");
  public static final PrincipalName ANONYMOUS = new PrincipalName(PrincipalKind.ANONYMOUS, "");

  private static final String EXPECTED =
      "expected: `kind:id` with kind user, serviceAccount, app, group, organization or domain, or `allUsers`,"
          + " `allAuthenticatedUsers`, `anonymous`";

  /** Refuses an id that is not canonical. */
  public PrincipalName {
    if (kind.hasId()) {
      requireCanonical(kind, id);
    } else if (!id.isEmpty()) {
      throw new InvalidNameException(
          "principal", kind.prefix() + ":" + id, "`" + kind.prefix() + "` takes no id");
    }
  }

  /**
   * Reads a name.
   *
   * @throws InvalidNameException when the text is empty, of an unknown kind, too long or not
   *     canonical
   */
  public static PrincipalName parse(String text) {
    int colon = text.indexOf(':');
    String prefix = colon < 0 ? text : text.substring(0, colon);
    PrincipalKind kind =
        PrincipalKind.ofPrefix(prefix)
            .orElseThrow(() -> new InvalidNameException("principal", text, EXPECTED));
    if (kind.hasId() != (colon >= 0)) {
      throw new InvalidNameException("principal", text, EXPECTED);
    }
    return new PrincipalName(kind, colon < 0 ? "" : text.substring(colon + 1));
  }

  /** The whole organization of that id, as a recipient. */
  public static PrincipalName organization(String organizationId) {
    return new PrincipalName(PrincipalKind.ORGANIZATION, organizationId);
  }

  /** The domain behind the last {@code @} of the id, or an empty text. */
  public String emailDomain() {
    int at = id.lastIndexOf('@');
    return at < 0 ? "" : id.substring(at + 1);
  }

  /** The text that {@link #parse} reads. */
  @Override
  public String toString() {
    return kind.hasId() ? kind.prefix() + ":" + id : kind.prefix();
  }

  private static void requireCanonical(PrincipalKind kind, String id) {
    if (id.isEmpty()) {
      throw notCanonical(kind, id, "expected: an id after the colon");
    }
    boolean ascii = isAscii(id);
    boolean tooLong =
        id.length() > ID_BYTES_MAX
            || !ascii && id.getBytes(StandardCharsets.UTF_8).length > ID_BYTES_MAX;
    if (tooLong) {
      throw notCanonical(kind, id, "expected: an id of 1 to " + ID_BYTES_MAX + " bytes");
    }
    int at = -1;
    for (int i = 0; i < id.length(); ) {
      int point = id.codePointAt(i);
      if (isForbidden(point)) {
        throw notCanonical(
            kind, id, "expected: no white space, control, format or unassigned characters");
      }
      at = point == '@' ? i : at;
      i += Character.charCount(point);
    }
    if (at >= 0 && !id.equals(id.toLowerCase(Locale.ROOT))) {
      throw notCanonical(kind, id, "expected: an id with an `@` in lower case");
    }
    if (!ascii && !Normalizer.isNormalized(id, Normalizer.Form.NFC)) {
      throw notCanonical(kind, id, "expected: Unicode normalization form NFC");
    }
  }

  private static InvalidNameException notCanonical(PrincipalKind kind, String id, String expected) {
    return new InvalidNameException("principal", kind.prefix() + ":" + id, expected);
  }

  /** What is all ASCII needs neither be encoded to be measured nor normalized to be compared. */
  private static boolean isAscii(String id) {
    for (int i = 0; i < id.length(); i++) {
      if (id.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static boolean isForbidden(int point) {
    if (point > 0x20 && point < 0x7f) {
      return false;
    }
    int type = Character.getType(point);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.SURROGATE
        || type == Character.PRIVATE_USE
        || type == Character.UNASSIGNED
        || Character.isWhitespace(point)
        || Character.isSpaceChar(point);
  }
}
