package dev.modelgate.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Checks against an echo of the same messages in the same process: {@code mvn -q -Pbench
 * -DskipTests verify}. Rounds of both alternate, so that the compiler, the collector and the
 * machine are the same for both; figures are ratios of paired rounds, and an echo against itself
 * says how far they can be trusted.
 *
 * <p>Arguments: {@code rounds=20 millis=500 warmup=20000 grants=200000 out=target/bench}, each
 * optional.
 */
public final class Bench implements AutoCloseable {
  private static final double FOREIGN_CORES_MAX = 0.25;

  private final Map<String, String> arguments;
  private final BenchServer server;
  private final Process load;
  private final PrintStream toLoad;
  private final BufferedReader fromLoad;
  private final List<Row> rows = new ArrayList<>();
  private double control;

  private Bench(Map<String, String> arguments, Path directory) throws IOException {
    this.arguments = Map.copyOf(arguments);
    this.server = new BenchServer(directory, number("grants", 200_000));
    this.load =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-classpath",
                System.getProperty("java.class.path"),
                LoadGenerator.class.getName(),
                server.socket().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    this.toLoad = new PrintStream(load.getOutputStream(), true, StandardCharsets.UTF_8);
    this.fromLoad = load.inputReader(StandardCharsets.UTF_8);
  }

  /** Runs the short form and prints its table. */
  public static void main(String[] args) throws IOException {
    Map<String, String> arguments = new LinkedHashMap<>();
    for (String argument : args) {
      int equals = argument.indexOf('=');
      arguments.put(argument.substring(0, equals), argument.substring(equals + 1));
    }
    Path directory = Files.createTempDirectory("modelgate-bench");
    try (Bench bench = new Bench(arguments, directory)) {
      bench.run();
      Map<String, String> machine = machine(arguments);
      Report.write(Path.of(arguments.getOrDefault("out", "target/bench")), machine, bench.rows);
      System.out.println(Report.table(machine, bench.rows));
    } finally {
      delete(directory);
    }
  }

  private void run() throws IOException {
    warmUp();
    control();
    unary("hot", "check", 1, Double.NaN, Double.NaN, Double.NaN);
    unary("hot", "check", 8, Double.NaN, Double.NaN, 1.5);
    unary("hot", "check", 64, 1.25, 0.80, Double.NaN);
    unary("90 % misses", "cold", 64, 2.0, Double.NaN, Double.NaN);
    alone("StreamCheck, CPU per check", "stream", 256, 2.5, 1.2);
    alone("BatchCheck of 100, CPU per check", "batch", 8, 1.0, 0.4);
  }

  /** One round. */
  private record Round(
      long checks,
      double seconds,
      double p50Micros,
      double p99Micros,
      double cpuMicros,
      double foreignCores) {
    double rate() {
      return checks / seconds;
    }
  }

  private Round round(String method, int inFlight, long millis) throws IOException {
    long cpu = ServerCpu.nanos();
    long busy = MachineCpu.busyNanos();
    long own =
        MachineCpu.ofProcess(ProcessHandle.current()) + MachineCpu.ofProcess(load.toHandle());
    toLoad.println(method + " " + inFlight + " " + millis);
    String answer = fromLoad.readLine();
    if (answer == null) {
      throw new IllegalStateException("the load generator has ended");
    }
    double[] figures = Arrays.stream(answer.split(" ")).mapToDouble(Double::parseDouble).toArray();
    double cpuMicros = (ServerCpu.nanos() - cpu) / 1e3 / figures[0];
    long ownAfter =
        MachineCpu.ofProcess(ProcessHandle.current()) + MachineCpu.ofProcess(load.toHandle());
    double foreign = (MachineCpu.busyNanos() - busy - (ownAfter - own)) / figures[1];
    return new Round(
        (long) figures[0],
        figures[1] / 1e9,
        figures[2] / 1e3,
        figures[3] / 1e3,
        cpuMicros,
        foreign);
  }

  private void warmUp() throws IOException {
    long millis = number("warmup", 20_000) / 10;
    for (int i = 0; i < 2; i++) {
      for (String method : List.of("echo", "check", "cold", "stream", "batch")) {
        round(method, 64, millis);
      }
    }
  }

  private void control() throws IOException {
    Pairs pairs = pairs("echo", 64);
    control = pairs.error(Round::cpuMicros);
    rows.add(
        pairs.row(
            "echo against echo, CPU per call",
            64,
            "us",
            Round::cpuMicros,
            true,
            Double.NaN,
            Double.NaN));
    rows.add(
        pairs.row(
            "echo against echo, calls", 64, "/s", Round::rate, false, Double.NaN, Double.NaN));
  }

