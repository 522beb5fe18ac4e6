package dev.modelgate.client.identity;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/**
 * A pattern for one name of a certificate.
 *
 * <p>A pattern is a whole name, in which {@code {id}} may stand once: for one segment of a URI's
 * path, one label of a DNS name, or the whole value of one attribute of a subject. It never stands
 * for more, so that a name cannot be longer than the rule's author thought.
 */
public final class NamePattern {
  /** What stands for the part of a name that varies. */
  public static final String ID = "{id}";

  private static final String URI_SEGMENT = "([^/?#]+)";
  private static final String DNS_LABEL = "([a-z0-9_-]+)";

  /** A name of a certificate. */
  public enum Field {
    /** A URI among the subject's alternative names, such as a SPIFFE id. */
    URI,
    /** A DNS name among them. */
    DNS,
    /** The subject itself, as RFC 2253 writes it. */
    SUBJECT;

    /** Its key in documents. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Field field;
  private final Function<String, Optional<String>> match;

  private NamePattern(Field field, Function<String, Optional<String>> match) {
    this.field = field;
    this.match = match;
  }

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException when {@code {id}} stands in it more than once, or a subject is
   *     none such as {@code CN={id},O=Acme}
   */
  public static NamePattern of(Field field, String pattern) {
    if (places(pattern) > 1) {
      throw new IllegalArgumentException(pattern);
    }
    return new NamePattern(field, match(field, pattern));
  }

  /** How often {@code {id}} stands in a text. */
  public static int places(String text) {
    return text.split(Pattern.quote(ID), -1).length - 1;
  }

  /** Which name it looks at. */
  public Field field() {
    return field;
  }

  /**
   * The text of a name that {@code {id}} stands for, when the name fits; the empty text when the
   * pattern has no {@code {id}}.
   */
  public Optional<String> match(String name) {
    return match.apply(name);
  }

  private static Function<String, Optional<String>> match(Field field, String pattern) {
    return switch (field) {
      case URI -> regex(pattern, URI_SEGMENT);
      case DNS -> {
        Function<String, Optional<String>> lower =
            regex(pattern.toLowerCase(Locale.ROOT), DNS_LABEL);
        yield name -> lower.apply(name.toLowerCase(Locale.ROOT));
      }
      case SUBJECT -> {
        List<Rdn> expected = subject(pattern);
        yield name -> parsed(name).flatMap(found -> matched(expected, found));
      }
    };
  }

  private static Function<String, Optional<String>> regex(String pattern, String place) {
    int at = pattern.indexOf(ID);
    String regex =
        at < 0
            ? Pattern.quote(pattern)
            : Pattern.quote(pattern.substring(0, at))
                + place
                + Pattern.quote(pattern.substring(at + ID.length()));
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
      if (!ID.equals(wanted.getValue())) {
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
