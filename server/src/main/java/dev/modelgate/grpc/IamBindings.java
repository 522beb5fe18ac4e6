package dev.modelgate.grpc;

import com.google.iam.v1.Binding;
import com.google.type.Expr;
import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.query.GrantView;
import dev.modelgate.app.query.Policies.Held;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Policy;
import dev.modelgate.app.sharing.Policy.Entry;
import dev.modelgate.store.Digest;
import dev.modelgate.store.Micros;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Grants as bindings of {@code google.iam.v1}, and back.
 *
 * <p>A role {@code x} is {@code roles/x}; single permissions are {@code permissions/a,b}. Times and
 * condition are one expression, its title the first line of the note and its description the rest.
 * Members are principals as everywhere, and {@code deleted:user:x?uid=N}.
 */
final class IamBindings {
  private static final String ROLES = "roles/";
  private static final String PERMISSIONS = "permissions/";
  private static final String HIDDEN_CONDITION = "_withcond_";
  private static final int HIDDEN_CONDITION_BYTES = 10;
  private static final Comparator<Binding> ORDER =
      Comparator.comparing(Binding::getRole)
          .thenComparing(binding -> binding.getCondition().getExpression())
          .thenComparing(binding -> binding.getCondition().getTitle())
          .thenComparing(binding -> binding.getCondition().getDescription());

  private final ConditionLanguage conditions;

  IamBindings(ConditionLanguage conditions) {
    this.conditions = conditions;
  }

  /** The language of conditions. */
  ConditionLanguage conditions() {
    return conditions;
  }

  /** Whether a grant does not count always. */
  static boolean isConditional(Held held) {
    return !expression(held.grant()).isEmpty();
  }

  /**
   * Bindings of grants, by role and condition.
   *
   * @param conditional whether conditions are shown; else a role with one has a name that no role
   *     has, so that nobody takes it for an unconditional one
   */
  List<Binding> of(List<Held> grants, boolean conditional) {
    TreeMap<Binding, TreeSet<String>> members = new TreeMap<>(ORDER);
    for (Held held : grants) {
      members
          .computeIfAbsent(binding(held.grant(), conditional), any -> new TreeSet<>())
          .add(Members.text(held.grant().principal(), held.deleted()));
    }
    return members.entrySet().stream()
        .map(entry -> entry.getKey().toBuilder().addAllMembers(entry.getValue()).build())
        .toList();
  }

  /**
   * The grants that bindings ask for.
   *
   * @param conditional whether conditions may be in them
   * @throws dev.modelgate.model.RefusedException INVALID_FIELD, LIMIT_EXCEEDED
   */
  List<Entry> entries(List<Binding> bindings, boolean conditional) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < bindings.size(); i++) {
      Binding binding = bindings.get(i);
      String prefix = "policy.bindings[" + i + "].";
      if (binding.hasCondition() && !conditional) {
        throw Fields.invalid("policy.version", "1", "3, for a binding has a condition");
      }
      Fields.some(prefix + "members", binding.getMembersCount(), Policy.MEMBERS_MAX);
      Fields.atMost(
          "policy.bindings", entries.size() + binding.getMembersCount(), Policy.MEMBERS_MAX);
      List<String> permissions = permissions(prefix + "role", binding.getRole());
      String role = permissions.isEmpty() ? role(prefix + "role", binding.getRole()) : "";
      String condition = condition(prefix + "condition.", binding);
      String note = note(prefix + "condition.", binding.getCondition());
      for (String member : binding.getMembersList()) {
        entries.add(entry(prefix + "members", member, role, permissions, note, condition));
      }
    }
    return entries;
  }

  private static Entry entry(
      String field,
      String member,
      String role,
      List<String> permissions,
      String note,
      String condition) {
    Members.Member read = Members.parse(field, member);
    GrantChange grant =
        new GrantChange(
            GrantChange.Mode.MERGE,
            read.name(),
            role,
            permissions,
            false,
            false,
            0,
            Micros.NEVER,
            note,
            condition);
    return new Entry(grant, read.deleted());
  }

  private static List<String> permissions(String field, String role) {
    return role.startsWith(PERMISSIONS)
        ? GrantRpcs.permissions(field, List.of(role.substring(PERMISSIONS.length()).split(",", -1)))
        : List.of();
  }

  private static String role(String field, String role) {
    if (role.contains(HIDDEN_CONDITION)) {
      throw Fields.invalid(
          field, role, "the role itself: read the policy in version 3 to see its condition");
    }
    if (!role.startsWith(ROLES) || role.length() == ROLES.length()) {
      throw Fields.invalid(
          field, role, "`roles/{role}`, or `permissions/{permission},{permission}`");
    }
    return role.substring(ROLES.length());
  }

  private String condition(String prefix, Binding binding) {
    if (!binding.hasCondition()) {
      return "";
    }
    Expr condition = binding.getCondition();
    if (condition.getExpression().isEmpty()) {
      throw Fields.invalid(prefix + "expression", "", "an expression");
    }
    if (!condition.getLocation().isEmpty()) {
      throw Fields.invalid(
          prefix + "location", condition.getLocation(), "nothing: it cannot be kept");
    }
    return Fields.condition(conditions, prefix + "expression", condition.getExpression());
  }

  private static String note(String prefix, Expr condition) {
    if (condition.getTitle().indexOf('\n') >= 0) {
      throw Fields.invalid(prefix + "title", condition.getTitle(), "one line");
    }
    return Fields.prose(
        prefix + "description", Policy.note(condition.getTitle(), condition.getDescription()));
  }

  private static Binding binding(GrantView grant, boolean conditional) {
    String role =
        grant.role().isEmpty()
            ? PERMISSIONS + String.join(",", grant.permissions())
            : ROLES + grant.role();
    String expression = expression(grant);
    if (expression.isEmpty()) {
      return Binding.newBuilder().setRole(role).build();
    }
    Expr condition =
        Expr.newBuilder()
            .setExpression(expression)
            .setTitle(Policy.title(grant.note()))
            .setDescription(Policy.description(grant.note()))
            .build();
    return conditional
        ? Binding.newBuilder().setRole(role).setCondition(condition).build()
        : Binding.newBuilder().setRole(role + HIDDEN_CONDITION + digest(condition)).build();
  }

  private static String expression(GrantView grant) {
    return Policy.expression(grant.condition(), grant.notBeforeMicros(), grant.expiresAtMicros());
  }

  /** Tells conditions apart; 20 hexadecimal digits. */
  private static String digest(Expr condition) {
    String text =
        String.join(
            "\0", condition.getExpression(), condition.getTitle(), condition.getDescription());
    byte[] digest = Digest.sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest, 0, HIDDEN_CONDITION_BYTES);
  }
}
