package dev.modelgate.model.profile;

import static dev.modelgate.model.profile.YamlReader.choice;
import static dev.modelgate.model.profile.YamlReader.distinct;
import static dev.modelgate.model.profile.YamlReader.error;
import static dev.modelgate.model.profile.YamlReader.fields;
import static dev.modelgate.model.profile.YamlReader.flag;
import static dev.modelgate.model.profile.YamlReader.named;
import static dev.modelgate.model.profile.YamlReader.required;
import static dev.modelgate.model.profile.YamlReader.texts;
import static dev.modelgate.model.profile.YamlReader.word;

import dev.modelgate.model.PrincipalKind;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
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
          "owned",
          "unshareable_types",
          "links",
          "inherits",
          "honours_can_share",
          "shares_by_permission",
          "owners_share",
          "keeps_owner",
          "keeps_sharer",
          "always_notifies",
          "permissions",
          "data_permissions",
          "share_permissions",
          "deleted_last",
          "privileges",
          "ceilings",
          "rights",
          "default_role",
          "roles",
          "recipients");
  private static final Pattern COLLECTION = Pattern.compile("[a-z][a-zA-Z]{0,62}");
  private static final Set<String> OPERATIONS =
      Arrays.stream(Operation.values()).map(Operation::key).collect(Collectors.toUnmodifiableSet());
  private static final Set<PrincipalKind> DEFAULT_RECIPIENTS =
      Set.of(
          PrincipalKind.USER,
          PrincipalKind.SERVICE_ACCOUNT,
          PrincipalKind.APP,
          PrincipalKind.GROUP,
          PrincipalKind.ORGANIZATION);

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
    Map<String, Node> declared = named(node);
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
    Set<String> types = types(fields.get("types"));
    Node last = fields.get("deleted_last");
    return new Kind(
        kindName,
        collection(required(node, fields, "collection")),
        parents,
        types,
        flag(fields, "needs_record", true),
        flag(fields, "inherits", true),
        mask,
        within(mask, fields.get("data_permissions")),
        within(mask, fields.get("share_permissions")),
        rights(rights, fields.get("rights")),
        choice(fields, "privileges", Kind.Privileges.NONE),
        choice(fields, "ceilings", Kind.Ceilings.NONE),
        last == null ? "" : word(last),
        sharing(fields, types));
  }

  private long within(long mask, @Nullable Node node) {
    return node == null ? 0 : permissions.mask(texts(node), mask, node);
  }

  private static Set<String> types(@Nullable Node node) {
    return node == null ? Set.of() : new LinkedHashSet<>(distinct(node));
  }

  private static String collection(Node node) {
    if (!COLLECTION.matcher(word(node)).matches()) {
      throw error(
          node, "collection `" + word(node) + "` (expected: 1 to 63 letters, the first small)");
    }
    return word(node);
  }

  private Kind.Sharing sharing(Map<String, Node> fields, Set<String> types) {
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
    Node unshareable = fields.get("unshareable_types");
    if (unshareable != null && !types.containsAll(types(unshareable))) {
      throw error(unshareable, "expected: types of this kind");
    }
    boolean shareable = flag(fields, "shareable", true);
    return new Kind.Sharing(
        shareable,
        flag(fields, "owned", shareable),
        types(unshareable),
        flag(fields, "links", false),
        known ? role : "",
        offeredRoles,
        recipients(fields.get("recipients")),
        flag(fields, "honours_can_share", true),
        sharesByPermission(fields),
        flag(fields, "owners_share", true),
        flag(fields, "keeps_sharer", false),
        flag(fields, "keeps_owner", true),
        flag(fields, "always_notifies", false));
  }

  /** What gives the right to share is then not withheld, and no floor counts can_share alone. */
  private static boolean sharesByPermission(Map<String, Node> fields) {
    boolean shares = flag(fields, "shares_by_permission", false);
    Node withheld = fields.get("share_permissions");
    if (shares && withheld != null) {
      throw error(withheld, "share_permissions have no meaning with shares_by_permission");
    }
    Node floor = fields.get("keeps_sharer");
    if (shares && floor != null) {
      throw error(floor, "keeps_sharer has no meaning with shares_by_permission");
    }
    return shares;
  }

  private Map<Operation, Long> rights(Map<Operation, Long> defaults, @Nullable Node node) {
    Map<Operation, Long> read = new EnumMap<>(defaults);
    if (node != null) {
      Map<String, Node> fields = fields(node, OPERATIONS);
      for (Operation operation : Operation.values()) {
        Node needed = fields.get(operation.key());
        if (needed != null) {
          read.put(operation, permissions.needed(needed));
        }
      }
    }
    return read;
  }

  private static Set<PrincipalKind> recipients(@Nullable Node node) {
    return node == null ? DEFAULT_RECIPIENTS : YamlReader.principalKinds(node);
  }
}
