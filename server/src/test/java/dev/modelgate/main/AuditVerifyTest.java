package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.modelgate.v1.GetPolicyRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** audit verify and audit export, against a sidecar and after it. */
final class AuditVerifyTest {
  @TempDir Path directory;

  @Test
  void export_ofASidecar_isVerifiedAsTheDirectoryIs() throws IOException {
    Path export = directory.resolve("audit.jsonl");
    Path packed = directory.resolve("audit.jsonl.gz");
    Path data = directory.resolve("data");
    try (SidecarBed bed = new SidecarBed(SidecarBed.options(data))) {
      bed.sample();
      attempts(bed, 5);
      for (Path file : List.of(export, packed)) {
        CommandRun run =
            CommandRun.of(
                "audit",
                "export",
                "organizations/system",
                file.toString(),
                "--data",
                data.toString(),
                "--admin-address",
                "127.0.0.1:" + bed.sidecar().servers().adminPort());
        assertEquals(0, run.code(), run.err());
      }
    }
    List<String> lines = Files.readAllLines(export);
    assertTrue(lines.stream().anyMatch(line -> line.contains("organizationPut")));
    CommandRun ofFile = CommandRun.of("audit", "verify", export.toString());
    assertEquals(0, ofFile.code(), ofFile.out() + ofFile.err());
    assertTrue(ofFile.out().startsWith("whole: 6 events, the last is 6:"), ofFile.out());
    assertEquals(ofFile.out(), CommandRun.of("audit", "verify", packed.toString()).out());
    assertEquals(ofFile.out(), CommandRun.of("audit", "verify", data.toString()).out());
    String last = ofFile.out().strip().replaceFirst(".* ", "");
    assertEquals(0, CommandRun.of("audit", "verify", data.toString(), "--anchor", last).code());
    lines.removeIf(line -> line.contains("\"sequence\":\"4\""));
    Files.write(export, lines);
    CommandRun broken = CommandRun.of("audit", "verify", export.toString());
    assertEquals(1, broken.code());
    assertTrue(broken.out().contains("event 5 stands after event 3, 1 are missing"), broken.out());
  }

  @Test
  void verify_afterDamage_namesThePlaceAndExitsOne() throws IOException {
    try (SidecarBed bed = new SidecarBed(directory)) {
      attempts(bed, 5);
    }
    Path segment = segment();
    byte[] bytes = Files.readAllBytes(segment);
    bytes[bytes.length / 2] ^= 1;
    Files.write(segment, bytes);
    CommandRun text = CommandRun.of("audit", "verify", directory.toString());
    assertEquals(1, text.code());
    assertTrue(text.out().startsWith("broken: " + segment.getFileName() + " line "), text.out());
    CommandRun json = CommandRun.of("audit", "verify", directory.toString(), "--json");
    assertEquals(1, json.code());
    JsonObject report = JsonParser.parseString(json.out()).getAsJsonObject();
    assertEquals(false, report.get("whole").getAsBoolean());
    assertTrue(report.get("breaks").getAsJsonArray().size() >= 1);
  }

  @Test
  void sidecar_killedWhileItWrote_saysWhatItCut() throws IOException {
    try (SidecarBed bed = new SidecarBed(directory)) {
      attempts(bed, 2);
    }
    Path segment = segment();
    String torn = "{\"sequence\":4,\"time\":\"2026";
    Files.writeString(segment, Files.readString(segment) + torn);
    assertEquals(1, CommandRun.of("audit", "verify", directory.toString()).code());
    try (SidecarBed bed = new SidecarBed(directory)) {
      attempts(bed, 1);
    }
    List<String> lines = new ArrayList<>(Files.readAllLines(segment));
    assertTrue(lines.get(3).contains("TORN_EVENT_CUT"), lines.get(3));
    int bytes = torn.getBytes(StandardCharsets.UTF_8).length;
    assertTrue(lines.get(3).contains("\"bytes\":\"" + bytes + "\""), lines.get(3));
    assertEquals(0, CommandRun.of("audit", "verify", directory.toString()).code());
  }

  @Test
  void verify_ofNothing_exitsTwo() {
    for (String path : List.of(directory.toString(), directory.resolve("none").toString())) {
      CommandRun run = CommandRun.of("audit", "verify", path);
      assertEquals(2, run.code());
      assertTrue(run.err().startsWith("error: `" + path + "` "), run.err());
    }
    CommandRun run = CommandRun.of("audit", "verify", "--anchor", "7");
    assertEquals(2, run.code());
    assertTrue(run.err().contains("a colon and its hash"), run.err());
  }

  private Path segment() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("audit"))) {
      return files.filter(file -> file.toString().endsWith(".jsonl")).findFirst().orElseThrow();
    }
  }

  private static void attempts(SidecarBed bed, int count) {
    for (int i = 0; i < count; i++) {
      assertThrows(
          StatusRuntimeException.class,
          () -> bed.admin("Bearer no").getPolicy(GetPolicyRequest.getDefaultInstance()));
    }
  }
}
