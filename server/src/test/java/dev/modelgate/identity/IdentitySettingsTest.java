package dev.modelgate.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.identity.KeySource;
import dev.modelgate.config.SettingException;
import dev.modelgate.config.YamlNode;
import dev.modelgate.config.YamlNodes;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an identity file and the flat settings say, and what they are refused for. */
final class IdentitySettingsTest {
  private static final String ISSUER =
      "issuers:\n- id: kc\n  issuer: https://sso.acme.com/realms/acme\n  audience: modelgate\n";
  private static final String BOUND = ISSUER + "  organizations: acme\n";
  private static final String RULE = "certificates:\n- organizations: acme\n";

  @TempDir private Path directory;

  @Test
  void issuer_withoutMore_isDiscoveredAndHeldToUsualBounds() {
    IssuerSettings issuer = read(BOUND).issuers().get(0);
    assertEquals(
        new KeySource.Discovery(
            URI.create("https://sso.acme.com/realms/acme/.well-known/openid-configuration")),
        issuer.keys());
    assertEquals(Set.of("RS256", "ES256"), issuer.algorithms());
    assertEquals("sub", issuer.principalClaim());
    assertEquals(Duration.ofSeconds(60), issuer.skew());
    assertEquals(Duration.ofMinutes(5), issuer.refreshEvery());
    assertEquals(Duration.ofDays(1), issuer.staleMax());
  }

  @Test
  void issuer_mayBeNoUrl_whenItsKeysAreNamed() {
    String yaml = BOUND.replace("https://sso.acme.com/realms/acme", "acme");
    assertEquals(
        new KeySource.File(Path.of("keys.json")),
        read(yaml + "  keys: keys.json\n").issuers().get(0).keys());
    assertEquals(
        new KeySource.Url(URI.create("http://localhost:8080/keys")),
        read(yaml + "  keys: http://localhost:8080/keys\n").issuers().get(0).keys());
    refused(3, "expected: an https URL", yaml);
  }

  @Test
  void mistakes_areNamedWithTheirLine() {
    refused(2, "`organizations` is missing", ISSUER);
    refused(2, "`audience` is missing", BOUND.replace("  audience: modelgate\n", ""));
    refused(4, "expected: a text", BOUND.replace("modelgate", "\"\""));
    refused(4, "at least one", BOUND.replace("modelgate", "[]"));
    refused(2, "1 to 32 of a-z", BOUND.replace("id: kc", "id: kc:x"));
    refused(6, "unknown key `audiences`", BOUND + "  audiences: x\n");
    refused(6, "`audience` stands twice", BOUND + "  audience: x\n");
    refused(6, "expected some of [ES256", BOUND + "  algorithms: [RS256, HS256]\n");
    refused(6, "expected some of [ES256", BOUND + "  algorithms: none\n");
    refused(6, "0..300", BOUND + "  skew-seconds: 301\n");
    refused(6, "10..86400", BOUND + "  refresh-seconds: 9\n");
    refused(6, "60..604800", BOUND + "  stale-seconds: 604801\n");
    refused(6, "user, serviceAccount or app", BOUND + "  principal-kind: group\n");
    refused(6, "true or false", BOUND + "  any-email: yes\n");
    refused(6, "an https URL or a path", BOUND + "  keys: http://sso.acme.com/keys\n");
    refused(6, "an https URL or a path", BOUND + "  keys: https://user@sso.acme.com/keys\n");
    refused(5, "ids of organizations", ISSUER + "  organizations: [acme, \"*\"]\n");
    refused(5, "ids of organizations", ISSUER + "  organizations: a/environments/b\n");
    refused(
        6, "needs `organizations` by name", ISSUER + "  organizations: \"*\"\n  groups-claim: g\n");
    refused(6, "`kc` stands twice", BOUND + BOUND.substring("issuers:\n".length()));
    refused(1, "unknown key `callerz`", "callerz: 1\n");
    refused(1, "expected: a list", "issuers: x\n");
    refused(1, "expected: a mapping", "- issuers\n");
  }

