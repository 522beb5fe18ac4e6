package dev.modelgate.grpc;

import com.google.protobuf.ProtocolMessageEnum;
import com.google.protobuf.Timestamp;
import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.model.Fault;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Reads single fields of admin requests. Every method throws {@link RefusedException} with
 * INVALID_FIELD that names field, value and what was expected, or LIMIT_EXCEEDED with field, size
 * and limit; so what gets past here is well-formed.
 */
final class Fields {
  /** The longest display name, in bytes of UTF-8. */
  static final int DISPLAY_NAME_BYTES_MAX = 256;

  /** The longest reason or note, in bytes of UTF-8. */
  static final int PROSE_BYTES_MAX = 1_024;

  /** The longest etag, in bytes. */
  static final int ETAG_BYTES_MAX = 64;

  private static final Pattern SHORT_ID = Pattern.compile("[a-z][a-z0-9-]{0,62}");
  private static final int FLAGS_MAX = 64;
  private static final int LABELS_MAX = 64;
  private static final int LABEL_KEY_BYTES_MAX = 63;
  private static final int LABEL_VALUE_BYTES_MAX = 256;
  private static final String ORGANIZATION_EXPECTED = "`organizations/{id}`";
  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long SECONDS_MAX = 253_402_300_799L;
  private static final int NANOS_MAX = 999_999_999;

  private Fields() {}

  /** The id in {@code organizations/{id}}. */
  static String organizationId(String field, String value) {
    ResourceName name = resource(field, value);
    if (name.hasParent()) {
      throw invalid(field, value, ORGANIZATION_EXPECTED);
    }
    return name.organizationId();
  }

  /** A bare id, as in {@code organizations/{id}}. */
  static String segment(String field, String value) {
    String id = named(field, value, text -> ResourceName.ofOrganization(text).text());
    if (value.isEmpty() || !id.equals("organizations/" + value) || value.indexOf('/') >= 0) {
      throw invalid(field, value, "one path segment in normal form");
    }
    return value;
  }

  /** The full path of a resource or organization. */
  static ResourceName resource(String field, String value) {
    return named(field, value, ResourceName::parse);
  }

  /** A principal of any kind. */
  static PrincipalName principal(String field, String value) {
    return named(field, value, PrincipalName::parse);
  }

  /** A principal, or nothing for an empty text. */
  static Optional<PrincipalName> optionalPrincipal(String field, String value) {
    return value.isEmpty() ? Optional.empty() : Optional.of(principal(field, value));
  }

  /**
   * A principal of a kind that has records: user, service account, app or group.
   *
   * @throws RefusedException KIND_NOT_ALLOWED, too
   */
  static PrincipalName recorded(String field, String value) {
    PrincipalName name = principal(field, value);
    return switch (name.kind()) {
      case USER, SERVICE_ACCOUNT, APP, GROUP -> name;
      default -> throw kindNotAllowed(field, name, "user, serviceAccount, app or group");
    };
  }

  /** A short id: 1 to 63 characters of a-z, 0-9 and hyphen, the first a letter. */
  static String shortId(String field, String value) {
    if (!SHORT_ID.matcher(value).matches()) {
      throw invalid(field, value, "1 to 63 characters of a-z, 0-9 and hyphen, the first a letter");
    }
    return value;
  }

  /** An organizational unit; empty for the whole organization. */
  static UnitName unit(String field, String value) {
    return named(field, value, UnitName::new);
  }

  /** State flags, each once. */
  static Set<String> flags(String field, List<String> flags) {
    atMost(field, flags.size(), FLAGS_MAX);
    Set<String> read = new HashSet<>();
    for (String flag : flags) {
      if (flag.isEmpty() || !read.add(flag)) {
        throw invalid(field, flag, "names of flags, each once");
      }
      limited(field, flag, LABEL_KEY_BYTES_MAX);
    }
    return read;
  }

  /** The type of a resource within its kind, which may be empty. */
  static String type(String field, String value) {
    return limited(field, withoutControls(field, value), LABEL_KEY_BYTES_MAX);
  }

  /** Features with whether they are on. */
  static Map<String, Boolean> features(String field, Map<String, Boolean> features) {
    atMost(field, features.size(), FLAGS_MAX);
    features.keySet().forEach(name -> limited(field, name, LABEL_KEY_BYTES_MAX));
    return features;
  }

  /** A text for people in one line. */
  static String displayName(String field, String value) {
    return limited(field, withoutControls(field, value), DISPLAY_NAME_BYTES_MAX);
  }

