package dev.modelgate.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs each case in a process of its own, with the flags of this one: what the compiler makes of a
 * path follows all calls that took it before, so that a case would else measure the cases before
 * it. They have the crowd's store in common, which the first of them fills.
 */
final class Forks {
  private static final Gson GSON = new GsonBuilder().serializeSpecialFloatingPointValues().create();

  private Forks() {}

  /** The rows of all cases; one that broke off has a row that says so. */
  static List<Row> run(List<Case> cases, Settings settings) throws IOException {
    Path directory = Files.createTempDirectory("modelgate-bench");
    AtomicReference<@Nullable Process> running = new AtomicReference<>();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(running.get())));
    try {
      Path crowd = Files.createTempDirectory(directory, "crowd");
      List<Row> rows = new ArrayList<>();
      for (Case each : cases) {
        Path file = directory.resolve(each.name() + ".json");
        Process process = start(command(each, settings, crowd, file));
        running.set(process);
        rows.addAll(rows(each, process, file));
      }
      return rows;
    } finally {
      Stage.delete(directory);
    }
  }

  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).inheritIO().start();
  }

  private static void end(@Nullable Process process) {
    if (process != null) {
      process.destroy();
    }
  }

  private static List<Row> rows(Case each, Process process, Path file) throws IOException {
    try {
      int exit = process.waitFor();
      return exit == 0
          ? List.of(GSON.fromJson(Files.readString(file), Row[].class))
          : List.of(Row.failed(each.name(), "its process ended with " + exit));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private static List<String> command(Case each, Settings settings, Path crowd, Path rows) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of(
            "-classpath",
            System.getProperty("java.class.path"),
            Bench.class.getName(),
            "--only",
            each.name(),
            "--rounds",
            Integer.toString(settings.rounds()),
            "--millis",
            Integer.toString(settings.millis()),
            "--warm-up",
            Integer.toString(settings.warmUpCalls()),
            "--grants",
            Integer.toString(settings.grants()),
            "--sizes",
            settings.sizes().stream().map(String::valueOf).collect(Collectors.joining(",")),
            "--out",
            settings.out().toString(),
            "--crowd",
            crowd.toString(),
            "--rows",
            rows.toString()));
    return command;
  }

  /** Keeps the rows of this process for the one that started it. */
  static void write(Path file, List<Row> rows) throws IOException {
    Files.writeString(file, GSON.toJson(rows));
  }
}
