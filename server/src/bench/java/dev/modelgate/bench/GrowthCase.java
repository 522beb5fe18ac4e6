package dev.modelgate.bench;

import dev.modelgate.proof.SyntheticOrganization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rocksdb.RocksDBException;

/**
 * How all figures grow with the number of grants. Each size is imported by a sidecar of its own,
 * and what that takes is measured there. Then its store is opened in this process beside that of
 * the smallest size, and rounds of the two alternate: the ratio of the pairs is the growth. A point
 * of a curve is that ratio times what the smallest size takes by itself, the median of all
 * comparisons, so that the curves do not show how the machine's own speed drifts.
 *
 * <p>Every other answer has to be allowed, of both, or the case fails.
 */
final class GrowthCase implements Case {
  private static final int STARTS = 3;
  private static final long MILLION = 1_000_000;
  private static final long BOUNDED = 10 * MILLION;

  @Override
  public String name() {
    return "growth";
  }

  @Override
  public String summary() {
    return "latency, CPU, memory, disk, import and start by the number of grants (--sizes)";
  }

  @Override
  public Form form() {
    return Form.ALONE;
  }

  @Override
  public void run(Stage stage) throws Exception {
    List<Long> sizes = stage.settings().sizes();
    new Run(stage, sizes.get(0)).measure(sizes);
  }

  /** Questions, and the calls that ask them. */
  private enum Asked {
    HOT("hot", CallKinds.CHECK, GrowthQuestions.HOT, 1.10, 1.00),
    MISSES("misses", CallKinds.UNCACHED, GrowthQuestions.ANYWHERE, 3, 2);

    private final String words;
    private final String calls;
    private final String questions;
    private final double must;
    private final double aim;

    Asked(String words, String calls, String questions, double must, double aim) {
      this.words = words;
      this.calls = calls;
      this.questions = questions;
      this.must = must;
      this.aim = aim;
    }

    Subject of(BenchServer server, long grants) {
      return server.subject(calls, questions + grants);
    }

    /** Nothing is said of the CPU of a miss, nor beyond 10 million grants. */
    Target target(Figure figure, long grants) {
      boolean asked = grants <= BOUNDED && (this == HOT || figure == Figure.P50);
      return asked ? Target.ratio(must, aim) : Target.NONE;
    }
  }

  /** A store that was filled before; it is opened, not filled. */
  private record Imported() implements Scene {
    @Override
    public String name() {
      return "growth";
    }

    @Override
    public void fill(Filling filling) {
      throw new IllegalStateException("nothing was imported");
    }
  }

  private static final class Run {
    private final Stage stage;
    private final long least;
    private final GrowthCurves curves = new GrowthCurves();

    /** What the smallest size took by itself, in each comparison. */
    private final Map<String, List<Double>> bases = new HashMap<>();

    /** How many times that each size took. */
    private final Map<String, Map<Long, Double>> ratios = new HashMap<>();

    /**
     * @param least the smallest size, which the others are compared with
     */
    Run(Stage stage, long least) {
      this.stage = stage;
      this.least = least;
    }

    void measure(List<Long> sizes) throws Exception {
      Path smallest = imported(least);
      try (BenchServer base = new BenchServer(smallest, new Imported())) {
        compare(base, base, least);
        write();
        for (long grants : sizes.subList(1, sizes.size())) {
          Path data = imported(grants);
          try (BenchServer other = new BenchServer(data, new Imported())) {
            compare(base, other, grants);
          }
          disk(data, grants);
          Stage.delete(data);
          write();
        }
      }
      disk(smallest, least);
      write();
      if (sizes.size() > 1) {
        curves.curves().forEach(this::exponent);
      }
      System.out.println("\n" + curves.table());
    }

    private void exponent(Curve curve) {
      String name = "growth, " + curve.name() + ": exponent";
      stage.add(Row.figure(name, 0, curve.exponent(), "", true, Target.NONE));
    }