  /** A reason or note. */
  static String prose(String field, String value) {
    return limited(field, value, PROSE_BYTES_MAX);
  }

  /**
   * A condition, or nothing for an empty text.
   *
   * @param conditions the language that it must be in
   */
  static String condition(ConditionLanguage conditions, String field, String value) {
    if (!value.isEmpty()) {
      limited(field, value, ConditionLanguage.BYTES_MAX);
      try {
        conditions.check(value);
      } catch (IllegalArgumentException e) {
        throw invalid(field, value, "a CEL expression of type bool; " + e.getMessage());
      }
    }
    return value;
  }

  /** An etag, which may be empty. */
  static String etag(String field, String value) {
    return limited(field, value, ETAG_BYTES_MAX);
  }

  /** An identity as Principal.uid and Resource.uid are sent. */
  static Uid uid(String field, String value) {
    try {
      Uid uid = new Uid(Long.parseLong(value, 16));
      if (uid.toString().equals(value)) {
        return uid;
      }
    } catch (IllegalArgumentException e) {
      // Said below in our words.
    }
    throw invalid(field, value, "a uid: lower-case hexadecimal without leading zeros");
  }

  /** Labels, with their keys as they are. */
  static Map<String, String> labels(String field, Map<String, String> labels) {
    atMost(field, labels.size(), LABELS_MAX);
    labels.forEach(
        (key, value) -> {
          if (key.isEmpty()) {
            throw invalid(field, key, "keys of 1 to 63 bytes");
          }
          limited(field, withoutControls(field, key), LABEL_KEY_BYTES_MAX);
          limited(field, withoutControls(field, value), LABEL_VALUE_BYTES_MAX);
        });
    return labels;
  }

  /** A constant that is neither unknown nor the unspecified one. */
  static <E extends Enum<E> & ProtocolMessageEnum> E required(String field, E value) {
    E known = known(field, value);
    if (known.getNumber() == 0) {
      throw invalid(field, known.name(), "another value");
    }
    return known;
  }

  /** A constant that this server knows. */
  static <E extends Enum<E> & ProtocolMessageEnum> E known(String field, E value) {
    if (value.name().equals("UNRECOGNIZED")) {
      throw invalid(field, "UNRECOGNIZED", "a value that is published");
    }
    return value;
  }

  /** A time, as whole microseconds since 1970; later ones than the year 9999 are no timestamps. */
  static long micros(String field, Timestamp time) {
    boolean ok =
        time.getSeconds() >= 0
            && time.getSeconds() <= SECONDS_MAX
            && time.getNanos() >= 0
            && time.getNanos() <= NANOS_MAX;
    if (!ok) {
      String value = time.getSeconds() + "s " + time.getNanos() + "ns";
      throw invalid(field, value, "a time from 1970 to 9999");
    }
    return time.getSeconds() * MICROS_PER_SECOND + time.getNanos() / 1_000;
  }

  /** The number of entries of a list that must have some. */
  static void some(String field, int size, int limit) {
    if (size == 0) {
      throw invalid(field, "", "1.." + limit + " entries");
    }
    atMost(field, size, limit);
  }

  /** A size, in entries or bytes. */
  static void atMost(String field, int size, int limit) {
    if (size > limit) {
      throw Refusal.ofSize(field, size, limit).asException();
    }
  }

  /** A refusal of one field. */
  static RefusedException invalid(String field, String value, String expected) {
    return Refusal.ofField(Fault.INVALID_FIELD, field, value, expected).asException();
  }

  /** A refusal of a principal that cannot stand there. */
  static RefusedException kindNotAllowed(String field, PrincipalName name, String expected) {
    return Refusal.ofField(Fault.KIND_NOT_ALLOWED, field, name.toString(), expected).asException();
  }

  private static <N> N named(String field, String value, Function<String, N> parser) {
    try {
      return parser.apply(value);
    } catch (InvalidNameException e) {
      String expected = e.expected();
      String prefix = "expected: ";
      throw invalid(
          field,
          value,
          expected.startsWith(prefix) ? expected.substring(prefix.length()) : expected);
    }
  }

  private static String withoutControls(String field, String value) {
    if (value.chars().anyMatch(Character::isISOControl)) {
      throw invalid(field, value, "no control characters");
    }
    return value;
  }

  private static String limited(String field, String value, int bytesMax) {
    if (value.length() * 3 > bytesMax) {
      atMost(field, value.getBytes(StandardCharsets.UTF_8).length, bytesMax);
    }
    return value;
  }
}
