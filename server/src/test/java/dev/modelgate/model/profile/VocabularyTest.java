package dev.modelgate.model.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Hazard 16: a number that a row may hold never means anything else. */
final class VocabularyTest {

  @Test
  void names_addedLater_leaveTheNumbersOfTheOthers() {
    Vocabulary first = Vocabulary.EMPTY.with(List.of("get", "update"), List.of("viewer", "owner"));
    Vocabulary second = first.with(List.of("discover", "update"), List.of("admin", "owner"));
    assertEquals(List.of("get", "update", "discover"), second.permissions());
    assertEquals(List.of("viewer", "owner", "admin"), second.roles());
    assertEquals(second, second.with(List.of("update", "get"), List.of("viewer")));
  }

  @Test
  void permissions_beyondTheBitsOfAMask_areRefused() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < Vocabulary.PERMISSIONS_MAX; i++) {
      names.add("p" + i);
    }
    Vocabulary full = Vocabulary.EMPTY.with(names, List.of());
    assertThrows(IllegalArgumentException.class, () -> full.with(List.of("more"), List.of()));
  }

  /** A profile that names less than its organization has ever named uses the old numbers. */
  @Test
  void profile_compiledAgainstAnOlderVocabulary_usesItsNumbers() {
    ProfileDocument document = BuiltInProfiles.find(BuiltInProfiles.DEFAULT).orElseThrow();
    Vocabulary older =
        Vocabulary.EMPTY.with(List.of("gone", "predict", "get"), List.of("gone", "viewer"));
    Profile profile = document.compile(document.extended(older));
    assertEquals(1L << 1, profile.permission("predict").orElseThrow());
    assertEquals(1L << 2, profile.permission("get").orElseThrow());
    assertEquals(1, profile.role("viewer").orElseThrow().id());
    assertEquals(
        List.of("get"),
        profile.permissionNames(
            profile.role("viewer").orElseThrow().maskOn(profile.kind("model").orElseThrow())
                & 1L << 2));
    assertEquals("viewer", profile.role(1).orElseThrow().name());
    assertEquals(0, profile.role(0).stream().count());
  }
}
