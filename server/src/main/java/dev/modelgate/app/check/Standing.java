package dev.modelgate.app.check;

import dev.modelgate.app.state.OrgRules;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Uid;
import java.util.Optional;

/**
 * What answers in an organization depend on beside stamps: whether it is there, can be read and is
 * not switched off; and for external links, whose secrets are looked at before anything else, its
 * rules.
 *
 * @param uid its identity; unset where there is none
 * @param initialized whether its first change set is there
 * @param restricted whether its rows cannot be read safely
 * @param suspended whether it is switched off
 * @param rules compared by identity, for they are made anew when they change; empty for others than
 *     links
 */
record Standing(
    Uid uid, boolean initialized, boolean restricted, boolean suspended, Optional<Rules> rules) {
  /** That of no organization. */
  static final Standing NOWHERE = new Standing(Uid.NONE, false, false, false, Optional.empty());

  /** One object, by identity. */
  record Rules(OrgRules rules) {
    @Override
    @SuppressWarnings("ReferenceEquality") // What is compared is which object it is.
    public boolean equals(Object other) {
      return other instanceof Rules same && same.rules == rules;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(rules);
    }
  }

  /**
   * Whose questions stand on it.
   *
   * @param organizationId empty for no organization
   * @param ofLinks whether external links ask
   */
  record Key(String organizationId, boolean ofLinks) {}

  /** How it is in a publication. */
  static Standing of(Published state, Key key) {
    Optional<OrgState> found =
        key.organizationId().isEmpty()
            ? Optional.empty()
            : state.organization(key.organizationId());
    if (found.isEmpty()) {
      return NOWHERE;
    }
    OrgState org = found.get();
    return new Standing(
        org.uid(),
        org.isInitialized(),
        org.isRestricted(),
        state.isOrganizationSuspended(org.uid()),
        key.ofLinks() ? Optional.of(new Rules(org.rules())) : Optional.empty());
  }
}
