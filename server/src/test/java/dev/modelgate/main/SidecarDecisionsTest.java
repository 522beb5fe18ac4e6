package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.CheckRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The decision log of a whole sidecar. */
final class SidecarDecisionsTest {
  @TempDir Path directory;

  @Test
  void fullLog_hasEveryDecisionAsItWasAnswered() throws IOException {
    ServeOptions options = SidecarBed.options(directory);
    options.decisionLog.mode = "full";
    String revision;
    try (SidecarBed bed = new SidecarBed(options)) {
      bed.sample();
      for (int i = 0; i < 2; i++) { // A miss, then a hit.
        assertEquals("ALLOW", bed.answer("user:cleo@acme.com", "models/fraud", "predict"));
      }
      revision = bed.check("user:ben@acme.com", SidecarBed.FRAUD, "predict").getRevision();
      bed.data()
          .batchCheck(
              BatchCheckRequest.newBuilder()
                  .addItems(question("user:ana@acme.com", "predict"))
                  .addItems(question("user:ana@acme.com", "nonsense"))
                  .build());
    }
    List<JsonObject> lines = lines();
    assertEquals(
        List.of(
            "user:cleo@acme.com models/fraud predict allow ",
            "user:cleo@acme.com models/fraud predict allow "),
        lines.stream().limit(2).map(SidecarDecisionsTest::text).toList());
    // A miss is logged on a thread of the pool, so the next answer may be logged before it.
    assertEquals(
        List.of(
            "user:ana@acme.com " + SidecarBed.FRAUD + " nonsense error UNKNOWN_ACTION",
            "user:ana@acme.com " + SidecarBed.FRAUD + " predict allow ",
            "user:ben@acme.com " + SidecarBed.FRAUD + " predict deny NO_GRANT"),
        lines.stream().skip(2).map(SidecarDecisionsTest::text).sorted().toList());
    for (JsonObject line : lines.subList(2, 5)) {
      if (text(line).startsWith("user:ben@acme.com ")) {
        assertEquals(revision, line.get("revision").getAsString());
      }
      assertEquals("none", line.get("caller").getAsString());
    }
  }

  @Test
  void maskedLog_hasNoNames() throws IOException {
    ServeOptions options = SidecarBed.options(directory);
    options.decisionLog.mode = "full";
    options.decisionLog.mask = "principals,resources";
    for (int start = 0; start < 2; start++) {
      try (SidecarBed bed = new SidecarBed(options)) {
        if (start == 0) {
          bed.sample();
        }
        bed.check("user:cleo@acme.com", SidecarBed.FRAUD, "predict");
      }
    }
    List<JsonObject> lines = lines();
    assertFalse(lines.toString().contains("cleo") || lines.toString().contains("fraud"));
    assertTrue(lines.get(0).get("principal").getAsString().startsWith("user:#"));
    assertEquals(lines.get(0).get("principal"), lines.get(1).get("principal"));
    assertEquals(lines.get(0).get("resource"), lines.get(1).get("resource"));
  }

  @Test
  void log_thatIsOff_writesNothing() throws IOException {
    try (SidecarBed bed = new SidecarBed(directory)) {
      bed.sample();
      bed.check("user:cleo@acme.com", SidecarBed.FRAUD, "predict");
    }
    assertFalse(Files.exists(directory.resolve("decisions")));
  }

  private List<JsonObject> lines() throws IOException {
    return Files.readAllLines(directory.resolve("decisions/decisions.jsonl")).stream()
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .toList();
  }

  private static String text(JsonObject line) {
    return String.join(
        " ",
        line.get("principal").getAsString(),
        line.get("resource").getAsString(),
        line.get("action").getAsString(),
        line.get("decision").getAsString(),
        line.get("reason").getAsString());
  }

  private static CheckRequest question(String principal, String action) {
    return CheckRequest.newBuilder()
        .setPrincipal(principal)
        .setModel(SidecarBed.FRAUD)
        .setAction(action)
        .build();
  }
}
