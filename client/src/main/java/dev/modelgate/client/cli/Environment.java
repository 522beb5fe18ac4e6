package dev.modelgate.client.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

/**
 * What a command takes from the process around it.
 *
 * @param variables the environment variables
 * @param in standard input
 * @param out standard output, for bytes
 * @param terminal whether standard error is a terminal
 * @param clock for relative times and rates
 * @param pause waits before a retry
 */
record Environment(
    Map<String, String> variables,
    InputStream in,
    OutputStream out,
    boolean terminal,
    Clock clock,
    Pause pause) {

  /** Waits. */
  @FunctionalInterface
  interface Pause {
    void await(Duration delay) throws InterruptedException;
  }

  static Environment ofProcess() {
    return new Environment(
        System.getenv(),
        System.in,
        System.out,
        errorIsTerminal(),
        Clock.systemUTC(),
        delay -> Thread.sleep(delay.toMillis()));
  }

  /** Linux tells by the name of the open file; elsewhere no progress is shown. */
  private static boolean errorIsTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
