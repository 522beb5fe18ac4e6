package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command of the built jar in a process of its own. */
final class JarProcess implements AutoCloseable {
  private static final int WAIT_SECONDS = 60;

  private final Process process;
  private final BufferedReader lines;
  private final Map<String, Integer> ports = new HashMap<>();

  private JarProcess(Process process) {
    this.process = process;
    this.lines = process.inputReader(StandardCharsets.UTF_8);
  }

  /** How a command ended, and what it wrote to both outputs. */
  record Ended(int code, String output) {
    /** Exit code 2 and one line for an operator. */
    void assertRefused(String expected) {
      assertEquals(2, code, output);
      assertEquals(1, output.lines().count(), output);
      assertTrue(output.startsWith("error: ") && output.contains(expected), output);
    }
  }

  /** Runs a command to its end. */
  static Ended run(List<String> javaFlags, String... arguments)
      throws IOException, InterruptedException {
    try (JarProcess jar = new JarProcess(start(Map.of(), javaFlags, arguments))) {
      String output = String.join("\n", jar.lines.lines().toList());
      assertTrue(jar.process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS), output);
      return new Ended(jar.process.exitValue(), output);
    }
  }

  /** Starts {@code serve} on free ports and waits until it serves. */
  static JarProcess serve(List<String> javaFlags, Path data, String... more) throws IOException {
    return serve(Map.of(), javaFlags, data, more);
  }

  /** The same with more environment variables. */
  static JarProcess serve(
      Map<String, String> environment, List<String> javaFlags, Path data, String... more)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of("serve", "--data", data.toString()));
    arguments.addAll(List.of("--port", "0", "--admin-port", "0", "--http-port", "0"));
    arguments.addAll(List.of(more));
    return awaitServing(
        new JarProcess(start(environment, javaFlags, arguments.toArray(String[]::new))));
  }

  /** Starts {@code gateway} on free ports and waits until it serves. */
  static JarProcess gateway(String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("gateway", "--port", "0", "--http-port", "0"));
    arguments.addAll(List.of(more));
    return awaitServing(
        new JarProcess(start(Map.of(), List.of(), arguments.toArray(String[]::new))));
  }

  private static JarProcess awaitServing(JarProcess jar) throws IOException {
    String line = jar.lines.readLine();
    StringBuilder seen = new StringBuilder();
    while (line != null && !line.equals("serving")) {
      seen.append(line).append('\n');
      if (line.matches("(data plane|admin plane|gateway) 127.0.0.1:\\d+|http 127.0.0.1:\\d+.*")) {
        String port = line.replaceAll(".*127.0.0.1:(\\d+).*", "$1");
        jar.ports.put(line.substring(0, line.indexOf(' ')), Integer.valueOf(port));
      }
      line = jar.lines.readLine();
    }
    assertEquals("serving", line, seen::toString);
    return jar;
  }

  /** The port of {@code data}, {@code admin} or {@code http}. */
  int port(String plane) {
    return ports.getOrDefault(plane, 0);
  }

  Process process() {
    return process;
  }

  /** The process that does the work: the second one, if there is one. */
  ProcessHandle worker() {
    return process.children().findFirst().orElse(process.toHandle());
  }

  /** Waits for the end and returns the exit code. */
  int exitCode() throws InterruptedException {
    assertTrue(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS), "the process does not end");
    return process.exitValue();
  }

  /** Asks it to end; its output stays open. */
  void stop() {
    process.toHandle().destroy();
  }

  /** What it writes from now on until it ends. */
  String rest() {
    return String.join("\n", lines.lines().toList());
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static Process start(
      Map<String, String> environment, List<String> javaFlags, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(javaFlags);
    command.addAll(List.of("-jar", System.getProperty("modelgate.jar")));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    return builder.start();
  }
}
