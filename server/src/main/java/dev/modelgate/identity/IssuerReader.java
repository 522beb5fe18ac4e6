package dev.modelgate.identity;

import dev.modelgate.client.identity.KeySource;
import dev.modelgate.client.identity.TrustedIssuer;
import dev.modelgate.config.YamlNode;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.ResourceName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads an entry of {@code issuers:}. */
final class IssuerReader {
  private static final Set<String> KEYS =
      Set.of(
          "id",
          "issuer",
          "audience",
          "organizations",
          "keys",
          "algorithms",
          "principal-claim",
          "principal-kind",
          "any-email",
          "groups-claim",
          "skew-seconds",
          "refresh-seconds",
          "stale-seconds",
          "trusted-certificates");

  /** In place of ids: every organization. */
  static final String ALL = "*";

  private static final Pattern ID = Pattern.compile("[a-z0-9-]{1,32}");

  private static final List<PrincipalKind> ACCOUNTS =
      List.of(PrincipalKind.USER, PrincipalKind.SERVICE_ACCOUNT, PrincipalKind.APP);

  private static final long DAY_SECONDS = 86_400;

  private IssuerReader() {}

  static IssuerSettings read(YamlNode entry) {
    Map<String, YamlNode> fields = entry.fields(KEYS);
    YamlNode issuer = entry.required(fields, "issuer");
    Optional<Set<String>> organizations = organizations(entry, fields);
    YamlNode groups = fields.get("groups-claim");
    if (groups != null && organizations.isEmpty()) {
      throw groups.error("groups-claim: needs `organizations` by name, for groups hold in those");
    }
    YamlNode kind = fields.get("principal-kind");
    YamlNode keys = fields.get("keys");
    YamlNode trusted = fields.get("trusted-certificates");
    YamlNode anyEmail = fields.get("any-email");
    return new IssuerSettings(
        entry.required(fields, "id").as(IssuerReader::id, "1 to 32 of a-z, 0-9 and -"),
        issuer.text(),
        texts(entry.required(fields, "audience")),
        organizations,
        keys == null
            ? issuer.as(KeySource::discovery, "an https URL, or `keys` beside it")
            : keys.as(KeySource::of, "an https URL or a path"),
        algorithms(fields.get("algorithms")),
        text(fields.get("principal-claim"), "sub"),
        kind == null
            ? PrincipalKind.USER
            : kind.as(IssuerReader::kind, "user, serviceAccount or app"),
        anyEmail != null && anyEmail.flag(),
        text(groups, ""),
        seconds(fields.get("skew-seconds"), TrustedIssuer.SKEW_DEFAULT, 0, 300),
        seconds(fields.get("refresh-seconds"), TrustedIssuer.REFRESH_DEFAULT, 10, DAY_SECONDS),
        seconds(fields.get("stale-seconds"), TrustedIssuer.STALE_DEFAULT, 60, 7 * DAY_SECONDS),
        trusted == null ? Optional.empty() : Optional.of(trusted.as(Path::of, "a path")));
  }

  /** The organizations that something is bound to; empty for {@code "*"}, which is all. */
  static Optional<Set<String>> organizations(YamlNode entry, Map<String, YamlNode> fields) {
    List<YamlNode> items = entry.required(fields, "organizations").oneOrMore();
    if (items.size() == 1 && items.get(0).text().equals(ALL)) {
      return Optional.empty();
    }
    Set<String> ids = new LinkedHashSet<>();
    for (YamlNode item : items) {
      ids.add(item.as(IssuerReader::organization, "ids of organizations, or \"*\" for all"));
    }
    if (ids.isEmpty()) {
      throw entry.error("organizations: is empty, so that the credential is good for nothing");
    }
    return Optional.of(ids);
  }

  static String organization(String id) {
    if (id.indexOf('/') >= 0 || id.equals(ALL)) {
      throw new IllegalArgumentException("no id");
    }
    return ResourceName.parse("organizations/" + id).organizationId();
  }

  /** A kind of principal that a credential can be of. */
  static PrincipalKind kind(String prefix) {
    for (PrincipalKind kind : ACCOUNTS) {
      if (kind.prefix().equals(prefix)) {
        return kind;
      }
    }
    throw new IllegalArgumentException(prefix);
  }

  private static String id(String text) {
    if (!ID.matcher(text).matches()) {
      throw new IllegalArgumentException(text);
    }
    return text;
  }

  private static Set<String> algorithms(@Nullable YamlNode node) {
    if (node == null) {
      return TrustedIssuer.ALGORITHMS_DEFAULT;
    }
    Set<String> names = texts(node);
    for (String name : names) {
      if (!TrustedIssuer.ALGORITHMS.contains(name)) {
        throw node.error("algorithms: expected some of " + new TreeSet<>(TrustedIssuer.ALGORITHMS));
      }
    }
    return names;
  }

  private static Set<String> texts(YamlNode node) {
    Set<String> texts = new LinkedHashSet<>();
    node.oneOrMore().forEach(item -> texts.add(item.text()));
    if (texts.isEmpty()) {
      throw node.error("expected: at least one text");
    }
    return texts;
  }

  private static String text(@Nullable YamlNode node, String otherwise) {
    return node == null ? otherwise : node.text();
  }

  private static Duration seconds(@Nullable YamlNode node, Duration otherwise, long min, long max) {
    return node == null ? otherwise : Duration.ofSeconds(node.number(min, max));
  }
}