    /** A directory with that many grants; what a sidecar takes for them is measured. */
    private Path imported(long grants) throws Exception {
      Path data = stage.directory("growth-" + grants);
      try (ServeProcess serve = ServeProcess.start(data)) {
        List<ProcessHandle> own = List.of(ProcessHandle.current(), serve.handle());
        ForeignCores foreign = new ForeignCores(own);
        SyntheticOrganization organization = GrowthQuestions.organization(grants);
        GrowthImport.Taken taken = GrowthImport.run(serve, organization);
        boolean noisy = foreign.until(own) > Pairs.FOREIGN_CORES_MAX;
        double rate = grants / taken.seconds();
        add(
            "import",
            grants,
            figure("import", grants, 0, rate, "grants/s", false, Target.NONE).noisy(noisy));
        // As with calls, what counts comes behind a warm-up: a small import is over before the
        // code is compiled.
        if (grants >= MILLION) {
          double warm = (organization.size() - GrowthImport.WARM_UP_RECORDS) / taken.warmSeconds();
          Target target = Target.value(100_000, 400_000);
          Row row = figure("import, warm", grants, 0, warm, "records/s", false, target);
          stage.add(row.noisy(noisy));
        }
      }
      double[] starts = new double[STARTS];
      double[] foreignCores = new double[STARTS];
      for (int i = 0; i < STARTS; i++) {
        try (ServeProcess serve = ServeProcess.start(data)) {
          starts[i] = serve.startSeconds();
          foreignCores[i] = serve.foreignCores();
          if (i == STARTS - 1) {
            memory(serve, grants);
          }
        }
      }
      Target target = grants == BOUNDED ? Target.value(5, 1) : Target.NONE;
      Row start = figure("start", grants, 0, Medians.median(starts), "s", true, target);
      add("start", grants, start.noisy(Medians.median(foreignCores) > Pairs.FOREIGN_CORES_MAX));
      return data;
    }

    private void memory(ServeProcess serve, long grants) throws IOException {
      long calls = stage.settings().warmUpCalls();
      stage.warmUp(serve.subject(GrowthQuestions.HOT + grants), 64, calls);
      Target memory = grants == MILLION ? Target.value(512, 256) : Target.NONE;
      String hot = "resident memory, hot";
      add(hot, grants, figure(hot, grants, 64, serve.residentMegabytes(), "MB", true, memory));
      stage.warmUp(serve.subject(GrowthQuestions.ANYWHERE + grants), 64, calls);
      double after = serve.residentMegabytes();
      String misses = "resident memory after misses";
      stage.add(figure(misses, grants, 64, after, "MB", true, Target.NONE));
    }

    private void disk(Path data, long grants) throws RocksDBException {
      double bytes = (double) CompactedStore.bytes(data.resolve("store")) / grants;
      Target target = grants == MILLION ? Target.value(100, 60) : Target.NONE;
      String disk = "disk per grant";
      add(disk, grants, figure(disk, grants, 0, bytes, "B", true, target));
    }

    private void compare(BenchServer base, BenchServer other, long grants) throws IOException {
      for (Asked asked : Asked.values()) {
        Subject reference = asked.of(base, least);
        Subject subject = asked.of(other, grants);
        ratio(asked, Figure.P50, grants, stage.pairs(reference, subject, 1));
        ratio(asked, Figure.CPU, grants, stage.pairs(reference, subject, 64));
      }
    }

    private void ratio(Asked asked, Figure figure, long grants, Pairs pairs) {
      pairs.references().forEach(Run::requireRight);
      pairs.others().forEach(Run::requireRight);
      boolean itself = grants == least;
      String name =
          named(grants)
              + asked.words
              + ", against "
              + (itself ? "itself" : GrowthChart.brief((double) least));
      Target target = itself ? Target.NONE : asked.target(figure, grants);
      Row row = pairs.row(name, figure, target);
      stage.add(row);
      String curve = asked.words + ", " + figure.words();
      List<Double> own = bases.computeIfAbsent(curve, key -> new ArrayList<>());
      Map<Long, Double> grown = ratios.computeIfAbsent(curve, key -> new TreeMap<>());
      own.add(row.reference());
      grown.put(grants, itself ? 1 : row.ratio());
      double base = Medians.median(own.stream().mapToDouble(each -> each).toArray());
      grown.forEach((size, ratio) -> curves.add(curve, row.unit(), size, base * ratio));
    }

    /** Questions that are allowed and denied alternate, so a round has as many, or one more. */
    private static void requireRight(Round round) {
      if (Math.abs(2 * round.allowed() - round.checks()) > 1) {
        throw new IllegalStateException("not every other question was allowed: " + round);
      }
    }

    /** A row that is a point of a curve too. */
    private void add(String curve, long grants, Row row) {
      stage.add(row);
      curves.add(curve, row.unit(), grants, row.value());
    }

    private static Row figure(
        String name,
        long grants,
        int inFlight,
        double value,
        String unit,
        boolean atMost,
        Target target) {
      return Row.figure(named(grants) + name, inFlight, value, unit, atMost, target);
    }

    private static String named(long grants) {
      return "growth, " + GrowthChart.brief((double) grants) + " grants: ";
    }

    /** After each size, for a larger one may break off. */
    private void write() throws IOException {
      Path out = stage.settings().out();
      Files.createDirectories(out);
      Files.writeString(out.resolve("growth.svg"), GrowthChart.svg(curves.curves()));
      StringBuilder page = new StringBuilder("![growth by the number of grants](growth.svg)\n\n");
      RunHeader.of(Map.of()).forEach((key, value) -> page.append("- " + key + ": " + value + '\n'));
      Files.writeString(out.resolve("growth.md"), page + "\n" + curves.table());
    }
  }
}
