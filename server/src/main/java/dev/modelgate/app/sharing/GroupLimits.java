package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.profile.GroupRules;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.PrincipalRow.GroupType;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a profile lets groups of which subtype do: own, have type rights, receive grants. Whoever is
 * no group may do all of it, and a group without a record is refused elsewhere.
 */
final class GroupLimits {
  private final Draft draft;
  private final GroupRules rules;

  GroupLimits(Draft draft) {
    this.draft = draft;
    this.rules = draft.profile().groups();
  }

  /**
   * Refuses a group that cannot own.
   *
   * @param field the request's field, for a refusal
   * @throws dev.modelgate.model.RefusedException KIND_NOT_ALLOWED
   */
  void requireMayOwn(String field, PrincipalName name) {
    require(field, name, rules.owners(), "that can own");
  }

  /**
   * The same for type rights.
   *
   * @throws dev.modelgate.model.RefusedException KIND_NOT_ALLOWED
   */
  void requireMayHoldRights(String field, PrincipalName name) {
    require(field, name, rules.holders(), "that can have type rights");
  }

  /**
   * The same for grants.
   *
   * @throws dev.modelgate.model.RefusedException KIND_NOT_ALLOWED
   */
  void requireMayReceive(String field, PrincipalName name) {
    require(field, name, rules.recipients(), "that can be given grants");
  }

  private void require(String field, PrincipalName name, Set<String> subtypes, String what) {
    Optional<GroupType> type =
        draft
            .rows()
            .principal(name)
            .map(PrincipalRow::groupType)
            .filter(found -> found != GroupType.NONE);
    if (type.isPresent() && !subtypes.contains(type.get().name().toLowerCase(Locale.ROOT))) {
      throw Refusal.ofField(
              Fault.KIND_NOT_ALLOWED,
              field,
              name.toString(),
              "a group of a subtype " + what + ": " + subtypes.stream().sorted().toList())
          .asException();
    }
  }
}
