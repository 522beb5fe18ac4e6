package dev.modelgate.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The process that makes the load, one for the whole run, so that it is warm for every subject; it
 * makes one round at a time.
 */
final class Load implements AutoCloseable {
  private final Process process;
  private final PrintStream to;
  private final BufferedReader from;

  private Load(Process process) {
    this.process = process;
    this.to = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    this.from = process.inputReader(StandardCharsets.UTF_8);
  }

  static Load start() throws IOException {
    return new Load(
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "-classpath",
                System.getProperty("java.class.path"),
                LoadGenerator.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /**
   * One round. Calls that the server refuses for want of room are said, and are no checks.
   *
   * @param millis after which no more calls begin
   * @throws IllegalStateException if a call fails, which ends the load
   */
  Round round(Subject subject, int inFlight, long millis) throws IOException {
    List<ProcessHandle> own = new ArrayList<>(subject.processes());
    own.add(ProcessHandle.current());
    own.add(process.toHandle());
    long cpu = subject.cpuNanos().getAsLong();
    long busy = MachineCpu.busyNanos() - MachineCpu.of(own);
    to.printf(
        "%s %s %s %d %d%n",
        subject.target(), subject.calls(), subject.questions(), inFlight, millis);
    String answer = from.readLine();
    if (answer == null) {
      throw new IllegalStateException("the load has ended: " + subject);
    }
    String[] words = answer.split(" ", -1);
    long checks = Long.parseLong(words[0]);
    long refused = Long.parseLong(words[2]);
    double nanos = Double.parseDouble(words[3]);
    if (refused > 0) {
      System.out.printf("# %,d refused and %,d answered: %s%n", refused, checks, subject.calls());
    }
    if (checks == 0) {
      throw new IllegalStateException("every call was refused: " + subject);
    }
    return new Round(
        checks,
        Long.parseLong(words[1]),
        nanos / 1e9,
        Double.parseDouble(words[4]) / 1e3,
        Double.parseDouble(words[5]) / 1e3,
        (subject.cpuNanos().getAsLong() - cpu) / 1e3 / checks,
        (MachineCpu.busyNanos() - MachineCpu.of(own) - busy) / nanos);
  }

  @Override
  public void close() {
    to.close();
    process.destroy();
  }
}
