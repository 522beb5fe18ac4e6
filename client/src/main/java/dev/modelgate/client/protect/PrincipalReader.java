package dev.modelgate.client.protect;

import dev.modelgate.client.identity.KeySource;
import dev.modelgate.client.identity.NamePattern;
import dev.modelgate.client.identity.TrustedIssuer;
import dev.modelgate.client.protect.CredentialSource.TokenIssuer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code principal} and {@code acting-through} of a protection document. */
final class PrincipalReader {
  private static final Set<String> SOURCES =
      Set.of("header", "kind", "jwt", "certificate", "forwarded-certificate", "trusted-hop");
  private static final Set<String> ISSUER_KEYS =
      Set.of(
          "issuer",
          "audience",
          "keys",
          "algorithms",
          "principal-claim",
          "principal-kind",
          "any-email",
          "skew-seconds",
          "refresh-seconds",
          "stale-seconds",
          "trusted-certificates");
  private static final Set<String> NAME_KEYS = Set.of("uri", "dns", "subject");
  private static final Set<String> MAPPING_KEYS = Set.of("uri", "dns", "subject", "principal");
  private static final String OF_THE_SIDECAR = "sidecar";
  private static final int SOURCES_MAX = 8;
  private static final long DAY_SECONDS = 86_400;
  private static final Pattern HEADER = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
  private static final Pattern PRINCIPAL =
      Pattern.compile("(user|serviceAccount|app):[^\\s,]{1,256}");
  private static final Set<String> KINDS = Set.of("user", "serviceAccount", "app");

  private PrincipalReader() {}

  static PrincipalRules read(Map<String, YamlNode> fields) {
    return new PrincipalRules(
        sources(fields.get("principal")), sources(fields.get("acting-through")));
  }

  private static List<CredentialSource> sources(@Nullable YamlNode node) {
    List<CredentialSource> sources = new ArrayList<>();
    if (node != null) {
      for (YamlNode source : node.isMapping() ? List.of(node) : node.items()) {
        sources.add(source(source));
      }
      if (sources.isEmpty() || sources.size() > SOURCES_MAX) {
        throw node.error(sources.size() + " sources (expected: 1.." + SOURCES_MAX + ")");
      }
    }
    return sources;
  }

  private static CredentialSource source(YamlNode node) {
    Map<String, YamlNode> fields = node.fields(SOURCES);
    YamlNode header = fields.get("header");
    YamlNode jwt = fields.get("jwt");
    YamlNode certificate = fields.get("certificate");
    YamlNode forwarded = fields.get("forwarded-certificate");
    YamlNode kind = fields.get("kind");
    YamlNode hop = fields.get("trusted-hop");
    boolean one = kindsOfSource(header, jwt, certificate, forwarded) == 1;
    if (!one
        || kind != null && header == null
        || hop != null && header == null && forwarded == null) {
      throw node.error(
          "expected: one of `header` (with `kind`, `trusted-hop`), `jwt`, `certificate` and"
              + " `forwarded-certificate` (with `trusted-hop`)");
    }
    if (header != null) {
      return new CredentialSource.Header(
          header.as(PrincipalReader::headerName, "the name of a header in lower case"),
          kind == null ? "" : kind(kind),
          hop == null ? Optional.empty() : Optional.of(hop(hop)));
    }
    if (jwt != null) {
      return new CredentialSource.Jwt(isOfTheSidecar(jwt) ? List.of() : issuers(jwt));
    }
    if (certificate != null) {
      return new CredentialSource.Certificate(
          isOfTheSidecar(certificate) ? List.of() : mappings(certificate));
    }
    if (forwarded == null) {
      throw new IllegalStateException("a source of no kind");
    }
    return new CredentialSource.ForwardedCertificate(
        mappings(forwarded), hop(node.required(fields, "trusted-hop")));
  }

  private static int kindsOfSource(@Nullable YamlNode... nodes) {
    int present = 0;
    for (YamlNode node : nodes) {
      present += node == null ? 0 : 1;
    }
    return present;
  }

  private static boolean isOfTheSidecar(YamlNode node) {
    if (!node.isText()) {
      return false;
    }
    if (!node.text().equals(OF_THE_SIDECAR)) {
      throw node.error(
          "`" + YamlNode.shown(node.text()) + "` (expected: settings, or `sidecar` for its own)");
    }
    return true;
  }

  private static String headerName(String name) {
    if (!HEADER.matcher(name).matches() || name.endsWith("-bin")) {
      throw new IllegalArgumentException(name);
    }
    return name;
  }

  private static String kind(YamlNode node) {
    return node.as(
        text -> {
          if (!KINDS.contains(text)) {
            throw new IllegalArgumentException(text);
          }
          return text;
        },
        "user, serviceAccount or app");
  }

