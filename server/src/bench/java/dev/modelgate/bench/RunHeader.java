package dev.modelgate.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where and how a run came about. */
final class RunHeader {
  private RunHeader() {}

  /** The machine, the commit, and what the run adds itself. */
  static Map<String, String> of(Map<String, String> more) throws IOException {
    Map<String, String> header = new LinkedHashMap<>();
    String cpu =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .findFirst()
            .map(line -> line.substring(line.indexOf(':') + 2))
            .orElse("unknown");
    header.put("machine", Runtime.getRuntime().availableProcessors() + " x " + cpu);
    header.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    header.put(
        "jdk", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
    header.put("flags", String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
    header.put("commit", commit());
    header.put("started", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    header.putAll(more);
    return header;
  }

  static String commit() throws IOException {
    Process git =
        new ProcessBuilder("git", "describe", "--always", "--dirty")
            .redirectErrorStream(true)
            .start();
    return new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
