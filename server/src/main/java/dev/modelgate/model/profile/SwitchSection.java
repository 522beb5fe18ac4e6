package dev.modelgate.model.profile;

import static dev.modelgate.model.profile.YamlReader.choice;
import static dev.modelgate.model.profile.YamlReader.distinct;
import static dev.modelgate.model.profile.YamlReader.error;
import static dev.modelgate.model.profile.YamlReader.fields;
import static dev.modelgate.model.profile.YamlReader.number;
import static dev.modelgate.model.profile.YamlReader.required;
import static dev.modelgate.model.profile.YamlReader.word;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads the sections {@code switches}, {@code limits}, {@code type_rights}, {@code groups} and
 * {@code conditions}.
 */
final class SwitchSection {
  private static final Set<String> KEYS =
      Set.of(
          "owners",
          "creator",
          "cap",
          "above_you",
          "owner_recipient",
          "isolation",
          "directory",
          "unseen",
          "administers");

  private SwitchSection() {}

  static Switches switches(Node node, Permissions permissions) {
    Map<String, Node> fields = fields(node, KEYS);
    Node administers = required(node, fields, "administers");
    permissions.bit(word(administers), administers);
    return new Switches(
        choice(node, fields, "owners", Switches.Owners.class),
        choice(fields, "creator", Switches.Creator.REMOVABLE),
        choice(node, fields, "cap", Switches.Cap.class),
        choice(node, fields, "above_you", Switches.AboveYou.class),
        choice(node, fields, "owner_recipient", Switches.OwnerRecipient.class),
        choice(node, fields, "isolation", Switches.Isolation.class),
        choice(node, fields, "directory", Switches.Directory.class),
        choice(node, fields, "unseen", Switches.Unseen.class),
        word(administers));
  }

  static Limits limits(@Nullable Node node) {
    if (node == null) {
      return Limits.DEFAULT;
    }
    Map<String, Node> fields =
        fields(node, Set.of("recipients", "policy_members", "policy_groups"));
    return new Limits(
        limit(fields, "recipients", Limits.DEFAULT.recipients()),
        limit(fields, "policy_members", Limits.DEFAULT.policyMembers()),
        limit(fields, "policy_groups", Limits.DEFAULT.policyGroups()));
  }

  /** What type rights may do here; nothing where the section is missing. */
  static Set<Effect> effects(@Nullable Node node) {
    Set<Effect> effects = EnumSet.noneOf(Effect.class);
    if (node == null) {
      return effects;
    }
    for (String word : distinct(node)) {
      try {
        effects.add(Effect.valueOf(word.toUpperCase(Locale.ROOT)));
      } catch (IllegalArgumentException e) {
        throw error(node, "`" + word + "` (expected: requires, allows or bounds)");
      }
    }
    return effects;
  }

  /** What groups can do. */
  static GroupRules groups(@Nullable Node node) {
    if (node == null) {
      return GroupRules.DEFAULT;
    }
    Map<String, Node> fields = fields(node, Set.of("may_own", "may_hold_rights", "may_receive"));
    return new GroupRules(
        subtypes(fields.get("may_own")),
        subtypes(fields.get("may_hold_rights")),
        subtypes(fields.get("may_receive")));
  }

  /** Which grants take no condition and no time. */
  static ConditionRules conditions(@Nullable Node node, List<String> roles) {
    if (node == null) {
      return ConditionRules.DEFAULT;
    }
    Map<String, Node> fields = fields(node, Set.of("never_on_roles", "never_for_recipients"));
    Node onRoles = fields.get("never_on_roles");
    Node recipients = fields.get("never_for_recipients");
    if (onRoles != null && !roles.containsAll(distinct(onRoles))) {
      throw error(onRoles, "expected: roles of this profile");
    }
    return new ConditionRules(
        onRoles == null ? Set.of() : Set.copyOf(distinct(onRoles)),
        recipients == null ? Set.of() : YamlReader.principalKinds(recipients));
  }

  private static Set<String> subtypes(@Nullable Node node) {
    if (node == null) {
      return GroupRules.DEFAULT.owners();
    }
    List<String> named = distinct(node);
    if (!GroupRules.SUBTYPES.containsAll(named)) {
      throw error(node, "expected: some of " + GroupRules.SUBTYPES);
    }
    return Set.copyOf(named);
  }

  private static int limit(Map<String, Node> fields, String key, int max) {
    Node node = fields.get(key);
    if (node == null) {
      return max;
    }
    int limit = number(node);
    if (limit < 1 || limit > max) {
      throw error(node, key + ": " + limit + " (expected: 1 to " + max + ")");
    }
    return limit;
  }
}