  private void unary(
      String name, String method, int inFlight, double cpuMust, double rateMust, double p99Must)
      throws IOException {
    Pairs pairs = pairs(method, inFlight);
    double cpuAim = method.equals("cold") ? 1.5 : 1.0;
    rows.add(
        pairs.row(
            name + ", CPU per check", inFlight, "us", Round::cpuMicros, true, cpuMust, cpuAim));
    rows.add(pairs.row(name + ", checks", inFlight, "/s", Round::rate, false, rateMust, 0.95));
    rows.add(
        pairs.row(name + ", p50", inFlight, "us", Round::p50Micros, true, Double.NaN, Double.NaN));
    rows.add(pairs.row(name + ", p99", inFlight, "us", Round::p99Micros, true, p99Must, 1.15));
  }

  private void alone(String name, String method, int inFlight, double must, double aim)
      throws IOException {
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i < number("rounds", 20); i++) {
      rounds.add(round(method, inFlight, number("millis", 500)));
    }
    double value = median(rounds, Round::cpuMicros);
    boolean noisy = median(rounds, Round::foreignCores) > FOREIGN_CORES_MAX;
    rows.add(
        new Row(
            name,
            inFlight,
            value,
            "us",
            Double.NaN,
            Double.NaN,
            Double.NaN,
            control,
            must,
            aim,
            true,
            noisy));
    rows.add(
        new Row(
            name.replace("CPU per check", "checks"),
            inFlight,
            median(rounds, Round::rate),
            "/s",
            Double.NaN,
            Double.NaN,
            Double.NaN,
            control,
            Double.NaN,
            Double.NaN,
            false,
            noisy));
  }

  private Pairs pairs(String method, int inFlight) throws IOException {
    List<Round> echoes = new ArrayList<>();
    List<Round> checks = new ArrayList<>();
    for (int i = 0; i < number("rounds", 20); i++) {
      echoes.add(round("echo", inFlight, number("millis", 500)));
      checks.add(round(method, inFlight, number("millis", 500)));
    }
    return new Pairs(echoes, checks, control);
  }

  /** Rounds of an echo and of something else, in pairs. */
  private record Pairs(List<Round> echoes, List<Round> others, double control) {
    double ratio(ToDoubleFunction<Round> figure) {
      double[] ratios = new double[echoes.size()];
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] = figure.applyAsDouble(others.get(i)) / figure.applyAsDouble(echoes.get(i));
      }
      return median(ratios);
    }

    /** How far the ratio of one pair is from 1, half of the time. */
    double error(ToDoubleFunction<Round> figure) {
      double[] errors = new double[echoes.size()];
      for (int i = 0; i < errors.length; i++) {
        double ratio = figure.applyAsDouble(others.get(i)) / figure.applyAsDouble(echoes.get(i));
        errors[i] = Math.abs(ratio - 1);
      }
      return median(errors);
    }

    Row row(
        String name,
        int inFlight,
        String unit,
        ToDoubleFunction<Round> figure,
        boolean atMost,
        double must,
        double aim) {
      boolean noisy =
          median(Stream.concat(echoes.stream(), others.stream()).toList(), Round::foreignCores)
              > FOREIGN_CORES_MAX;
      double best = best(others, figure, atMost) / best(echoes, figure, atMost);
      return new Row(
          name,
          inFlight,
          median(others, figure),
          unit,
          median(echoes, figure),
          ratio(figure),
          best,
          control,
          must,
          Double.isNaN(must) ? Double.NaN : aim,
          atMost,
          noisy);
    }

    private static double best(List<Round> rounds, ToDoubleFunction<Round> figure, boolean least) {
      var figures = rounds.stream().mapToDouble(figure);
      return (least ? figures.min() : figures.max()).orElseThrow();
    }
  }

  private static double median(List<Round> rounds, ToDoubleFunction<Round> figure) {
    return median(rounds.stream().mapToDouble(figure).toArray());
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private int number(String argument, int otherwise) {
    return Integer.parseInt(arguments.getOrDefault(argument, Integer.toString(otherwise)));
  }

  static Map<String, String> machine(Map<String, String> arguments) throws IOException {
    Map<String, String> machine = new LinkedHashMap<>();
    String cpu =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .findFirst()
            .map(line -> line.substring(line.indexOf(':') + 2))
            .orElse("unknown");
    machine.put("machine", Runtime.getRuntime().availableProcessors() + " x " + cpu);
    machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.put(
        "jdk", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
    machine.put(
        "flags",
        String.join(
            " ", java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments()));
    machine.put("commit", commit());
    machine.put("arguments", arguments.toString());
    return machine;
  }

  private static String commit() throws IOException {
    Process git =
        new ProcessBuilder("git", "describe", "--always", "--dirty")
            .redirectErrorStream(true)
            .start();
    return new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  @Override
  public void close() {
    toLoad.close();
    load.destroy();
    server.close();
  }

  static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
