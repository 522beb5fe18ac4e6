package dev.modelgate.app.sharing;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Role;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.Table;
import dev.modelgate.store.row.GrantRow;
import java.util.ArrayList;
import java.util.List;

/**
 * The resources that have more owners than a profile with a single one lets them have: a state that
 * no command could reach under it. Who is deleted owns nothing; a restore looks again.
 *
 * <p>Reads all grants once, by resource, where the profile before did not see to it.
 */
final class SeveralOwners {
  private static final byte[] ALL = {};

  /** The most owners of a resource that are named. */
  private static final int NAMED_MAX = 3;

  private final Draft draft;
  private final Profile fresh;
  private final List<ProfileLoss.Loss> shown = new ArrayList<>();
  private final List<String> owners = new ArrayList<>();
  private Uid resource = Uid.NONE;
  private int count;

  SeveralOwners(Draft draft, Profile fresh) {
    this.draft = draft;
    this.fresh = fresh;
  }

  /** Looks for them. */
  void find() {
    if (fresh.switches().owners() != Switches.Owners.SINGLE || isHeldAlready()) {
      return;
    }
    draft
        .rows()
        .each(
            Table.GRANTS,
            ALL,
            ALL,
            GrantRow::decode,
            row -> {
              if (!row.resource().equals(resource)) {
                finish();
                resource = row.resource();
              }
              if (row.grants().stream().anyMatch(grant -> Grants.isOwner(fresh, grant))) {
                draft.nameOf(row.principal()).map(PrincipalName::toString).ifPresent(owners::add);
              }
              return true;
            });
    finish();
  }

  /** How many there are. */
  int count() {
    return count;
  }

  /** The first {@value ProfileLoss#SHOWN_MAX} of them, with some of their owners. */
  List<ProfileLoss.Loss> shown() {
    return shown;
  }

  /** Whether the profile before lets nobody be a second owner, and calls the same roles owners. */
  private boolean isHeldAlready() {
    return draft.profile().switches().owners() == Switches.Owners.SINGLE
        && fresh.roles().stream().filter(Role::owner).allMatch(this::wasOwner);
  }

  private boolean wasOwner(Role role) {
    return draft.profile().role(role.name()).filter(Role::owner).isPresent();
  }

  private void finish() {
    if (owners.size() > 1) {
      draft
          .nameOfResource(resource)
          .ifPresent(
              name -> {
                count++;
                if (shown.size() < ProfileLoss.SHOWN_MAX) {
                  String named =
                      String.join(", ", owners.subList(0, Math.min(NAMED_MAX, owners.size())));
                  shown.add(
                      new ProfileLoss.Loss(
                          "several owners of " + name,
                          owners.size() > NAMED_MAX ? named + ", ..." : named));
                }
              });
    }
    owners.clear();
  }
}
