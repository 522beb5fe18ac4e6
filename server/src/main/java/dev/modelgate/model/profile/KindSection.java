package dev.modelgate.model.profile;

import static dev.modelgate.model.profile.YamlReader.choice;
import static dev.modelgate.model.profile.YamlReader.distinct;
import static dev.modelgate.model.profile.YamlReader.entries;
import static dev.modelgate.model.profile.YamlReader.error;
import static dev.modelgate.model.profile.YamlReader.fields;
import static dev.modelgate.model.profile.YamlReader.flag;
import static dev.modelgate.model.profile.YamlReader.required;
import static dev.modelgate.model.profile.YamlReader.texts;
import static dev.modelgate.model.profile.YamlReader.word;

import dev.modelgate.model.PrincipalKind;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads the sections {@code kinds} and {@code rights}. */
final class KindSection {
  private static final Set<String> KEYS =
      Set.of(
          "collection",
          "parents",
          "types",
          "needs_record",
          "shareable",
          "links",
          "inherits",
          "honours_can_share",
          "keeps_owner",
          "keeps_sharer",
          "always_notifies",
          "permissions",
          "data_permissions",
          "privileges",
          "ceilings",
          "rights",
          "default_role",
          "roles",
          "recipients");
  private static final Set<String> OPERATIONS =
      Arrays.stream(Operation.values()).map(Operation::key).collect(Collectors.toUnmodifiableSet());
  private static final List<String> DEFAULT_RECIPIENTS =
      List.of("user", "serviceAccount", "app", "group", "organization");

  private final Permissions permissions;
  private final List<String> roles;
  private final Map<Operation, Long> rights;

  /**
   * Reads with these.
   *
   * @param roles the names of the document's roles
   * @param rights the section {@code rights}, for kinds that do not say otherwise
   */
  KindSection(Permissions permissions, List<String> roles, @Nullable Node rights) {
    this.permissions = permissions;
    this.roles = List.copyOf(roles);
    Map<Operation, Long> defaults = new EnumMap<>(Operation.class);
    for (Operation operation : Operation.values()) {
      defaults.put(operation, permissions.bitIfDeclared(operation.defaultPermission()));
    }
    this.rights = rights(defaults, rights);
  }

  List<Kind> read(Node node) {
    Map<String, Node> declared = entries(node);
    Map<String, Kind> kinds = new LinkedHashMap<>();
    Set<String> collections = new LinkedHashSet<>();
    for (Map.Entry<String, Node> entry : declared.entrySet()) {
      Kind kind = kind(entry.getKey(), entry.getValue(), declared.keySet());
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

  private Kind kind(String kindName, Node node, Set<String> kindNames) {
    Map<String, Node> fields = fields(node, KEYS);
    Set<String> parents = new LinkedHashSet<>(texts(required(node, fields, "parents")));
    if (!kindNames.containsAll(parents)) {
      throw error(required(node, fields, "parents"), "a parent is no kind of this profile");
    }
    if (parents.isEmpty() != kindName.equals("organization")) {
      throw error(node, "every kind but `organization` lives in another");
    }
    long mask = permissions.mask(texts(required(node, fields, "permissions")), ~0L, node);
    Node data = fields.get("data_permissions");
    Node types = fields.get("types");
    return new Kind(
        kindName,
        word(required(node, fields, "collection")),
        parents,
        types == null ? Set.of() : new LinkedHashSet<>(distinct(types)),
        flag(fields, "needs_record", true),
        flag(fields, "inherits", true),
        mask,
        data == null ? 0 : permissions.mask(texts(data), mask, data),
        rights(rights, fields.get("rights")),
        choice(fields, "privileges", Kind.Privileges.NONE),
        choice(fields, "ceilings", Kind.Ceilings.NONE),
        sharing(fields));
  }

  private Kind.Sharing sharing(Map<String, Node> fields) {
    Node defaultRole = fields.get("default_role");
    Node offered = fields.get("roles");
    Set<String> offeredRoles = offered == null ? Set.of() : new LinkedHashSet<>(distinct(offered));
    if (offered != null && (offeredRoles.isEmpty() || !roles.containsAll(offeredRoles))) {
      throw error(offered, "expected: one or more roles of this profile");
    }
    String role = defaultRole == null ? "user" : word(defaultRole);
    boolean known = roles.contains(role) && (offered == null || offeredRoles.contains(role));
    if (defaultRole != null && !role.isEmpty() && !known) {
      throw error(defaultRole, "default_role `" + role + "` is no role that this kind offers");
    }
    return new Kind.Sharing(
        flag(fields, "shareable", true),
        flag(fields, "links", false),
        known ? role : "",
        offeredRoles,
        recipients(fields.get("recipients")),
        flag(fields, "honours_can_share", true),
        flag(fields, "keeps_sharer", false),
        flag(fields, "keeps_owner", true),
        flag(fields, "always_notifies", false));
  }

  private Map<Operation, Long> rights(Map<Operation, Long> defaults, @Nullable Node node) {
    Map<Operation, Long> read = new EnumMap<>(defaults);
    if (node != null) {
      Map<String, Node> fields = fields(node, OPERATIONS);
      for (Operation operation : Operation.values()) {
        Node needed = fields.get(operation.key());
        if (needed != null) {
          read.put(operation, permissions.bit(word(needed), needed));
        }
      }
    }
    return read;
  }

  private static Set<PrincipalKind> recipients(@Nullable Node node) {
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
}