  private static TrustedHop hop(YamlNode node) {
    if (node.isText()) {
      return node.as(
          text -> {
            if (!text.equals("local")) {
              throw new IllegalArgumentException(text);
            }
            return new TrustedHop.Local();
          },
          "`local`, or names of its certificate such as {uri: spiffe://acme/envoy}");
    }
    List<NamePattern> names = new ArrayList<>();
    for (YamlNode name : node.isMapping() ? List.of(node) : node.items()) {
      names.add(pattern(name, name.fields(NAME_KEYS)));
    }
    if (names.isEmpty()) {
      throw node.error("trusted-hop: is empty, so that nobody is trusted");
    }
    return new TrustedHop.Certificate(names);
  }

  private static NamePattern pattern(YamlNode node, Map<String, YamlNode> fields) {
    NamePattern.Field field = NamePattern.Field.SUBJECT;
    int present = 0;
    for (NamePattern.Field candidate : NamePattern.Field.values()) {
      if (fields.containsKey(candidate.key())) {
        field = candidate;
        present++;
      }
    }
    if (present != 1) {
      throw node.error("expected: one of `uri`, `dns` and `subject`");
    }
    NamePattern.Field ofPattern = field;
    return node.required(fields, field.key())
        .as(
            text -> NamePattern.of(ofPattern, text),
            "a name with {id} at most once, a subject such as CN={id},O=Acme");
  }

  private static List<CertificateMapping> mappings(YamlNode node) {
    List<CertificateMapping> mappings = new ArrayList<>();
    for (YamlNode entry : node.isMapping() ? List.of(node) : node.items()) {
      Map<String, YamlNode> fields = entry.fields(MAPPING_KEYS);
      NamePattern pattern = pattern(entry, fields);
      YamlNode principal = entry.required(fields, "principal");
      if (NamePattern.places(principal.text())
          != NamePattern.places(entry.required(fields, pattern.field().key()).text())) {
        throw principal.error(
            "principal: {id} must stand once in it and in the name, or in neither");
      }
      mappings.add(
          new CertificateMapping(
              pattern,
              principal.as(
                  name -> requirePrincipal(name.replace(NamePattern.ID, "x"), name),
                  "a user, serviceAccount or app, with {id} for what varies")));
    }
    if (mappings.isEmpty()) {
      throw node.error("expected: at least one mapping");
    }
    return mappings;
  }

  private static String requirePrincipal(String example, String name) {
    if (!isPrincipal(example)) {
      throw new IllegalArgumentException(name);
    }
    return name;
  }

  /** Whether a text names a principal that can call; whether it is canonical is for the sidecar. */
  static boolean isPrincipal(String text) {
    return PRINCIPAL.matcher(text).matches() && text.chars().noneMatch(Character::isISOControl);
  }

  private static List<TokenIssuer> issuers(YamlNode node) {
    List<TokenIssuer> issuers = new ArrayList<>();
    for (YamlNode entry : node.isMapping() ? List.of(node) : node.items()) {
      issuers.add(issuer(entry, issuers.size()));
    }
    if (issuers.isEmpty()) {
      throw node.error("expected: at least one issuer");
    }
    return issuers;
  }

  private static TokenIssuer issuer(YamlNode entry, int index) {
    Map<String, YamlNode> fields = entry.fields(ISSUER_KEYS);
    YamlNode issuer = entry.required(fields, "issuer");
    YamlNode keys = fields.get("keys");
    YamlNode trusted = fields.get("trusted-certificates");
    YamlNode claim = fields.get("principal-claim");
    YamlNode anyEmail = fields.get("any-email");
    YamlNode kind = fields.get("principal-kind");
    TrustedIssuer settings =
        new TrustedIssuer(
            "issuer-" + index,
            issuer.text(),
            texts(entry.required(fields, "audience")),
            keys == null
                ? issuer.as(KeySource::discovery, "an https URL, or `keys` beside it")
                : keys.as(KeySource::of, "an https URL or a path"),
            algorithms(fields.get("algorithms")),
            seconds(fields.get("skew-seconds"), TrustedIssuer.SKEW_DEFAULT, 0, 300),
            seconds(fields.get("refresh-seconds"), TrustedIssuer.REFRESH_DEFAULT, 10, DAY_SECONDS),
            seconds(fields.get("stale-seconds"), TrustedIssuer.STALE_DEFAULT, 60, 7 * DAY_SECONDS),
            trusted == null ? Optional.empty() : Optional.of(trusted.as(Path::of, "a path")));
    return new TokenIssuer(
        settings,
        claim == null ? "sub" : claim.text(),
        anyEmail != null && anyEmail.flag(),
        kind == null ? "user" : kind(kind));
  }

  private static Set<String> algorithms(@Nullable YamlNode node) {
    if (node == null) {
      return TrustedIssuer.ALGORITHMS_DEFAULT;
    }
    Set<String> names = texts(node);
    if (!TrustedIssuer.ALGORITHMS.containsAll(names)) {
      throw node.error("algorithms: expected some of " + new TreeSet<>(TrustedIssuer.ALGORITHMS));
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

  private static Duration seconds(@Nullable YamlNode node, Duration otherwise, long min, long max) {
    return node == null ? otherwise : Duration.ofSeconds(node.number(min, max));
  }
}
