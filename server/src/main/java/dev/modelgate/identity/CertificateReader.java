package dev.modelgate.identity;

import dev.modelgate.config.YamlNode;
import dev.modelgate.identity.CertificateRule.Field;
import dev.modelgate.model.PrincipalName;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * Reads an entry of {@code certificates:}.
 *
 * <p>A pattern is a whole name, in which {@code {id}} may stand once: for one segment of a URI's
 * path, one label of a DNS name, or the whole value of one attribute of a subject. It never stands
 * for more, so that a name cannot be longer than the rule's author thought.
 */
final class CertificateReader {
  private static final Set<String> KEYS =
      Set.of("uri", "dns", "subject", "principal", "organizations");
  private static final String URI_SEGMENT = "([^/?#]+)";
  private static final String DNS_LABEL = "([a-z0-9_-]+)";

  private CertificateReader() {}

  static CertificateRule read(YamlNode entry) {
    Map<String, YamlNode> fields = entry.fields(KEYS);
    if (fields.keySet().stream().filter(Set.of("uri", "dns", "subject")::contains).count() != 1) {
      throw entry.error("expected: one of `uri`, `dns` and `subject`");
    }
    YamlNode principal = entry.required(fields, "principal");
    principal.as(
        text -> {
          PrincipalName name = PrincipalName.parse(text.replace(CertificateRule.ID, "x"));
          return IssuerReader.kind(name.kind().prefix());
        },
        "a user, serviceAccount or app, with {id} for what varies");
    Field field = Field.SUBJECT;
    for (Field candidate : Field.values()) {
      field = fields.containsKey(key(candidate)) ? candidate : field;
    }
    YamlNode pattern = entry.required(fields, key(field));
    if (places(pattern.text()) != places(principal.text()) || places(pattern.text()) > 1) {
      throw principal.error("principal: {id} must stand once in it and in the name, or in neither");
    }
    return new CertificateRule(
        field, match(field, pattern), principal.text(), IssuerReader.organizations(entry, fields));
  }

  private static String key(Field field) {
    return field.name().toLowerCase(Locale.ROOT);
  }

  private static int places(String text) {
    return text.split(Pattern.quote(CertificateRule.ID), -1).length - 1;
  }

  private static Function<String, Optional<String>> match(Field field, YamlNode pattern) {
    return switch (field) {
      case URI -> regex(pattern.text(), URI_SEGMENT);
      case DNS -> {
        Function<String, Optional<String>> lower =
            regex(pattern.text().toLowerCase(Locale.ROOT), DNS_LABEL);
        yield name -> lower.apply(name.toLowerCase(Locale.ROOT));
      }
      case SUBJECT -> {
        List<Rdn> expected =
            pattern.as(CertificateReader::subject, "a subject such as CN={id},O=Acme");
        yield name -> parsed(name).flatMap(found -> matched(expected, found));
      }
    };
  }

  private static Function<String, Optional<String>> regex(String pattern, String place) {
    int at = pattern.indexOf(CertificateRule.ID);
    String regex =
        at < 0
            ? Pattern.quote(pattern)
            : Pattern.quote(pattern.substring(0, at))
                + place
                + Pattern.quote(pattern.substring(at + CertificateRule.ID.length()));
    Pattern compiled = Pattern.compile(regex);
    return name -> {
      Matcher matcher = compiled.matcher(name);
      if (!matcher.matches()) {
        return Optional.empty();
      }
      return Optional.of(at < 0 ? "" : matcher.group(1));
    };
  }

  /** Attribute by attribute, in order, all of them. */
  private static Optional<String> matched(List<Rdn> expected, List<Rdn> name) {
    if (expected.size() != name.size()) {
      return Optional.empty();
    }
    String id = "";
    for (int i = 0; i < expected.size(); i++) {
      Rdn wanted = expected.get(i);
      Rdn found = name.get(i);
      if (!CertificateRule.ID.equals(wanted.getValue())) {
        if (!wanted.equals(found)) {
          return Optional.empty();
        }
      } else if (found.size() == 1
          && found.getType().equalsIgnoreCase(wanted.getType())
          && found.getValue() instanceof String value) {
        id = value;
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(id);
  }

  /** A name that cannot be read fits no rule. */
  private static Optional<List<Rdn>> parsed(String name) {
    try {
      return Optional.of(subject(name));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static List<Rdn> subject(String text) {
    try {
      return new LdapName(text).getRdns();
    } catch (InvalidNameException e) {
      throw new IllegalArgumentException(text, e);
    }
  }
}
