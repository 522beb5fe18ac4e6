package dev.modelgate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * The micro-benchmarks of decision, cache and store: time and allocation of one operation, each in
 * a process of its own. What JMH says of them beside that is in {@code jmh.json}.
 */
final class MicroCase implements Case {
  private static final String ALLOCATED = "gc.alloc.rate.norm";
  private static final List<Class<?>> BENCHMARKS =
      List.of(DecisionBenchmark.class, CacheBenchmark.class, StoreBenchmark.class);

  @Override
  public String name() {
    return "micro";
  }

  @Override
  public String summary() {
    return "JMH over decision, cache and store, with allocation rates";
  }

  @Override
  public Form form() {
    return Form.FULL;
  }

  @Override
  public void run(Stage stage) throws IOException, RunnerException {
    Path out = Files.createDirectories(stage.settings().out());
    // A second each as the full form has it, a part of it as rounds get shorter.
    TimeValue slice = TimeValue.milliseconds(2L * stage.settings().millis());
    OptionsBuilder options = new OptionsBuilder();
    BENCHMARKS.forEach(each -> options.include(each.getName() + "\\."));
    options
        .forks(1)
        .warmupIterations(4)
        .warmupTime(slice)
        .measurementIterations(5)
        .measurementTime(slice)
        .addProfiler(GCProfiler.class)
        .verbosity(VerboseMode.SILENT)
        .shouldFailOnError(true)
        .resultFormat(ResultFormatType.JSON)
        .result(out.resolve("jmh.json").toString());
    for (RunResult each : new Runner(options.build()).run()) {
      rows(each).forEach(stage::add);
    }
  }

  private static List<Row> rows(RunResult run) {
    String[] words = run.getParams().getBenchmark().split("\\.", -1);
    String name = words[words.length - 2] + "." + words[words.length - 1];
    List<Row> rows = new ArrayList<>();
    Result<?> time = run.getPrimaryResult();
    rows.add(row(name + ": time per operation", time.getScore(), "ns"));
    Result<?> allocated = run.getSecondaryResults().get(ALLOCATED);
    if (allocated != null) {
      rows.add(row(name + ": allocated per operation", allocated.getScore(), "B"));
    }
    return rows;
  }

  private static Row row(String name, double value, String unit) {
    return Row.figure(name, 1, value, unit, true, Target.NONE);
  }
}
