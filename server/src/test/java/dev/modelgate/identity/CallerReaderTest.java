package dev.modelgate.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.CallerRule;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.config.SettingException;
import dev.modelgate.config.YamlNode;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.Micros;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The part {@code callers:} of the identity file. */
final class CallerReaderTest {
  @TempDir Path directory;

  @Test
  void rules_areRead_andTheFirstThatMeansACallerCounts() throws IOException {
    CallerRules rules =
        read(
            """
            callers:
              - caller: [user:root@acme.com, jwt:corp:42]
                system-administrator: true
              - caller: serviceAccount:portal
                acts-for: {organizations: [acme, beta], roles: [user, editor]}
              - caller: serviceAccount:*
                acts-for: {organizations: acme, roles: "*"}
                asks: {principals: ["user:*", self]}
              - caller: mtls:spiffe://acme/*
                asks: {organizations: "*", principals: "*"}
            """);
    assertEquals(1, rules.systemAdministrators());
    assertTrue(rules.isSystemAdministrator(PrincipalName.parse("user:root@acme.com")));
    assertFalse(rules.isSystemAdministrator(PrincipalName.parse("user:ana@acme.com")));
    CallerRule portal = rule(rules, "jwt:x:1", "serviceAccount:portal").orElseThrow();
    assertEquals(
        Optional.of(
            new CallerRule.ActsFor(Set.of("acme", "beta"), Optional.of(Set.of("user", "editor")))),
        portal.actsFor());
    assertEquals(Optional.empty(), portal.asks());
    CallerRule other = rule(rules, "jwt:x:1", "serviceAccount:other").orElseThrow();
    assertEquals(Optional.empty(), other.actsFor().orElseThrow().roles());
    assertTrue(other.asks().orElseThrow().self());
    assertTrue(rule(rules, "jwt:corp:42", "user:x").orElseThrow().systemAdministrator());
    assertEquals(Optional.empty(), rule(rules, "jwt:corp:421", "user:x"));
    CallerRule spiffe = rule(rules, "mtls:spiffe://acme/a/b", "app:x").orElseThrow();
    assertEquals(Optional.empty(), spiffe.asks().orElseThrow().organizations());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '$',
      value = {
        "{system-administrator: true} | `caller` is missing",
        "{caller: group:risk} | `group:risk` (expected: a user, serviceAccount or app",
        "{caller: user} | `user` (expected: a user",
        "{caller: us*} | `us*` (expected: a user",
        "{caller: 'user:*x'} | `user:*x` (expected: a user",
        "{caller: 'user:*', system-administrator: true} | is named in full, without *",
        "{caller: '*', system-administrator: true} | is named in full, without *",
        "{caller: user:a, system-administrator: maybe} | expected: true or false",
        "{caller: user:a, system-administrator: true, asks: {principals: self}} | neither acts",
        "{caller: user:a, acts-for: {organizations: acme}} | `roles` is missing",
        "{caller: user:a, acts-for: {roles: user}} | `organizations` is missing",
        "{caller: user:a, acts-for: {organizations: a/b, roles: x}} | `a/b` (expected: the id",
        "{caller: user:a, asks: {organizations: acme}} | `principals` is missing",
        "{caller: user:a, asks: {principals: group:x}} | `group:x` (expected: a principal",
        "{caller: user:a, ask: {}} | unknown key `ask`",
      })
  void mistake_isRefused_withItsLine(String entry, String expected) {
    SettingException refused =
        assertThrows(SettingException.class, () -> read("callers:\n  - " + entry + "\n"));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains(expected), message);
    assertTrue(message.contains("2"), message);
  }

  private CallerRules read(String text) throws IOException {
    Path file = directory.resolve("identity.yaml");
    Files.writeString(file, text);
    return IdentitySettings.read(YamlNode.read(file.toString()).fields(IdentitySettings.KEYS))
        .callers();
  }

  private static Optional<CallerRule> rule(CallerRules rules, String credential, String principal) {
    return rules.of(
        new Caller(
            credential,
            Optional.of(PrincipalName.parse(principal)),
            Optional.empty(),
            List.of(),
            Micros.NEVER,
            "test"));
  }
}
