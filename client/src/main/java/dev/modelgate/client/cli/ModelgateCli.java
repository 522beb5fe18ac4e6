package dev.modelgate.client.cli;

import java.io.PrintWriter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Puts the command {@code modelgate} together.
 *
 * <p>Exit codes: 0 allowed or done; 1 denied or conditional; 2 any error, usage included. An error
 * is one line on standard error, or with {@code --output json} an object {@code error} on standard
 * output; {@code --verbose} adds the stack trace.
 */
public final class ModelgateCli {
  static final int EXIT_DENIED = 1;
  static final int EXIT_ERROR = 2;

  private ModelgateCli() {}

  /**
   * The command with those of this package and more.
   *
   * @param moreSubcommands objects annotated with picocli's {@link Command}; an exception that they
   *     throw is shown as one line and ends with exit code 2
   * @return ready to execute; {@code execute} returns the exit code
   */
  public static CommandLine newCommandLine(Object... moreSubcommands) {
    return newCommandLine(Environment.ofProcess(), moreSubcommands);
  }

  static CommandLine newCommandLine(Environment environment, Object... moreSubcommands) {
    CommandLine commandLine =
        new CommandLine(new TopCommand())
            .addSubcommand(new CheckCommand())
            .addSubcommand(new ShareCommand(environment))
            .addSubcommand(new RevokeCommand(environment))
            .addSubcommand(new GrantsCommand(environment))
            .addSubcommand(new SuspendCommand(environment))
            .addSubcommand(new ResumeCommand(environment))
            .addSubcommand(new ImportCommand(environment))
            .addSubcommand(new ExportCommand(environment))
            .addSubcommand(new VersionCommand());
    for (Object subcommand : moreSubcommands) {
      commandLine.addSubcommand(subcommand);
    }
    return commandLine
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((failure, args) -> showUsageError(failure))
        .setExecutionExceptionHandler(new FailureHandler());
  }

  private static int showUsageError(ParameterException failure) {
    CommandLine command = failure.getCommandLine();
    String message = String.valueOf(failure.getMessage()).lines().findFirst().orElse("usage");
    command
        .getErr()
        .println(
            "error: "
                + message
                + " (see `"
                + command.getCommandSpec().qualifiedName()
                + " --help`)");
    return EXIT_ERROR;
  }

  /** The name alone shows how to go on, and is a usage error. */
  @Command(
      name = "modelgate",
      versionProvider = VersionCommand.class,
      mixinStandardHelpOptions = true,
      description = "Authorization sidecar for model servers.",
      footer = {
        "",
        "Exit codes: 0 allowed or done, 1 denied or conditional, 2 error.",
        "",
        "Example:",
        "  modelgate check user:ana@acme.com fraud predict"
      })
  private static final class TopCommand implements Runnable {
    @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public void run() {
      if (spec != null) {
        throw new ParameterException(spec.commandLine(), "missing command");
      }
    }
  }

  /** Shows what a command throws. */
  private static final class FailureHandler implements IExecutionExceptionHandler {
    @Override
    public int handleExecutionException(
        Exception failure, CommandLine command, ParseResult fromTop) {
      if (failure instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      // That of the command itself; the other one begins at the top and has no option of it.
      ParseResult parsed = command.getParseResult();
      FailureReport report = FailureReport.of(failure);
      boolean json =
          parsed.hasMatchedOption("--output")
              && OutputFormat.JSON.equals(
                  parsed.matchedOptionValue("--output", OutputFormat.TABLE));
      if (json) {
        command.getOut().println(report.toJson());
        command.getOut().flush();
      } else {
        command.getErr().println(report.toText());
      }
      if (parsed.hasMatchedOption("--verbose")) {
        PrintWriter err = command.getErr();
        failure.printStackTrace(err);
      }
      command.getErr().flush();
      return EXIT_ERROR;
    }
  }
}
