package dev.modelgate.app.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.model.profile.ProfileException;
import dev.modelgate.model.profile.Vocabulary;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CompiledProfilesTest {
  private final ProfileDocument document =
      BuiltInProfiles.find(BuiltInProfiles.DEFAULT).orElseThrow();
  private final String text = document.text();
  private final Vocabulary vocabulary = document.extended(Vocabulary.EMPTY);
  private final CompiledProfiles profiles = new CompiledProfiles();

  @Test
  void compile_sameDocumentAndVocabulary_givesTheSameProfile() {
    Profile profile = profiles.compile(text, vocabulary);
    assertSame(profile, profiles.compile(copy(text), document.extended(Vocabulary.EMPTY)));
  }

  @Test
  void compile_otherVocabulary_givesMasksOfItsOwn() {
    Vocabulary shifted = document.extended(new Vocabulary(List.of("custom"), List.of()));
    Profile first = profiles.compile(text, vocabulary);
    Profile second = profiles.compile(text, shifted);
    assertNotSame(first, second);
    assertEquals(
        first.action("predict").orElseThrow().otherwise() << 1,
        second.action("predict").orElseThrow().otherwise());
  }

  @Test
  void compile_otherDocument_isNotTheFirst() {
    Profile first = profiles.compile(text, vocabulary);
    assertNotSame(first, profiles.compile(text + "\n# another edition\n", vocabulary));
  }

  @Test
  void compile_documentThatIsWrong_isRefusedEachTime() {
    for (int i = 0; i < 2; i++) {
      assertThrows(ProfileException.class, () -> profiles.compile("schema: 1\n", vocabulary));
    }
  }

  @Test
  void compile_moreDocumentsThanAreKept_forgetsTheOldest() {
    Profile first = profiles.compile(text, vocabulary);
    for (int i = 1; i < CompiledProfiles.KEPT_MAX; i++) {
      profiles.compile(text + "\n# edition " + i + "\n", vocabulary);
    }
    assertSame(first, profiles.compile(text, vocabulary));
    for (int i = 0; i < CompiledProfiles.KEPT_MAX; i++) {
      profiles.compile(text + "\n# later edition " + i + "\n", vocabulary);
    }
    assertNotSame(first, profiles.compile(text, vocabulary));
  }

  private static String copy(String original) {
    return String.valueOf(original.toCharArray());
  }
}
