package dev.modelgate.identity;

import dev.modelgate.client.identity.KeySource;
import dev.modelgate.client.identity.TrustedIssuer;
import dev.modelgate.config.SettingException;
import dev.modelgate.model.PrincipalKind;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One issuer as flat settings: what most operators need. The id of the issuer is {@value #ID}.
 *
 * @param issuer {@code oidc-issuer}
 * @param audience {@code oidc-audience}, mandatory
 * @param organizations {@code oidc-organizations}, mandatory: ids with commas between them, or
 *     {@code *} for all
 * @param principalClaim {@code oidc-principal-claim}
 * @param groupsClaim {@code oidc-groups-claim}, empty for none
 * @param keys {@code oidc-keys}, a URL or a path; empty for discovery
 */
public record OidcSettings(
    String issuer,
    String audience,
    String organizations,
    String principalClaim,
    String groupsClaim,
    String keys) {
  /** The id of the issuer, which begins the names of its groups. */
  public static final String ID = "oidc";

  /** Whether there is such an issuer at all; what belongs to one without it is a mistake. */
  public boolean isSet() {
    return !(issuer.isBlank()
        && audience.isBlank()
        && organizations.isBlank()
        && groupsClaim.isBlank()
        && keys.isBlank());
  }

  /** Refuses what does not go together, naming the setting. */
  IssuerSettings issuerSettings() {
    requireText("oidc-issuer", issuer, "the issuer's URL");
    requireText("oidc-audience", audience, "what `aud` of the tokens must have");
    requireText("oidc-organizations", organizations, "ids of organizations, or * for all");
    requireText("oidc-principal-claim", principalClaim, "the name of a claim");
    Optional<Set<String>> bound = organizationIds();
    if (!groupsClaim.isBlank() && bound.isEmpty()) {
      throw SettingException.of(
          "oidc-groups-claim", groupsClaim, "oidc-organizations by name beside it");
    }
    KeySource source =
        keys.isBlank()
            ? read("oidc-issuer", issuer, KeySource::discovery, "an https URL, or oidc-keys")
            : read("oidc-keys", keys, KeySource::of, "an https URL or a path");
    return new IssuerSettings(
        ID,
        issuer,
        Set.of(audience),
        bound,
        source,
        TrustedIssuer.ALGORITHMS_DEFAULT,
        principalClaim,
        PrincipalKind.USER,
        false,
        groupsClaim.strip(),
        TrustedIssuer.SKEW_DEFAULT,
        TrustedIssuer.REFRESH_DEFAULT,
        TrustedIssuer.STALE_DEFAULT,
        Optional.empty());
  }

  private Optional<Set<String>> organizationIds() {
    if (organizations.strip().equals(IssuerReader.ALL)) {
      return Optional.empty();
    }
    Set<String> ids = new LinkedHashSet<>();
    for (String id : List.of(organizations.split(",", -1))) {
      ids.add(
          read("oidc-organizations", id.strip(), IssuerReader::organization, "ids, or * for all"));
    }
    return Optional.of(ids);
  }

  private static <T> T read(
      String setting, String text, Function<String, T> reader, String expected) {
    try {
      return reader.apply(text);
    } catch (IllegalArgumentException e) {
      throw SettingException.of(setting, text, expected);
    }
  }

  private static void requireText(String setting, String text, String expected) {
    if (text.isBlank()) {
      throw SettingException.of(setting, text, expected);
    }
  }
}
