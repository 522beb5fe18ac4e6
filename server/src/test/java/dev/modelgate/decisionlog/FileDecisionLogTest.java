package dev.modelgate.decisionlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.modelgate.app.check.Decision;
import dev.modelgate.decisionlog.DecisionMask.Field;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a line says, what is masked, and how the files are bounded. */
final class FileDecisionLogTest {
  private static final byte[] KEY = new byte[32];

  @TempDir private Path data;

  @Test
  void decision_isALineWithEveryField() throws IOException {
    assertEquals(
        List.of(
            "{\"time\":\"2026-01-01T00:00:00.000001Z\",\"principal\":\"user:ana@acme.com\","
                + "\"actingThrough\":[\"app:portal\"],\"resource\":\"fraud\",\"action\":\"predict\","
                + "\"decision\":\"deny\",\"reason\":\"NO_GRANT\",\"deniedLink\":\"app:portal\","
                + "\"missing\":[\"context.a\",\"context.b\"],\"revision\":\"r7\","
                + "\"caller\":\"mtls:spiffe://a\",\"micros\":12}"),
        written(Set.of(), decision("user:ana@acme.com")));
  }

  @Test
  void decision_ofEveryText_isOneLineOfJson() throws IOException {
    String nasty = "user:\"\\\n\r\u2028\u0000\ud83d\ude00</script>";
    List<String> lines = written(Set.of(), decision(nasty));
    assertEquals(1, lines.size());
    JsonObject json = JsonParser.parseString(lines.get(0)).getAsJsonObject();
    assertEquals(nasty, json.get("principal").getAsString());
  }

  @Test
  void maskedFields_areDigestsThatTellNamesApart() throws IOException {
    List<String> lines =
        written(
            EnumSet.allOf(Field.class),
            decision("user:ana@acme.com"),
            decision("user:ana@acme.com"),
            decision("user:ben@acme.com"));
    assertEquals(lines.get(0), lines.get(1));
    assertNotEquals(lines.get(0), lines.get(2));
    for (String line : lines) {
      for (String name : List.of("ana", "ben", "acme", "portal", "fraud", "spiffe")) {
        assertFalse(line.contains(name), line);
      }
      JsonObject json = JsonParser.parseString(line).getAsJsonObject();
      assertTrue(json.get("principal").getAsString().matches("user:#[0-9a-f]{32}"), line);
      assertTrue(json.get("resource").getAsString().matches("#[0-9a-f]{32}"), line);
      assertEquals("predict", json.get("action").getAsString());
    }
  }

  @Test
  void digest_turnsOnTheKey() {
    byte[] other = KEY.clone();
    other[31] = 1;
    Set<Field> principals = Set.of(Field.PRINCIPALS);
    assertNotEquals(
        new DecisionMask(principals, KEY).of(Field.PRINCIPALS, "user:ana"),
        new DecisionMask(principals, other).of(Field.PRINCIPALS, "user:ana"));
  }

  @Test
  void files_areBoundedInSizeAndNumber() throws IOException {
    Path file = data.resolve("log").resolve("decisions.jsonl");
    for (int start = 0; start < 2; start++) {
      try (RotatedFile rotated = new RotatedFile(file, 100, 3)) {
        for (int i = 0; i < 50; i++) {
          rotated.write(ByteBuffer.wrap(String.format("%d %027d%n", start, i).getBytes(UTF_8)));
        }
      }
    }
    try (Stream<Path> files = Files.list(data.resolve("log"))) {
      assertEquals(
          List.of("decisions.jsonl", "decisions.jsonl.1", "decisions.jsonl.2"),
          files.map(each -> each.getFileName().toString()).sorted().toList());
    }
    int next = 49;
    for (String name : List.of("decisions.jsonl", "decisions.jsonl.1", "decisions.jsonl.2")) {
      Path each = file.resolveSibling(name);
      assertTrue(Files.size(each) <= 100);
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(each)));
      List<String> lines = Files.readAllLines(each);
      for (int i = lines.size() - 1; i >= 0; i--) {
        assertEquals(String.format("1 %027d", next--), lines.get(i));
      }
    }
  }

  @Test
  void oneFile_isBoundedToo() throws IOException {
    Path file = data.resolve("decisions.jsonl");
    try (RotatedFile rotated = new RotatedFile(file, 100, 1)) {
      for (int i = 0; i < 50; i++) {
        rotated.write(ByteBuffer.wrap("0123456789\n".getBytes(UTF_8)));
        assertTrue(Files.size(file) <= 100);
      }
    }
    try (Stream<Path> files = Files.list(data)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void decisionsBeyondTheQueue_areDroppedAndCounted() throws IOException {
    FileDecisionLog log =
        new FileDecisionLog(data.resolve("log"), 64 << 20, 2, new DecisionMask(Set.of(), KEY));
    int count = 100_000;
    for (int i = 0; i < count; i++) {
      log.record(decision("user:u" + i));
    }
    log.close();
    log.record(decision("user:late"));
    assertEquals(count + 1, log.written() + log.dropped());
    assertTrue(log.dropped() > 0);
    assertEquals(log.written(), Files.readAllLines(data.resolve("log/decisions.jsonl")).size());
    assertEquals(0, log.failures());
  }

  @Test
  void text_thatIsTooLong_isCut() {
    Decision decision = decision("user:" + "x".repeat(10_000));
    assertEquals(Decision.CHARS_MAX, decision.principal().length());
  }

  private List<String> written(Set<Field> masked, Decision... decisions) throws IOException {
    try (FileDecisionLog log =
        new FileDecisionLog(data.resolve("log"), 1 << 20, 2, new DecisionMask(masked, KEY))) {
      for (Decision decision : decisions) {
        log.record(decision);
      }
    }
    return Files.readAllLines(data.resolve("log/decisions.jsonl"));
  }

  private static Decision decision(String principal) {
    return new Decision(
        1_767_225_600_000_001L,
        principal,
        List.of("app:portal"),
        "fraud",
        "predict",
        "deny",
        "NO_GRANT",
        "app:portal",
        Set.of("context.b", "context.a"),
        "r7",
        "mtls:spiffe://a",
        12_345);
  }
}
