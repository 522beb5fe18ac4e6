package dev.modelgate.app.sharing;

import dev.modelgate.model.Fault;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.model.profile.ProfileException;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.model.profile.Vocabulary;
import dev.modelgate.store.row.ProfileRow;
import dev.modelgate.store.row.SettingsRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Another profile for an organization: the next version, the ones before being immutable.
 *
 * <p>Invariant: no stored row means something else afterwards. The vocabulary only grows, so that a
 * bit and a role's number keep their names for ever (hazard 16), and what rows name does not
 * disappear.
 */
public final class ProfileRules {
  /** The most versions of one organization's profile. */
  static final int VERSIONS_MAX = 1_000;

  private final Draft draft;
  private final Rights rights;

  ProfileRules(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
  }

  /** Puts the next version; what holds already changes nothing. */
  void put(Command.PutProfile command) {
    rights.requireLastingAdministrator();
    SettingsRow settings = draft.settings();
    GrantRules.requireEtag(
        ResourceName.ofOrganization(draft.organizationId()),
        command.etag(),
        Etag.ofProfile(settings.profileVersion()));
    ProfileDocument document =
        document(new Source("document", command.document(), "built_in", command.builtIn()));
    boolean holds =
        draft
            .rows()
            .profile(settings.profileVersion())
            .filter(row -> row.text().equals(document.text()))
            .isPresent();
    if (holds) {
      return;
    }
    Vocabulary vocabulary = extended(document, settings.vocabulary());
    Profile fresh = document.compile(vocabulary);
    requireAuthority(draft.profile().switches(), fresh.switches());
    requireNothingLost(fresh);
    long version = settings.profileVersion() + 1;
    if (version > VERSIONS_MAX) {
      throw Refusal.ofSize("versions of the profile", version, VERSIONS_MAX).asException();
    }
    draft.put(new ProfileRow(version, document.name(), draft.atMicros(), document.text()));
    draft.put(
        new SettingsRow(
            settings.id(),
            settings.displayName(),
            document.name(),
            version,
            vocabulary,
            settings.features(),
            settings.createdAtMicros(),
            draft.atMicros(),
            draft.version()));
  }

  /**
   * Where a profile comes from, with the fields of the request for a refusal.
   *
   * @param text the document; empty for the built-in one
   * @param builtIn the name of a built-in profile
   */
  public record Source(String textField, String text, String builtInField, String builtIn) {
    /** What a new organization begins with. */
    public static Source of(Command.InitializeOrganization command) {
      return new Source("profile_document", command.document(), "profile", command.profile());
    }
  }

  /**
   * Reads a document, or finds the built-in one.
   *
   * @throws dev.modelgate.model.RefusedException PROFILE_INVALID, UNKNOWN_PROFILE
   */
  public static ProfileDocument document(Source source) {
    if (source.text().isEmpty()) {
      return BuiltInProfiles.find(source.builtIn())
          .orElseThrow(
              () ->
                  Refusal.ofField(
                          Fault.UNKNOWN_PROFILE,
                          source.builtInField(),
                          source.builtIn(),
                          "one of " + BuiltInProfiles.names())
                      .asException());
    }
    try {
      return ProfileDocument.parse(source.text());
    } catch (ProfileException e) {
      throw invalid(source.textField(), e).asException();
    }
  }

  /** The vocabulary with the document's words: all that were ever used stay in it. */
  private static Vocabulary extended(ProfileDocument document, Vocabulary vocabulary) {
    try {
      return document.extended(vocabulary);
    } catch (ProfileException e) {
      throw invalid("document", e).asException();
    }
  }

  private static Refusal invalid(String field, ProfileException e) {
    return new Refusal(
        Fault.PROFILE_INVALID,
        String.valueOf(e.getMessage()),
        field,
        Map.of("field", field, "documentLine", String.valueOf(e.line()), "problem", e.problem()));
  }

  /**
   * Who else is let in, and how far anybody may share, is not an organization's own (hazard 17).
   */
  private void requireAuthority(Switches old, Switches fresh) {
    boolean same =
        old.isolation() == fresh.isolation()
            && old.directory() == fresh.directory()
            && old.cap() == fresh.cap();
    if (!same && !rights.isSystemAdministrator()) {
      throw Refusal.notPermitted(
              "isolation, directory and cap are changed by the system administrator",
              rights.actorText(),
              "systemAdministrator",
              ResourceName.ofOrganization(draft.organizationId()).toString(),
              "")
          .asException();
    }
  }

  private void requireNothingLost(Profile fresh) {
    List<ProfileLoss.Loss> losses = new ArrayList<>(new ProfileLoss(draft, fresh).find());
    SeveralOwners several = new SeveralOwners(draft, fresh);
    several.find();
    int count = losses.size() + several.count();
    losses.addAll(several.shown());
    if (losses.isEmpty()) {
      return;
    }
    List<String> blockers =
        losses.stream()
            .limit(ProfileLoss.SHOWN_MAX)
            .map(loss -> loss.what() + ": " + InvalidNameException.shortened(loss.usedBy()))
            .toList();
    throw new Refusal(
            Fault.PROFILE_IN_USE,
            "the profile has no place for "
                + losses.get(0).what()
                + " and "
                + (count - 1)
                + " more things that there are",
            "",
            Map.of(
                "organization",
                ResourceName.ofOrganization(draft.organizationId()).toString(),
                "blockers",
                String.join("\n", blockers),
                "count",
                String.valueOf(count)))
        .asException();
  }
}
