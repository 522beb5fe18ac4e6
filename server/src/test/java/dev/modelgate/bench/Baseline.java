package dev.modelgate.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The ratios of an earlier run, which a later one is held against. Only ratios count, as machines
 * differ; a row is worse if its ratio is by more than both controls together, and never for less
 * than {@value #RESOLUTION}.
 */
public final class Baseline {
  /** Below this nothing can be resolved, whatever the controls say. */
  static final double RESOLUTION = 0.05;

  private record Key(String name, int inFlight) {}

  private record Stored(double ratio, double control) {}

  private final Map<Key, Stored> rows;

  private Baseline(Map<Key, Stored> rows) {
    this.rows = rows;
  }

  /**
   * Reads a {@code results.json}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Baseline parse(String json) {
    Map<Key, Stored> rows = new LinkedHashMap<>();
    try {
      for (JsonElement element : JsonParser.parseString(json).getAsJsonArray()) {
        JsonObject row = element.getAsJsonObject();
        if (!row.get("ratio").isJsonNull()) {
          rows.put(
              new Key(row.get("name").getAsString(), row.get("inFlight").getAsInt()),
              new Stored(
                  row.get("ratio").getAsDouble(),
                  row.get("control").isJsonNull() ? 0 : row.get("control").getAsDouble()));
        }
      }
    } catch (RuntimeException e) {
      throw new IllegalArgumentException("no baseline (expected: an array of results)", e);
    }
    return new Baseline(rows);
  }

  /** Holds the rows of a run that have a ratio against those of the same name and load. */
  public Comparison compare(List<Row> run) {
    List<Compared> compared = new ArrayList<>();
    for (Row row : run) {
      Stored stored = rows.get(new Key(row.name(), row.inFlight()));
      if (stored != null && !Double.isNaN(row.ratio())) {
        double control = Double.isNaN(row.control()) ? 0 : row.control();
        double allowance = Math.max(RESOLUTION, control + stored.control());
        double change = row.atMost() ? row.ratio() / stored.ratio() : stored.ratio() / row.ratio();
        Outcome outcome =
            row.isNoisy()
                ? Outcome.TOO_NOISY
                : change > 1 + allowance ? Outcome.WORSE : Outcome.AS_GOOD;
        compared.add(new Compared(row, stored.ratio(), allowance, outcome));
      }
    }
    return new Comparison(compared, rows.size() - compared.size());
  }

  /** What became of a row. */
  enum Outcome {
    AS_GOOD,
    WORSE,
    TOO_NOISY
  }

  /**
   * A row beside what it was.
   *
   * @param was its ratio in the baseline
   * @param allowance by how much it may be worse, 0.05 is 5 %
   */
  record Compared(Row row, double was, double allowance, Outcome outcome) {}

  /**
   * A run beside the baseline.
   *
   * @param rows those in both
   * @param notRun how many of the baseline's have nothing to be compared with
   */
  public record Comparison(List<Compared> rows, int notRun) {
    /** Copies the list. */
    public Comparison {
      rows = List.copyOf(rows);
    }

    /** Whether a row is worse, or nothing could be compared. */
    public boolean failed() {
      return rows.stream().noneMatch(each -> each.outcome() != Outcome.TOO_NOISY)
          || rows.stream().anyMatch(each -> each.outcome() == Outcome.WORSE);
    }

    /** All of it in Markdown. */
    public String table() {
      StringBuilder table =
          new StringBuilder(
              """
              | case | in flight | ratio | baseline | allowed | outcome |
              |---|---:|---:|---:|---:|---|
              """);
      for (Compared each : rows) {
        table.append(
            String.format(
                Locale.ROOT,
                "| %s | %d | %.2f | %.2f | ±%.0f %% | %s |\n",
                each.row().name(),
                each.row().inFlight(),
                each.row().ratio(),
                each.was(),
                each.allowance() * 100,
                each.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' ')));
      }
      return table
          .append("\n")
          .append(rows.size())
          .append(" compared, ")
          .append(notRun)
          .append(" of the baseline not run: ")
          .append(failed() ? "FAILED" : "as good as the baseline within the noise")
          .append("\n")
          .toString();
    }
  }
}