  @Test
  void certificateRules_thatCouldMeanMoreThanOneThing_areRefused() {
    refused(2, "one of `uri`, `dns` and `subject`", RULE + "  principal: user:a\n");
    refused(2, "one of `uri`", RULE + "  principal: user:a\n  uri: a\n  dns: b\n");
    refused(3, "{id} must stand once", RULE + "  principal: user:{id}\n  dns: b\n");
    refused(3, "{id} must stand once", RULE + "  principal: user:a\n  dns: \"{id}\"\n");
    refused(3, "{id} must stand once", RULE + "  principal: user:{id}{id}\n  dns: \"{id}.{id}\"\n");
    refused(3, "a user, serviceAccount or app", RULE + "  principal: group:a\n  dns: b\n");
    refused(3, "a user, serviceAccount or app", RULE + "  principal: allUsers\n  dns: b\n");
    refused(4, "a subject such as", RULE + "  principal: user:a\n  subject: ana\n");
  }

  @Test
  void file_thatIsMissingEmptyOrNoYaml_isRefused() throws IOException {
    Path file = directory.resolve("identity.yaml");
    assertThrows(SettingException.class, () -> YamlNode.read(file.toString()));
    for (String text : new String[] {"", "# nothing\n", "a: [", "a: &x 1\nb: *y\n"}) {
      Files.writeString(file, text);
      String message =
          String.valueOf(
              assertThrows(SettingException.class, () -> YamlNode.read(file.toString()))
                  .getMessage());
      assertTrue(message.startsWith(file.toString()), message);
    }
  }

  @Test
  void flatSettings_makeOneIssuer() {
    OidcSettings flat =
        new OidcSettings("https://sso.acme.com", "modelgate", "acme, beta", "email", "groups", "");
    IssuerSettings issuer = IdentitySettings.NONE.with(flat).issuers().get(0);
    assertEquals("oidc", issuer.id());
    assertEquals(Optional.of(Set.of("acme", "beta")), issuer.organizations());
    assertEquals("groups", issuer.groupsClaim());
  }

  @Test
  void flatSettings_thatLackOneAnother_nameTheSetting() {
    refused("oidc-issuer", new OidcSettings("", "a", "acme", "sub", "", ""));
    refused("oidc-audience", new OidcSettings("https://a.com", "", "acme", "sub", "", ""));
    refused("oidc-organizations", new OidcSettings("https://a.com", "a", "", "sub", "", ""));
    refused("oidc-organizations", new OidcSettings("https://a.com", "a", "acme,", "sub", "", ""));
    refused("oidc-organizations", new OidcSettings("https://a.com", "a", "acme,*", "sub", "", ""));
    refused("oidc-issuer", new OidcSettings("http://a.com", "a", "acme", "sub", "", ""));
    refused("oidc-keys", new OidcSettings("a", "a", "acme", "sub", "", "http://a.com/k"));
    refused("oidc-groups-claim", new OidcSettings("https://a.com", "a", "*", "sub", "g", ""));
    refused("oidc-principal-claim", new OidcSettings("https://a.com", "a", "*", "", "", ""));
  }

  private static IdentitySettings read(String yaml) {
    return IdentitySettings.read(YamlNodes.parse(yaml).fields(IdentitySettings.KEYS));
  }

  private static void refused(int line, String problem, String yaml) {
    String message =
        String.valueOf(assertThrows(SettingException.class, () -> read(yaml), yaml).getMessage());
    assertTrue(message.startsWith("test.yaml, line " + line + ": "), message);
    assertTrue(message.contains(problem), message);
  }

  private static void refused(String setting, OidcSettings flat) {
    SettingException e =
        assertThrows(SettingException.class, () -> IdentitySettings.NONE.with(flat));
    assertEquals(Optional.of(setting), e.setting());
  }
}
