package dev.modelgate.model.profile;

import static dev.modelgate.fuzz.FuzzTarget.require;

import dev.modelgate.fuzz.FuzzTarget;
import java.nio.charset.StandardCharsets;

/** Profiles: refused with a line, or one that compiles again to the same words. */
public final class ProfileTarget implements FuzzTarget {
  @Override
  public void read(byte[] input) {
    ProfileDocument document;
    try {
      document = ProfileDocument.parse(new String(input, StandardCharsets.UTF_8));
    } catch (ProfileException e) {
      require(String.valueOf(e.getMessage()).length() <= 1_000, "a message is bounded");
      return;
    }
    Profile profile = document.compile(document.extended(Vocabulary.EMPTY));
    require(profile.name().equals(document.name()), "a profile has the name of its document");
    require(ProfileDocument.parse(document.text()).name().equals(document.name()), "read again");
  }
}
