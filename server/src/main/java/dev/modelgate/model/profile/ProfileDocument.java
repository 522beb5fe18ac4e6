package dev.modelgate.model.profile;

import static dev.modelgate.model.profile.YamlReader.entries;
import static dev.modelgate.model.profile.YamlReader.error;
import static dev.modelgate.model.profile.YamlReader.fields;
import static dev.modelgate.model.profile.YamlReader.flag;
import static dev.modelgate.model.profile.YamlReader.number;
import static dev.modelgate.model.profile.YamlReader.required;
import static dev.modelgate.model.profile.YamlReader.texts;
import static dev.modelgate.model.profile.YamlReader.word;

import dev.modelgate.model.PrincipalKind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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
  private static final Set<String> TOP =
      Set.of("schema", "name", "title", "permissions", "verbs", "kinds", "roles", "switches");
  private static final Set<String> KIND =
      Set.of(
          "collection",
          "parents",
          "needs_record",
          "shareable",
          "inherits",
          "honours_can_share",
          "keeps_owner",
          "keeps_sharer",
          "permissions",
          "data_permissions",
          "default_role",
          "recipients");
  private static final List<String> DEFAULT_RECIPIENTS =
      List.of("user", "serviceAccount", "app", "group", "organization");

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
    this.permissions = distinct(required(root, top, "permissions"));
    this.roles = List.copyOf(entries(required(root, top, "roles")).keySet());
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
    Map<String, Long> verbs = verbs(vocabulary);
    List<Kind> kinds = kinds(vocabulary);
    List<Role> compiled = new ArrayList<>();
    for (Map.Entry<String, Node> entry : entries(required(root, top, "roles")).entrySet()) {
      compiled.add(role(entry.getKey(), entry.getValue(), kinds, vocabulary));
    }
    for (Kind kind : kinds) {
      if (!kind.defaultRole().isEmpty() && !roles.contains(kind.defaultRole())) {
        throw error(
            required(root, top, "kinds"), "default_role `" + kind.defaultRole() + "` is no role");
      }
    }
    return new Profile(name, vocabulary, verbs, kinds, compiled, switches());
  }

  private List<String> distinct(Node node) {
    List<String> names = texts(node);
    if (new LinkedHashSet<>(names).size() != names.size()) {
      throw error(node, "a permission stands twice");
    }
    return List.copyOf(names);
  }

  private Map<String, Long> verbs(Vocabulary vocabulary) {
    Map<String, Long> verbs = new HashMap<>();
    for (String permission : permissions) {
      verbs.put(permission, bit(permission, required(root, top, "permissions"), vocabulary));
    }
    Node declared = top.get("verbs");
    if (declared != null) {
      for (Map.Entry<String, Node> entry : entries(declared).entrySet()) {
        long mask = 0;
        for (String permission : texts(entry.getValue())) {
          mask |= bit(permission, entry.getValue(), vocabulary);
        }
        if (mask == 0) {
          throw error(
              entry.getValue(), "verb `" + entry.getKey() + "` needs a permission at least");
        }
        verbs.put(entry.getKey(), mask);
      }
    }
    if (!verbs.containsKey("predict")) {
      throw error(root, "the verb `predict` is missing; every profile understands it");
    }
    return verbs;
  }

  private List<Kind> kinds(Vocabulary vocabulary) {
    Node node = required(root, top, "kinds");
    Map<String, Node> declared = entries(node);
    Map<String, Kind> kinds = new LinkedHashMap<>();
    Set<String> collections = new LinkedHashSet<>();
    for (Map.Entry<String, Node> entry : declared.entrySet()) {
      Kind kind = kind(entry.getKey(), entry.getValue(), declared.keySet(), vocabulary);
      if (!collections.add(kind.collection())) {
        throw error(
            entry.getValue(), "collection `" + kind.collection() + "` belongs to another kind");
      }
      kinds.put(kind.name(), kind);
    }
    Kind organization = kinds.get("organization");
    if (organization == null || !organization.collection().equals("organizations")) {
      throw error(node, "the kind `organization` with the collection `organizations` is missing");
    }
    return List.copyOf(kinds.values());
  }

  private Kind kind(String kindName, Node node, Set<String> kindNames, Vocabulary vocabulary) {
    Map<String, Node> fields = fields(node, KIND);
    Set<String> parents = new LinkedHashSet<>(texts(required(node, fields, "parents")));
    if (!kindNames.containsAll(parents)) {
      throw error(required(node, fields, "parents"), "a parent is no kind of this profile");
    }
    if (parents.isEmpty() != kindName.equals("organization")) {
      throw error(node, "every kind but `organization` lives in another");
    }
    long mask = mask(texts(required(node, fields, "permissions")), ~0L, node, vocabulary);
    Node data = fields.get("data_permissions");
    long dataMask = data == null ? 0 : mask(texts(data), mask, data, vocabulary);
    return new Kind(
        kindName,
        word(required(node, fields, "collection")),
        parents,
        flag(fields, "needs_record", true),
        flag(fields, "shareable", true),
        flag(fields, "inherits", true),
        mask,
        dataMask,
        fields.containsKey("default_role") ? word(required(node, fields, "default_role")) : "user",
        recipients(fields.get("recipients")),
        flag(fields, "honours_can_share", true),
        flag(fields, "keeps_sharer", false),
        flag(fields, "keeps_owner", true));
  }

  private static Set<PrincipalKind> recipients(@org.jspecify.annotations.Nullable Node node) {
    Set<PrincipalKind> kinds = EnumSet.noneOf(PrincipalKind.class);
    for (String prefix : node == null ? DEFAULT_RECIPIENTS : texts(node)) {
      boolean known = false;
      for (PrincipalKind kind : PrincipalKind.values()) {
        if (kind.prefix().equals(prefix)) {
          known = kinds.add(kind) || known;
        }
      }
      if (!known && node != null) {
        throw error(node, "recipient `" + prefix + "` is no kind of principal, or stands twice");
      }
    }
    return kinds;
  }

  private Role role(String roleName, Node node, List<Kind> kinds, Vocabulary vocabulary) {
    Map<String, Node> fields = fields(node, Set.of("rank", "owner", "permissions"));
    Node permissionsNode = required(node, fields, "permissions");
    Map<String, Node> byKind = entries(permissionsNode);
    Map<String, Long> masks = new HashMap<>();
    for (Kind kind : kinds) {
      Node list = byKind.containsKey(kind.name()) ? byKind.get(kind.name()) : byKind.get("*");
      masks.put(
          kind.name(), list == null ? 0L : mask(texts(list), kind.permissions(), list, vocabulary));
    }
    for (String kindName : byKind.keySet()) {
      if (!kindName.equals("*") && !masks.containsKey(kindName)) {
        throw error(permissionsNode, "`" + kindName + "` is no kind of this profile");
      }
    }
    return new Role(
        roleName,
        vocabulary.roles().indexOf(roleName),
        number(required(node, fields, "rank")),
        flag(fields, "owner", false),
        masks);
  }

  /** Reads a list of permissions: "*" is all of {@code within}, "-x" takes x away again. */
  private long mask(List<String> list, long within, Node node, Vocabulary vocabulary) {
    long mask = 0;
    for (String word : list) {
      if (word.equals("*")) {
        mask |= within;
      } else if (word.startsWith("-")) {
        mask &= ~bit(word.substring(1), node, vocabulary);
      } else {
        mask |= bit(word, node, vocabulary) & within;
      }
    }
    return mask;
  }

  private long bit(String permission, Node node, Vocabulary vocabulary) {
    if (!permissions.contains(permission)) {
      throw error(node, "`" + permission + "` is no permission of this profile");
    }
    return 1L << vocabulary.permissions().indexOf(permission);
  }

  private Switches switches() {
    Node node = required(root, top, "switches");
    Set<String> keys =
        Set.of(
            "owners",
            "cap",
            "above_you",
            "owner_recipient",
            "isolation",
            "directory",
            "unseen",
            "administers");
    Map<String, Node> fields = fields(node, keys);
    return new Switches(
        choice(node, fields, "owners", Switches.Owners.class),
        choice(node, fields, "cap", Switches.Cap.class),
        choice(node, fields, "above_you", Switches.AboveYou.class),
        choice(node, fields, "owner_recipient", Switches.OwnerRecipient.class),
        choice(node, fields, "isolation", Switches.Isolation.class),
        choice(node, fields, "directory", Switches.Directory.class),
        choice(node, fields, "unseen", Switches.Unseen.class),
        permission(required(node, fields, "administers")));
  }

  private String permission(Node node) {
    if (!permissions.contains(word(node))) {
      throw error(node, "`" + word(node) + "` is no permission of this profile");
    }
    return word(node);
  }

  private static <E extends Enum<E>> E choice(
      Node parent, Map<String, Node> fields, String key, Class<E> type) {
    Node node = required(parent, fields, key);
    String word = word(node);
    for (E constant : type.getEnumConstants()) {
      if (constant.name().toLowerCase(Locale.ROOT).equals(word)) {
        return constant;
      }
    }
    List<String> words = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      words.add(constant.name().toLowerCase(Locale.ROOT));
    }
    throw error(node, key + ": `" + word + "` (expected: one of " + words + ")");
  }
}
