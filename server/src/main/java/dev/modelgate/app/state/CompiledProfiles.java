package dev.modelgate.app.state;

import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.model.profile.Vocabulary;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Compiles profiles, and gives the same document with the same vocabulary the same profile while it
 * is one of the last {@value #KEPT_MAX} asked for: organizations mostly have the copy of a built-in
 * one, and a suspension loads its organization again and changes no profile. For use by one thread.
 */
final class CompiledProfiles {
  /** The most that are kept; each holds at most {@link ProfileDocument#CHARS_MAX} of text. */
  static final int KEPT_MAX = 16;

  private record Source(String text, Vocabulary vocabulary) {}

  private final Map<Source, Profile> kept =
      new LinkedHashMap<>(2 * KEPT_MAX, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Source, Profile> eldest) {
          return size() > KEPT_MAX;
        }
      };

  /**
   * The profile that a document means.
   *
   * @throws dev.modelgate.model.profile.ProfileException when it cannot be compiled; nothing is
   *     kept then
   */
  Profile compile(String text, Vocabulary vocabulary) {
    Source source = new Source(text, vocabulary);
    Profile profile = kept.get(source);
    if (profile == null) {
      profile = ProfileDocument.parse(text).compile(vocabulary);
      kept.put(source, profile);
    }
    return profile;
  }
}
