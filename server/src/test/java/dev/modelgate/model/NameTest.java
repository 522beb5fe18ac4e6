package dev.modelgate.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hazard 14: one thing has one name, and two things have two. */
final class NameTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user:ANA@acme.com",
        "user:ana@ACME.com",
        "user:A@b",
        "user:e\u0301", // é, decomposed
        "user:ana ",
        "user:a\u200bna", // a zero-width space
        "user:a\u0000",
        "user:\ue000",
        "user:\ud800",
        "user:",
        "ana",
        "User:ana",
        "user",
        "allUsers:x",
        ""
      })
  void principal_notCanonical_isRefused(String text) {
    assertThrows(InvalidNameException.class, () -> PrincipalName.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user:ana@acme.com",
        "user:00uABC", // an OIDC subject
        "serviceAccount:spiffe://acme.com/ns/Prod",
        "user:\u00e9",
        "group:a/b"
      })
  void principal_canonical_isKeptAsItIs(String text) {
    assertEquals(text, PrincipalName.parse(text).toString());
  }

  @Test
  void principals_thatLookAlike_areDistinct() {
    List<String> names =
        List.of(
            "user:abc", "user:aBc", "user:\u0430bc", "app:abc", "user:ab\u0441", "user:ab\u04411");
    Set<PrincipalName> distinct = new HashSet<>();
    names.forEach(name -> distinct.add(PrincipalName.parse(name)));
    assertEquals(names.size(), distinct.size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%66raud", // an encoded letter
        "a%2fb", // lower-case digits
        "a%2",
        "a%",
        "a%GG",
        "%00",
        "%7F",
        "%C2%80",
        "%ED%A0%80", // a surrogate
        "%C0%AF", // an overlong slash
        "e%CC%81", // é, decomposed
        "%FF",
        "a b",
        "\u00e9",
        "a?b",
        "a#b",
        "a\\b",
        ".",
        "..",
        ""
      })
  void id_notInNormalForm_isRefused(String id) {
    assertThrows(
        InvalidNameException.class, () -> ResourceName.parse("organizations/acme/models/" + id));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fraud",
        "meta-llama%2FLlama-3-8B",
        "bet%C3%A1",
        "a%20b",
        "...",
        "a%25b",
        "A",
        "a"
      })
  void id_inNormalForm_isKeptAsItIs(String id) {
    String name = "organizations/acme/models/" + id;
    assertEquals(name, ResourceName.parse(name).toString());
  }

  /** Of all spellings of a raw id one is taken. */
  @Test
  void id_ofEachByte_hasOneSpelling() {
    for (int octet = 0x20; octet < 0x7f; octet++) {
      Set<String> spellings =
          new HashSet<>(
              List.of(
                  "x" + (char) octet,
                  String.format("x%%%02X", octet),
                  String.format("x%%%02x", octet)));
      spellings.removeIf(NameTest::isRefused);
      String what = "spellings of `" + (char) octet + "`: " + spellings;
      assertEquals(1, spellings.size(), what);
    }
  }

  private static boolean isRefused(String id) {
    try {
      ResourceName.parse("organizations/acme/models/" + id);
      return false;
    } catch (InvalidNameException e) {
      return true;
    }
  }
}
