package dev.modelgate.main;

import dev.modelgate.config.YamlNode;
import dev.modelgate.grpc.Authentication.Unidentified;
import dev.modelgate.identity.IdentitySettings;
import dev.modelgate.identity.OidcSettings;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The settings that say whose credentials are taken. */
final class IdentityOptions {
  @Option(
      names = "--unauthenticated",
      paramLabel = "WHERE",
      defaultValue = "local",
      description =
          "from where the data plane answers callers without a credential: local (loopback and the"
              + " socket), never or anywhere (${DEFAULT-VALUE})")
  String unauthenticated = "local";

  @Option(
      names = "--oidc-issuer",
      paramLabel = "URL",
      defaultValue = "",
      description = "issuer of the tokens that are taken, beside the bootstrap token")
  String issuer = "";

  @Option(
      names = "--oidc-audience",
      paramLabel = "NAME",
      defaultValue = "",
      description = "what the audience of these tokens must have")
  String audience = "";

  @Option(
      names = "--oidc-organizations",
      paramLabel = "IDS",
      defaultValue = "",
      description = "ids of the organizations that these tokens may be used in, or * for all")
  String organizations = "";

  @Option(
      names = "--oidc-principal-claim",
      paramLabel = "CLAIM",
      defaultValue = "sub",
      description = "claim that is the id of the user (${DEFAULT-VALUE})")
  String principalClaim = "sub";

  @Option(
      names = "--oidc-groups-claim",
      paramLabel = "CLAIM",
      defaultValue = "",
      description = "claim that lists groups to be counted as memberships in a check")
  String groupsClaim = "";

  @Option(
      names = "--oidc-keys",
      paramLabel = "URL|FILE",
      defaultValue = "",
      description = "JWK set of the issuer; found by OpenID Connect discovery when not set")
  String keys = "";

  @Option(
      names = "--identity-file",
      paramLabel = "FILE",
      description = "YAML file with several issuers and with rules for certificates")
  @Nullable Path file;

  /** From where the data plane answers callers without a credential. */
  Unidentified unidentified() {
    return Unidentified.valueOf(unauthenticated.toUpperCase(Locale.ROOT));
  }

  /**
   * Whose credentials are taken.
   *
   * @throws dev.modelgate.config.SettingException naming the setting or the line of the file
   */
  IdentitySettings settings() {
    IdentitySettings settings =
        file == null
            ? IdentitySettings.NONE
            : IdentitySettings.read(YamlNode.read(file.toString()).fields(IdentitySettings.KEYS));
    OidcSettings oidc =
        new OidcSettings(issuer, audience, organizations, principalClaim, groupsClaim, keys);
    return oidc.isSet() ? settings.with(oidc) : settings;
  }
}
