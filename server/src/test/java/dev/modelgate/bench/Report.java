package dev.modelgate.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes the rows as {@code results.json}, an array, and as the table {@code results.md}; where and
 * how they came about as {@code run.json} and above the table.
 */
public final class Report {
  private static final Gson GSON = new GsonBuilder().serializeNulls().setPrettyPrinting().create();

  private Report() {}

  /** The table in Markdown, the machine above it. */
  public static String table(Map<String, String> run, List<Row> rows) {
    StringBuilder table = new StringBuilder();
    run.forEach(
        (key, value) -> table.append("- ").append(key).append(": ").append(value).append('\n'));
    table.append(
        """

        | case | in flight | value | reference | ratio | best | control | must | aim | verdict |
        |---|---:|---:|---:|---:|---:|---:|---:|---:|---|
        """);
    rows.forEach(row -> table.append(line(row)).append('\n'));
    return table.toString();
  }

  /** The row as a line of the table. */
  public static String line(Row row) {
    String control =
        Double.isNaN(row.control())
            ? ""
            : String.format(Locale.ROOT, "±%.0f %%", row.control() * 100);
    return "| "
        + String.join(
            " | ",
            row.name().replace("|", "\\|"),
            row.inFlight() == 0 ? "" : Integer.toString(row.inFlight()),
            (number(row.value()) + " " + row.unit()).strip(),
            number(row.reference()),
            number(row.ratio()),
            number(row.best()),
            control,
            number(row.target().must()),
            number(row.target().aim()),
            row.verdict().replace("|", "\\|"))
        + " |";
  }

  /** Replaces the three files of a directory. */
  public static void write(Path directory, Map<String, String> run, List<Row> rows)
      throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("results.json"), json(rows) + "\n");
    JsonObject where = new JsonObject();
    run.forEach(where::addProperty);
    Files.writeString(directory.resolve("run.json"), GSON.toJson(where) + "\n");
    Files.writeString(directory.resolve("results.md"), table(run, rows));
  }

  /** The rows as an array of objects of ten members; what is not known is null. */
  static String json(List<Row> rows) {
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
      add(result, "must", row.target().must());
      add(result, "aim", row.target().aim());
      result.addProperty("verdict", row.verdict());
      results.add(result);
    }
    return GSON.toJson(results);
  }

  private static void add(JsonObject object, String key, double value) {
    if (Double.isFinite(value)) {
      object.addProperty(key, value);
    } else {
      object.add(key, JsonNull.INSTANCE);
    }
  }

  /** A figure in three digits or so; nothing for {@link Double#NaN}. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "";
    }
    return String.format(
        Locale.ROOT, value >= 1_000 ? "%,.0f" : value >= 10 ? "%.1f" : "%.3g", value);
  }
}
