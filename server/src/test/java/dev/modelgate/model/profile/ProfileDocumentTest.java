package dev.modelgate.model.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Documents that say something wrong, and the line that the error names. */
final class ProfileDocumentTest {
  /** Line 1 is the one with {@code schema}. */
  private static final String SMALL =
      """
      schema: 1
      name: small
      permissions: [get, predict, transfer]
      verbs: {look: [get]}
      rights: {update: get}
      kinds:
        organization: {collection: organizations, parents: [], permissions: [get, transfer]}
        model: {collection: models, parents: [organization], permissions: [get, predict], types: [a]}
      roles:
        owner: {rank: 1, owner: true, permissions: {"*": ["*"]}}
        user: {rank: 0, permissions: {"*": [predict]}}
      flags: {on: {kinds: [model], needs: get}}
      gates: [{reason: OFF, kinds: [model], flags: {on: false}, closes: [predict]}]
      limits: {recipients: 10}
      groups: {may_own: [owner]}
      conditions: {never_on_roles: [user]}
      switches: {owners: any, cap: none, above_you: allowed, owner_recipient: no_op, isolation: open,
                 directory: open, unseen: not_found, administers: transfer}
      """;

  @Test
  void document_withoutFaults_isRead() {
    ProfileDocument document = ProfileDocument.parse(SMALL);
    Profile profile = document.compile(document.extended(Vocabulary.EMPTY));
    assertEquals(
        profile.permission("get").getAsLong(),
        profile.action("look").orElseThrow().on(profile.kind("model").orElseThrow()));
    assertEquals(10, profile.limits().recipients());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1|schema: 1|schema: 2",
        "2|name: small|name: 'a b'",
        "3|[get, predict, transfer]|[get, get, predict, transfer]",
        "3|[get, predict, transfer]|['*', get, predict, transfer]",
        "4|look: [get]|look: [stare]",
        "4|look: [get]|look: []",
        "4|look: [get]|look: {model: [get]}",
        "4|look: [get]|look: {'*': [get], engine: [get]}",
        "5|update: get|repair: get",
        "5|update: get|update: [get, stare]",
        "7|collection: organizations|collection: orgs",
        "8|collection: models|collection: Models",
        "8|parents: [organization]|parents: [folder]",
        "8|types: [a]|unshareable_types: [b]",
        "8|types: [a]|share_permissions: [stare]",
        "8|types: [a]|types: [a], shares_by_permission: true, share_permissions: [get]",
        "8|types: [a]|types: [a], shares_by_permission: true, keeps_sharer: true",
        "8|types: [a]|recipients: [user, robot]",
        "8|types: [a]|roles: [nobody]",
        "8|types: [a]|default_role: nobody",
        "8|types: [a]|owned: perhaps",
        "10|owner: true|owner: false",
        "10|rank: 1|rank: high",
        "11|{'*': [predict]}|{robot: [predict]}",
        "12|kinds: [model]|kinds: [robot]",
        "13|reason: OFF|reason: off",
        "13|flags: {on: false}|flags: {off: false}",
        "13|closes: [predict]|closes: []",
        "14|recipients: 10|recipients: 0",
        "14|recipients: 10|recipients: 1001",
        "15|may_own: [owner]|may_own: [everybody]",
        "16|[user]|[nobody]",
        "17|cap: none|cap: everything",
        "18|administers: transfer|administers: everything",
        "7|permissions: [get, transfer]}|permissions: [get, transfer], deleted_last: off}",
      })
  void document_withAFault_namesItsLine(int line, String right, String wrong) {
    String quoted = right.replace('\'', '"');
    assertTrue(SMALL.contains(quoted), quoted);
    ProfileException thrown =
        assertThrows(
            ProfileException.class,
            () -> ProfileDocument.parse(SMALL.replace(quoted, wrong.replace('\'', '"'))));
    assertEquals(line, thrown.line(), thrown.getMessage());
    assertTrue(String.valueOf(thrown.getMessage()).startsWith("profile, line " + line + ": "));
  }

  @Test
  void document_ofOneLongWord_isNotEchoedWhole() {
    String word = "x".repeat(10_000);
    ProfileException thrown =
        assertThrows(
            ProfileException.class,
            () -> ProfileDocument.parse(SMALL.replace("cap: none", "cap: " + word)));
    assertTrue(String.valueOf(thrown.getMessage()).length() < 600, thrown.getMessage());
  }

  @Test
  void document_thatIsNoYaml_namesItsLine() {
    ProfileException thrown =
        assertThrows(
            ProfileException.class, () -> ProfileDocument.parse(SMALL.replace("name: small", "[")));
    assertTrue(thrown.line() >= 2, thrown.getMessage());
  }

  @Test
  void document_thatIsTooLong_isRefusedUnread() {
    String text = SMALL + "#".repeat(ProfileDocument.CHARS_MAX);
    assertThrows(ProfileException.class, () -> ProfileDocument.parse(text));
  }
}
