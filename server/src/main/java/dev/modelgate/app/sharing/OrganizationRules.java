package dev.modelgate.app.sharing;

import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.store.row.SettingsRow;

/** An organization's settings. */
final class OrganizationRules {
  private final Draft draft;
  private final Rights rights;

  OrganizationRules(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
  }

  /** Changes what is given. */
  void update(Command.UpdateOrganization command) {
    rights.require(ResourceName.ofOrganization(draft.organizationId()), Operation.UPDATE);
    SettingsRow row = draft.settings();
    GrantRules.requireEtag(
        command.etag(), Etag.of(dev.modelgate.model.Uid.ORGANIZATION, row.changedIn()));
    String displayName = command.displayName().orElse(row.displayName());
    if (!displayName.equals(row.displayName())) {
      draft.put(
          new SettingsRow(
              row.id(),
              displayName,
              row.profile(),
              row.profileVersion(),
              row.vocabulary(),
              row.createdAtMicros(),
              draft.atMicros(),
              draft.version()));
    }
  }
}
