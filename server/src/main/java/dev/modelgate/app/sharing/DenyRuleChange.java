package dev.modelgate.app.sharing;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import java.util.List;

/** One change of a deny rule. */
public sealed interface DenyRuleChange {
  /** The rule's id. */
  String id();

  /** The state that is to be changed; empty for whatever there is. */
  String etag();

  /**
   * The rule is to be so.
   *
   * @param principals whom it denies, at least one
   * @param exceptions whom it does not deny
   * @param permissions by name, at least one
   * @param scope where it denies, at and below
   * @param condition a checked condition; empty for always
   */
  record Put(
      String id,
      String description,
      List<PrincipalName> principals,
      List<PrincipalName> exceptions,
      List<String> permissions,
      ResourceName scope,
      String condition,
      String etag)
      implements DenyRuleChange {
    /** Copies the lists. */
    public Put {
      principals = List.copyOf(principals);
      exceptions = List.copyOf(exceptions);
      permissions = List.copyOf(permissions);
    }
  }

  /** The rule is to be gone. */
  record Delete(String id, String etag) implements DenyRuleChange {}
}
