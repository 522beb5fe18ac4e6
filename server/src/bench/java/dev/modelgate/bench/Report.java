package dev.modelgate.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes the rows as {@code results.json} and as a table. */
final class Report {
  private Report() {}

  /** The table in Markdown, the machine above it. */
  static String table(Map<String, String> machine, List<Row> rows) {
    StringBuilder table = new StringBuilder();
    machine.forEach(
        (key, value) -> table.append("- ").append(key).append(": ").append(value).append('\n'));
    table.append(
        "\n| case | in flight | value | echo | ratio | best | control | must | aim | verdict |\n"
            + "|---|---:|---:|---:|---:|---:|---:|---:|---:|---|\n");
    for (Row row : rows) {
      table.append(
          "| %s | %d | %s %s | %s | %s | %s | ±%.0f %% | %s | %s | %s |%n"
              .formatted(
                  row.name(),
                  row.inFlight(),
                  number(row.value()),
                  row.unit(),
                  number(row.reference()),
                  number(row.ratio()),
                  number(row.best()),
                  row.control() * 100,
                  number(row.must()),
                  number(row.aim()),
                  row.verdict()));
    }
    return table.toString();
  }

  static void write(Path directory, Map<String, String> machine, List<Row> rows)
      throws IOException {
    Files.createDirectories(directory);
    JsonArray results = new JsonArray();
    for (Row row : rows) {
      JsonObject result = new JsonObject();
      result.addProperty("name", row.name());
      result.addProperty("inFlight", row.inFlight());
      add(result, "value", row.value());
      result.addProperty("unit", row.unit());
      add(result, "reference", row.reference());
      add(result, "ratio", row.ratio());
      add(result, "control", row.control());
      add(result, "must", row.must());
      add(result, "aim", row.aim());
      result.addProperty("verdict", row.verdict());
      results.add(result);
    }
    Files.writeString(directory.resolve("results.json"), results + "\n");
    JsonObject where = new JsonObject();
    machine.forEach(where::addProperty);
    Files.writeString(directory.resolve("machine.json"), where + "\n");
    Files.writeString(directory.resolve("results.md"), table(machine, rows));
  }

  private static void add(JsonObject object, String key, double value) {
    if (Double.isNaN(value)) {
      object.add(key, JsonNull.INSTANCE);
    } else {
      object.addProperty(key, value);
    }
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "";
    }
    return String.format(Locale.ROOT, value >= 1_000 ? "%,.0f" : "%.2f", value);
  }
}
