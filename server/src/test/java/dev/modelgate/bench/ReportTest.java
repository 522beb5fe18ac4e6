package dev.modelgate.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final Row HOT =
      new Row(
          "hot: CPU per check", 64, 8, "us", 7, 1.14, 1.1, 0.03, Target.ratio(1.25, 1), true, "");

  @TempDir private Path directory;

  @Test
  void json_row_hasExactlyTheTenMembers() {
    JsonObject row = parse(Report.json(List.of(HOT))).get(0).getAsJsonObject();
    assertEquals(
        List.of(
            "name",
            "inFlight",
            "value",
            "unit",
            "reference",
            "ratio",
            "control",
            "must",
            "aim",
            "verdict"),
        List.copyOf(row.keySet()));
    assertEquals(64, row.get("inFlight").getAsInt());
    assertEquals(1.14, row.get("ratio").getAsDouble());
    assertEquals("must", row.get("verdict").getAsString());
  }

  @Test
  void json_whatIsNotKnown_isNull() {
    JsonObject row =
        parse(Report.json(List.of(Row.absent("jdk 25", "not found")))).get(0).getAsJsonObject();
    for (String member : List.of("value", "reference", "ratio", "control", "must", "aim")) {
      assertTrue(row.get(member).isJsonNull(), member);
    }
    assertEquals("absent: not found", row.get("verdict").getAsString());
  }

  @Test
  void write_run_recordsItBesideTheResultsAndAboveTheTable() throws IOException {
    Report.write(directory, Map.of("commit", "abc"), List.of(HOT));
    assertEquals(
        "abc",
        JsonParser.parseString(Files.readString(directory.resolve("run.json")))
            .getAsJsonObject()
            .get("commit")
            .getAsString());
    assertEquals(1, parse(Files.readString(directory.resolve("results.json"))).size());
    String table = Files.readString(directory.resolve("results.md"));
    assertTrue(table.startsWith("- commit: abc\n"), table);
    assertTrue(
        table.endsWith(
            "| hot: CPU per check | 64 | 8.00 us | 7.00 | 1.14 | 1.10 | ±3 % | 1.25 | 1.00 | must"
                + " |\n"),
        table);
  }

  private static JsonArray parse(String json) {
    return JsonParser.parseString(json).getAsJsonArray();
  }
}
