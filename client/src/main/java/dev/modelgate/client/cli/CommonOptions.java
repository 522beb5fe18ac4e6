package dev.modelgate.client.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What every command of this package takes. */
final class CommonOptions {
  private static final Duration TIMEOUT_MAX = Duration.ofDays(1);

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  @Option(
      names = "--output",
      paramLabel = "table|json",
      defaultValue = "table",
      description =
          "How to print: the result on standard output, an error on standard error. Default:"
              + " ${DEFAULT-VALUE}.")
  private OutputFormat output = OutputFormat.TABLE;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "modelgate-data",
      description = "The sidecar's data directory. Default: ./${DEFAULT-VALUE}.")
  private Path data = Path.of("modelgate-data");

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "5s",
      converter = DurationConverter.class,
      description =
          "Deadline, such as 500ms, 5s or 2m; for import and export the longest silence. Default:"
              + " ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ofSeconds(5);

  @Option(names = "--verbose", description = "Print the stack trace of an error.")
  @SuppressWarnings("UnusedVariable") // The failure handler asks the parse result.
  private boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this and exit.")
  @SuppressWarnings("UnusedVariable") // picocli acts on it.
  private boolean help;

  boolean json() {
    return output == OutputFormat.JSON;
  }

  Path data() {
    return data;
  }

  /** Whether the command line names the data directory. */
  boolean isDataNamed() {
    return spec().commandLine().getParseResult().hasMatchedOption("--data");
  }

  /**
   * The deadline.
   *
   * @throws ParameterException if it is longer than a day
   */
  Duration timeout() {
    if (timeout.compareTo(TIMEOUT_MAX) > 0) {
      throw new ParameterException(
          spec().commandLine(), "--timeout: `" + timeout + "` (expected: at most 1d)");
    }
    return timeout;
  }

  CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the command's specification");
    }
    return spec;
  }

  /** Prints one result, and flushes. */
  void print(String text) {
    PrintWriter out = spec().commandLine().getOut();
    out.println(text);
    out.flush();
  }

  PrintWriter err() {
    return spec().commandLine().getErr();
  }
}
