package dev.modelgate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Checks against an echo of the same messages in the same process: {@code mvn -q -Pbench
 * -DskipTests verify}. Exits with 0; with 1 if a case failed or is worse than the baseline; with 2
 * for arguments that it does not know.
 */
@Command(
    name = "bench",
    description = "Measures the sidecar against an echo, and prints one table.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    showDefaultValues = true)
public final class Bench implements Callable<Integer> {
  private static final int GRANTS = 1_000_000;

  @Option(names = "--form", description = "${COMPLETION-CANDIDATES}")
  private Case.Form form = Case.Form.SHORT;

  @Option(names = "--only", split = ",", description = "only these cases, of whatever form")
  private List<String> only = new ArrayList<>();

  @Option(names = "--list", description = "prints the cases and ends")
  private boolean list;

  @Option(names = "--baseline", description = "a results.json to compare with")
  private Optional<Path> baseline = Optional.empty();

  @Option(names = "--out", description = "where the results go")
  private Path out = Path.of("server/target/bench");

  @Option(names = "--rounds", description = "rounds of each of two; 10, in the full form 20")
  private Optional<Integer> rounds = Optional.empty();

  @Option(names = "--millis", description = "milliseconds of a round; 250, in the full form 500")
  private Optional<Integer> millis = Optional.empty();

  @Option(
      names = "--warm-up",
      description = "calls before the first round of each; 150000, in the full form 400000")
  private Optional<Integer> warmUp = Optional.empty();

  @Option(names = "--grants", description = "the grants of the crowd")
  private int grants = GRANTS;

  @Option(
      names = "--sizes",
      split = ",",
      description = "how many grants the growth is measured with, rising")
  private List<Long> sizes = List.of(1_000L, 10_000L, 100_000L, 1_000_000L, 10_000_000L);

  @Option(names = "--crowd", hidden = true, description = "where the crowd's store is")
  private Optional<Path> crowd = Optional.empty();

  @Option(names = "--rows", hidden = true, description = "writes the rows there and nothing else")
  private Optional<Path> fork = Optional.empty();

  private Bench() {}

  /** Runs it. */
  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Bench()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    if (list) {
      Cases.all()
          .forEach(
              each ->
                  System.out.printf("%-14s %-6s %s%n", each.name(), each.form(), each.summary()));
      return 0;
    }
    List<Case> cases;
    Optional<Baseline> stored;
    Settings settings;
    try {
      settings = settings();
      cases = only.isEmpty() ? Cases.of(form) : Cases.named(only);
      // Before the run, which may replace that file.
      stored = baseline.isEmpty() ? Optional.empty() : Optional.of(read(baseline.get()));
    } catch (IllegalArgumentException | IOException e) {
      System.err.println("error: " + e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    if (fork.isPresent()) {
      Forks.write(fork.get(), here(cases.get(0), settings));
      return 0;
    }
    Map<String, String> run = RunHeader.of(header(settings, cases));
    List<Row> rows = cases.size() == 1 ? here(cases.get(0), settings) : Forks.run(cases, settings);
    Report.write(out, run, rows);
    System.out.println("\n" + Report.table(run, rows));
    return rows.stream().anyMatch(Row::isFailed) || isWorse(stored, rows) ? 1 : 0;
  }

  private Settings settings() {
    boolean full = form == Case.Form.FULL;
    return new Settings(
        rounds.orElse(full ? 20 : 10),
        millis.orElse(full ? 500 : 250),
        warmUp.orElse(full ? 400_000 : 150_000),
        grants,
        sizes,
        out);
  }

  private static Map<String, String> header(Settings settings, List<Case> cases) {
    Map<String, String> header = new LinkedHashMap<>();
    header.put("cases", String.join(" ", cases.stream().map(Case::name).toList()));
    header.put(
        "rounds",
        "%d of %d ms each of two, after %,d calls of each"
            .formatted(settings.rounds(), settings.millis(), settings.warmUpCalls()));
    return header;
  }

  /** Runs a case in this process. */
  private List<Row> here(Case each, Settings settings) throws IOException {
    long start = System.nanoTime();
    List<Row> rows;
    try (Stage stage = Stage.open(settings, crowd)) {
      try {
        each.run(stage);
      } catch (Exception | OutOfMemoryError e) {
        e.printStackTrace();
        stage.add(Row.failed(each.name(), e.toString().lines().findFirst().orElse("")));
      }
      rows = stage.rows();
    }
    System.out.printf("# %s: %.0f s%n", each.name(), (System.nanoTime() - start) / 1e9);
    return rows;
  }

  private static Baseline read(Path file) throws IOException {
    return Baseline.parse(Files.readString(file));
  }

  private static boolean isWorse(Optional<Baseline> stored, List<Row> rows) {
    if (stored.isEmpty()) {
      return false;
    }
    Baseline.Comparison comparison = stored.get().compare(rows);
    System.out.println(comparison.table());
    return comparison.failed();
  }
}
