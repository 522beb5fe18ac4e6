package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.store.row.SettingsRow;
import java.util.Map;
import java.util.Set;

/** An organization's settings. */
final class OrganizationRules {
  private final Draft draft;
  private final Rights rights;

  OrganizationRules(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
  }

  /** Changes what is given; a feature opens gates for everybody, which takes an administrator. */
  void update(Command.UpdateOrganization command) {
    rights.require(ResourceName.ofOrganization(draft.organizationId()), Operation.UPDATE);
    SettingsRow row = draft.settings();
    GrantRules.requireEtag(
        ResourceName.ofOrganization(draft.organizationId()),
        command.etag(),
        Etag.of(Uid.ORGANIZATION, row.changedIn()));
    Map<String, Boolean> features = command.features().orElse(row.features());
    if (!features.equals(row.features())) {
      rights.requireLastingAdministrator();
    }
    put(row, command.displayName().orElse(row.displayName()), features);
  }

  /** Brings the features to what is said. */
  void bring(Map<String, Boolean> features) {
    put(draft.settings(), draft.settings().displayName(), features);
  }

  private void put(SettingsRow row, String displayName, Map<String, Boolean> features) {
    if (!features.equals(row.features())) {
      requireDeclared(features);
    }
    if (!displayName.equals(row.displayName()) || !features.equals(row.features())) {
      draft.put(
          new SettingsRow(
              row.id(),
              displayName,
              row.profile(),
              row.profileVersion(),
              row.vocabulary(),
              features,
              row.createdAtMicros(),
              draft.atMicros(),
              draft.version()));
    }
  }

  private void requireDeclared(Map<String, Boolean> features) {
    Set<String> declared = draft.profile().states().features().keySet();
    for (String feature : features.keySet()) {
      if (!declared.contains(feature)) {
        throw Refusal.ofField(
                Fault.INVALID_FIELD,
                "features",
                feature,
                "one of " + declared.stream().sorted().toList())
            .asException();
      }
    }
  }
}
