package dev.modelgate.app.query;

import dev.modelgate.app.state.Dependencies;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Subject;
import dev.modelgate.decision.Facts;
import dev.modelgate.decision.Reason;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalUidRow;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One side of a comparison: an organization as it is, or as a mutation would leave it. Decides by
 * the gathering and the decision of a check. Not for use by several threads.
 */
final class Side {
  private final Optional<OrgState> org;
  private final OrgRows rows;
  private final RememberedRows along;
  private final boolean suspended;

  /**
   * A side.
   *
   * @param org empty for an organization that is not there
   * @param rows of the same state
   * @param suspended whether the whole organization is switched off
   */
  Side(Optional<OrgState> org, OrgRows rows, boolean suspended) {
    this.org = org.filter(OrgState::isInitialized);
    this.rows = rows;
    this.along = new RememberedRows(rows, Map.of());
    this.suspended = suspended;
  }

  OrgRows rows() {
    return rows;
  }

  /** The actions that a check knows. */
  Set<String> actions() {
    return org.isPresent() ? org.get().profile().verbs().keySet() : Set.of();
  }

  /** Whether there is such a principal; sets of accounts without a record are always there. */
  boolean has(Uid principal) {
    return rows.principalName(principal).filter(row -> !row.isDeleted()).isPresent();
  }

  /** The name behind a uid; of the two sets without a record their own. */
  Optional<PrincipalName> name(Uid uid) {
    if (uid.equals(Uid.ALL_USERS)) {
      return Optional.of(PrincipalName.ALL_USERS);
    }
    return uid.equals(Uid.ALL_AUTHENTICATED_USERS)
        ? Optional.of(PrincipalName.ALL_AUTHENTICATED_USERS)
        : rows.principalName(uid).map(PrincipalUidRow::name);
  }

  /**
   * What is known of an account, by its name as a check asks for it; of a set without a record,
   * what is known of somebody in it. Empty when nothing can be given to it.
   */
  Optional<Subject> subject(PrincipalName name, Uid uid) {
    if (org.isEmpty()) {
      return Optional.empty();
    }
    return uid.isSet()
        ? gathering(org.get()).member(name, uid)
        : Optional.of(gathering(org.get()).subject(name));
  }

  /** Comes to a resource; what is asked about it from now on is not remembered. */
  void standOn(String path) {
    rows.resource(path).ifPresent(along::standOn);
  }

  /** Looks at a principal and a resource. */
  Sight sight(Optional<Subject> subject, ResourceName resource) {
    if (suspended) {
      return Sight.blanket(Reason.SUSPENDED);
    }
    if (org.isEmpty() || org.get().profile().kindOf(resource).isEmpty()) {
      return Sight.blanket(Reason.UNKNOWN_RESOURCE);
    }
    if (subject.isEmpty()) {
      return Sight.blanket(Reason.NO_GRANT);
    }
    Profile profile = org.get().profile();
    Kind kind = profile.kindOf(resource).orElseThrow();
    Facts facts = gathering(org.get()).gather(subject.get(), resource);
    return new Sight(Reason.NONE, Optional.of(new Sight.Known(profile, kind, facts)));
  }

  private Gathering gathering(OrgState state) {
    return new Gathering(state, rows, along, new Dependencies(Uid.NONE));
  }
}
