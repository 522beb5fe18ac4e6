package dev.modelgate.identity;

import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.config.SettingException;
import dev.modelgate.config.YamlNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whose credentials are taken, issuers of tokens and rules for certificates in their order; and
 * what their holders may do.
 *
 * @param issuers each with an id of its own
 * @param certificates the first that fits a certificate counts
 * @param callers what callers may do
 */
public record IdentitySettings(
    List<IssuerSettings> issuers, List<CertificateRule> certificates, CallerRules callers) {
  /** The keys of the file that are read here. */
  public static final Set<String> KEYS = Set.of("issuers", "certificates", "callers");

  /** Nobody's but the bootstrap token. */
  public static final IdentitySettings NONE =
      new IdentitySettings(List.of(), List.of(), CallerRules.NONE);

  /** Copies the lists. */
  public IdentitySettings {
    issuers = List.copyOf(issuers);
    certificates = List.copyOf(certificates);
  }

  /**
   * Reads the fields of a file, those of others left alone.
   *
   * @throws SettingException naming the line
   */
  public static IdentitySettings read(Map<String, YamlNode> fields) {
    List<IssuerSettings> issuers = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    for (YamlNode entry : items(fields.get("issuers"))) {
      IssuerSettings issuer = IssuerReader.read(entry);
      if (!ids.add(issuer.id())) {
        throw entry.error("id: `" + issuer.id() + "` stands twice");
      }
      issuers.add(issuer);
    }
    List<CertificateRule> certificates = new ArrayList<>();
    items(fields.get("certificates"))
        .forEach(entry -> certificates.add(CertificateReader.read(entry)));
    YamlNode callers = fields.get("callers");
    return new IdentitySettings(
        issuers, certificates, callers == null ? CallerRules.NONE : CallerReader.read(callers));
  }

  /**
   * These and one issuer more, the first.
   *
   * @throws SettingException when there is one of that id
   */
  public IdentitySettings with(OidcSettings oidc) {
    IssuerSettings issuer = oidc.issuerSettings();
    if (issuers.stream().anyMatch(other -> other.id().equals(issuer.id()))) {
      throw SettingException.of(
          "identity-file", issuer.id(), "another id than that of oidc-issuer");
    }
    List<IssuerSettings> all = new ArrayList<>(List.of(issuer));
    all.addAll(issuers);
    return new IdentitySettings(all, certificates, callers);
  }

  private static List<YamlNode> items(@Nullable YamlNode node) {
    return node == null ? List.of() : node.items();
  }
}
