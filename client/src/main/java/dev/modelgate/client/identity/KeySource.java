package dev.modelgate.client.identity;

import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/** Where the public keys of an issuer are found. */
public sealed interface KeySource {
  /** The issuer's own discovery document names the place. */
  record Discovery(URI document) implements KeySource {}

  /** A JWK set over HTTP. */
  record Url(URI uri) implements KeySource {}

  /** A JWK set in a file, read again whenever keys are refreshed. */
  record File(Path path) implements KeySource {}

  /** What follows the issuer, as OpenID Connect Discovery 1.0, section 4, has it. */
  String WELL_KNOWN = "/.well-known/openid-configuration";

  /** Addresses of this machine; names are not asked for theirs. */
  Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

  /**
   * The source behind a text: a URL or a path.
   *
   * @throws IllegalArgumentException for a URL that is none to be trusted
   */
  static KeySource of(String text) {
    return text.toLowerCase(Locale.ROOT).startsWith("http:")
            || text.toLowerCase(Locale.ROOT).startsWith("https:")
        ? new Url(safe(text))
        : new File(Path.of(text));
  }

  /**
   * The discovery document of an issuer.
   *
   * @throws IllegalArgumentException for an issuer that is no URL to be trusted
   */
  static KeySource discovery(String issuer) {
    safe(issuer);
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    return new Discovery(safe(base + WELL_KNOWN));
  }

  /**
   * A URL that keys may be fetched from: https, or http on this machine.
   *
   * @throws IllegalArgumentException for any other
   */
  static URI safe(String text) {
    URI uri = URI.create(text);
    String host = uri.getHost();
    boolean secure = "https".equalsIgnoreCase(uri.getScheme());
    boolean local =
        "http".equalsIgnoreCase(uri.getScheme())
            && host != null
            && LOOPBACK.matcher(host).matches();
    if (host == null
        || !(secure || local)
        || uri.getRawUserInfo() != null
        || uri.getRawFragment() != null) {
      throw new IllegalArgumentException("no https URL, nor an http URL of this machine");
    }
    return uri;
  }
}
