package dev.modelgate.identity;

import dev.modelgate.app.identity.CallerPattern;
import dev.modelgate.app.identity.CallerRule;
import dev.modelgate.app.identity.CallerRule.ActsFor;
import dev.modelgate.app.identity.CallerRule.Asks;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.config.YamlNode;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads {@code callers:} of the identity file.
 *
 * <pre>
 *   callers:
 *     - caller: user:root@acme.com           # a principal or a credential, or a list; * at the end
 *       system-administrator: true
 *     - caller: serviceAccount:portal
 *       acts-for: {organizations: acme, roles: [user, editor]}
 *     - caller: jwt:cluster:*
 *       asks: {organizations: acme, principals: ["user:*", self]}
 * </pre>
 */
final class CallerReader {
  private static final int RULES_MAX = 1_000;
  private static final String ANY = "*";
  private static final String SELF = "self";
  private static final Set<String> KEYS =
      Set.of("caller", "system-administrator", "acts-for", "asks");
  private static final Pattern CREDENTIAL = Pattern.compile("(jwt|mtls):.+");

  private CallerReader() {}

  static CallerRules read(YamlNode list) {
    List<CallerRule> rules = new ArrayList<>();
    for (YamlNode entry : list.items()) {
      rules.add(rule(entry));
    }
    if (rules.size() > RULES_MAX) {
      throw list.error("callers: " + rules.size() + " (expected: at most " + RULES_MAX + ")");
    }
    return new CallerRules(rules);
  }

  private static CallerRule rule(YamlNode entry) {
    Map<String, YamlNode> fields = entry.fields(KEYS);
    List<CallerPattern> callers = new ArrayList<>();
    for (YamlNode caller : entry.required(fields, "caller").oneOrMore()) {
      callers.add(
          caller.as(
              CallerReader::caller,
              "a user, serviceAccount or app, or a credential such as jwt:corp:42, or the beginning"
                  + " of one and *"));
    }
    YamlNode administrator = fields.get("system-administrator");
    YamlNode actsFor = fields.get("acts-for");
    YamlNode asks = fields.get("asks");
    boolean isAdministrator = administrator != null && administrator.flag();
    if (isAdministrator && fields.size() > 2) {
      throw entry.error("a system administrator neither acts for others nor has bounds");
    }
    if (isAdministrator && callers.stream().anyMatch(CallerPattern::beginning)) {
      throw entry.error("a system administrator is named in full, without *");
    }
    return new CallerRule(
        callers,
        isAdministrator,
        actsFor == null ? Optional.empty() : Optional.of(actsFor(actsFor)),
        asks == null ? Optional.empty() : Optional.of(asks(asks)));
  }

  private static ActsFor actsFor(YamlNode node) {
    Map<String, YamlNode> fields = node.fields(Set.of("organizations", "roles"));
    Set<String> organizations = new HashSet<>();
    for (YamlNode id : node.required(fields, "organizations").oneOrMore()) {
      organizations.add(id.as(CallerReader::organization, "the id of an organization"));
    }
    Set<String> roles = new HashSet<>();
    node.required(fields, "roles").oneOrMore().forEach(role -> roles.add(role.text()));
    return new ActsFor(organizations, roles.contains(ANY) ? Optional.empty() : Optional.of(roles));
  }

  private static Asks asks(YamlNode node) {
    Map<String, YamlNode> fields = node.fields(Set.of("organizations", "principals"));
    List<CallerPattern> principals = new ArrayList<>();
    boolean self = false;
    for (YamlNode principal : node.required(fields, "principals").oneOrMore()) {
      if (principal.text().equals(SELF)) {
        self = true;
      } else {
        principals.add(
            principal.as(
                CallerReader::principal, "a principal, the beginning of one and *, or self"));
      }
    }
    YamlNode listed = fields.get("organizations");
    Optional<Set<String>> organizations = Optional.empty();
    if (listed != null && listed.oneOrMore().stream().noneMatch(id -> id.text().equals(ANY))) {
      Set<String> ids = new HashSet<>();
      for (YamlNode id : listed.oneOrMore()) {
        ids.add(id.as(CallerReader::organization, "the id of an organization, or *"));
      }
      organizations = Optional.of(ids);
    }
    return new Asks(organizations, principals, self);
  }

  private static CallerPattern caller(String text) {
    return CREDENTIAL.matcher(text).matches() ? CallerPattern.parse(text) : principal(text);
  }

  /** The kind stands whole before the colon, so that a beginning is not one of several kinds. */
  private static CallerPattern principal(String text) {
    CallerPattern pattern = CallerPattern.parse(text);
    if (!text.equals(ANY)) {
      String example = pattern.beginning() ? pattern.text() + "x" : text;
      if (!PrincipalName.parse(example).kind().canCall()) {
        throw new IllegalArgumentException(text);
      }
    }
    return pattern;
  }

  private static String organization(String id) {
    if (id.indexOf('/') >= 0) {
      throw new IllegalArgumentException(id);
    }
    return ResourceName.parse("organizations/" + id).organizationId();
  }
}
