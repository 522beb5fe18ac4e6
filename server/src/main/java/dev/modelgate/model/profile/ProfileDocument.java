package dev.modelgate.model.profile;

import static dev.modelgate.model.profile.YamlReader.distinct;
import static dev.modelgate.model.profile.YamlReader.entries;
import static dev.modelgate.model.profile.YamlReader.error;
import static dev.modelgate.model.profile.YamlReader.fields;
import static dev.modelgate.model.profile.YamlReader.flag;
import static dev.modelgate.model.profile.YamlReader.items;
import static dev.modelgate.model.profile.YamlReader.named;
import static dev.modelgate.model.profile.YamlReader.number;
import static dev.modelgate.model.profile.YamlReader.requireName;
import static dev.modelgate.model.profile.YamlReader.required;
import static dev.modelgate.model.profile.YamlReader.texts;
import static dev.modelgate.model.profile.YamlReader.word;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A profile as its author wrote it: the text, and what it declares. {@link #compile} turns it into
 * masks.
 *
 * <p>The text is what an organization stores; it is read again at every start, so the rules of this
 * class only ever grow more lenient.
 */
public final class ProfileDocument {
  /** The longest document, in characters. */
  public static final int CHARS_MAX = 256 * 1024;

  private static final int SCHEMA = 1;

  /** Stands for the kinds that are not named. */
  private static final String ELSEWHERE = "*";

  private static final Set<String> TOP =
      Set.of(
          "schema",
          "name",
          "title",
          "permissions",
          "verbs",
          "rights",
          "kinds",
          "roles",
          "features",
          "flags",
          "gates",
          "type_rights",
          "limits",
          "groups",
          "conditions",
          "switches");

  private final String text;
  private final Node root;
  private final Map<String, Node> top;
  private final String name;
  private final List<String> permissions;
  private final List<String> roles;

  private ProfileDocument(String text) {
    this.text = text;
    this.root = YamlReader.compose(text);
    this.top = fields(root, TOP);
    if (number(required(root, top, "schema")) != SCHEMA) {
      throw error(required(root, top, "schema"), "unknown schema (expected: " + SCHEMA + ")");
    }
    this.name = word(required(root, top, "name"));
    requireName(required(root, top, "name"), name);
    Node declared = required(root, top, "permissions");
    this.permissions = List.copyOf(distinct(declared));
    items(declared).forEach(item -> requireName(item, word(item)));
    this.roles = List.copyOf(named(required(root, top, "roles")).keySet());
  }

  /**
   * Reads a document completely, so that one that is returned compiles.
   *
   * @throws ProfileException naming the line of the first thing that is wrong
   */
  public static ProfileDocument parse(String text) {
    if (text.length() > CHARS_MAX) {
      throw new ProfileException(1, "is longer than " + CHARS_MAX + " characters");
    }
    ProfileDocument document = new ProfileDocument(text);
    document.compile(document.extended(Vocabulary.EMPTY));
    return document;
  }

  /** The name that it gives itself. */
  public String name() {
    return name;
  }

  /** The document as it was written. */
  public String text() {
    return text;
  }

  /**
   * The vocabulary with the names of this document appended.
   *
   * @throws ProfileException when that would need more than {@value Vocabulary#PERMISSIONS_MAX}
   *     permissions
   */
  public Vocabulary extended(Vocabulary vocabulary) {
    try {
      return vocabulary.with(permissions, roles);
    } catch (IllegalArgumentException e) {
      throw error(required(root, top, "permissions"), String.valueOf(e.getMessage()));
    }
  }

  /** Compiles the document against a vocabulary that was {@link #extended} by it. */
  public Profile compile(Vocabulary vocabulary) {
    Permissions bits = new Permissions(permissions, vocabulary);
    List<Kind> kinds =
        new KindSection(bits, roles, top.get("rights")).read(required(root, top, "kinds"));
    List<Role> compiled = new ArrayList<>();
    for (Map.Entry<String, Node> entry : entries(required(root, top, "roles")).entrySet()) {
      compiled.add(role(entry.getKey(), entry.getValue(), kinds, bits));
    }
    GateSection states = new GateSection(bits, kinds, top.get("features"), top.get("flags"));
    Profile profile =
        new Profile(
            name,
            vocabulary,
            new Profile.Words(bits.all(), verbs(bits, kinds), kinds, compiled),
            new Profile.States(
                states.features(),
                List.copyOf(states.flags().values()),
                states.gates(top.get("gates"))),
            SwitchSection.effects(top.get("type_rights")),
            new Profile.Sharing(
                SwitchSection.switches(required(root, top, "switches"), bits),
                SwitchSection.limits(top.get("limits")),
                SwitchSection.groups(top.get("groups")),
                SwitchSection.conditions(top.get("conditions"), roles)));
    requireWhole(profile);
    return profile;
  }

  /** What only the whole document shows. */
  private void requireWhole(Profile profile) {
    Node kinds = required(root, top, "kinds");
    for (Kind kind : profile.kinds()) {
      boolean flagged =
          kind.deletedLast().isEmpty()
              || profile
                  .states()
                  .flag(kind.deletedLast())
                  .filter(flag -> flag.kinds().contains(kind.name()))
                  .isPresent();
      if (!flagged) {
        throw error(
            kinds,
            "deleted_last: `" + kind.deletedLast() + "` is no flag of the kind " + kind.name());
      }
    }
    if (profile.kind("organization").flatMap(profile::ownerRole).isEmpty()) {
      throw error(
          required(root, top, "roles"),
          "the kind `organization` offers no role with `owner: true`");
    }
  }

  private Map<String, Verb> verbs(Permissions bits, List<Kind> kinds) {
    Map<String, Verb> verbs = new HashMap<>();
    for (String permission : permissions) {
      verbs.put(permission, Verb.of(bits.bit(permission, required(root, top, "permissions"))));
    }
    Node declared = top.get("verbs");
    if (declared != null) {
      named(declared).forEach((action, needs) -> verbs.put(action, verb(needs, bits, kinds)));
    }
    if (!verbs.containsKey("predict")) {
      throw error(root, "the verb `predict` is missing; every profile understands it");
    }
    return verbs;
  }

  /** What an action needs: permissions, or some for each kind and others for the rest. */
  private static Verb verb(Node needs, Permissions bits, List<Kind> kinds) {
    if (!(needs instanceof MappingNode)) {
      return Verb.of(bits.needed(needs));
    }
    Map<String, Node> byKind = entries(needs);
    Map<String, Long> masks = new HashMap<>();
    for (Kind kind : kinds) {
      Node named = byKind.remove(kind.name());
      if (named != null) {
        masks.put(kind.collection(), bits.needed(named));
      }
    }
    long otherwise = bits.needed(required(needs, byKind, ELSEWHERE));
    byKind.remove(ELSEWHERE);
    if (!byKind.isEmpty()) {
      throw error(needs, "no kinds of this profile: " + byKind.keySet());
    }
    return new Verb(otherwise, masks);
  }

  private Role role(String roleName, Node node, List<Kind> kinds, Permissions bits) {
    Map<String, Node> fields = fields(node, Set.of("rank", "owner", "permissions"));
    Node permissionsNode = required(node, fields, "permissions");
    Map<String, Node> byKind = entries(permissionsNode);
    Map<String, Long> masks = new HashMap<>();
    for (Kind kind : kinds) {
      Node list = byKind.containsKey(kind.name()) ? byKind.get(kind.name()) : byKind.get(ELSEWHERE);
      masks.put(kind.name(), list == null ? 0L : bits.mask(texts(list), kind.permissions(), list));
    }
    for (String kindName : byKind.keySet()) {
      if (!kindName.equals(ELSEWHERE) && !masks.containsKey(kindName)) {
        throw error(permissionsNode, "`" + kindName + "` is no kind of this profile");
      }
    }
    return new Role(
        roleName,
        bits.vocabulary().roles().indexOf(roleName),
        number(required(node, fields, "rank")),
        flag(fields, "owner", false),
        masks);
  }
}
