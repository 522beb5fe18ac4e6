package dev.modelgate.client.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
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
 * is shown on standard error, as one line and what the server adds to it, or with {@code --output
 * json} as an object {@code error}; {@code --verbose} adds the stack trace.
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
            .addSubcommand(new CheckCommand(environment))
            .addSubcommand(new ShareCommand(environment))
            .addSubcommand(new RevokeCommand(environment))
            .addSubcommand(new GrantsCommand(environment))
            .addSubcommand(new RolesCommand(environment))
            .addSubcommand(
                "policy",
                CommandGroup.of(
                    "All direct grants on a resource.",
                    new PolicyGetCommand(environment),
                    new PolicySetCommand(environment)))
            .addSubcommand(
                "profile",
                CommandGroup.of(
                    "What roles mean and how is shared.",
                    new ProfileListCommand(environment),
                    new ProfileGetCommand(environment),
                    new ProfilePutCommand(environment)))
            .addSubcommand(
                "rights",
                CommandGroup.of(
                    "Rights for whole kinds of resources.",
                    new RightsListCommand(environment),
                    new RightsSetCommand(environment),
                    new RightsRemoveCommand(environment)))
            .addSubcommand(
                "deny-rule",
                CommandGroup.of(
                    "Rules that deny, whatever is granted.",
                    new DenyRuleListCommand(environment),
                    new DenyRulePutCommand(environment),
                    new DenyRuleDeleteCommand(environment)))
            .addSubcommand(
                "link",
                CommandGroup.of(
                    "External links.",
                    new LinkPutCommand(environment),
                    new LinkDeleteCommand(environment)))
            .addSubcommand(
                "principal",
                CommandGroup.of("Who acts and receives.", new PrincipalRestoreCommand(environment)))
            .addSubcommand(
                "lookup",
                CommandGroup.of(
                    "Who may do what, as lists.",
                    new LookupResourcesCommand(environment),
                    new LookupPrincipalsCommand(environment)))
            .addSubcommand(new ExplainCommand(environment))
            .addSubcommand(PreviewCommand.commandLine(environment))
            .addSubcommand(
                "audit",
                CommandGroup.of(
                    "Who changed what, when and why, and who tried to.",
                    new AuditListCommand(environment),
                    new AuditExportCommand(environment)))
            .addSubcommand(new SuspendCommand(environment))
            .addSubcommand(new ResumeCommand(environment))
            .addSubcommand(new BreakGlassCommand(environment))
            .addSubcommand(
                "admin-token",
                CommandGroup.of(
                    "The token of the system administrator.",
                    new AdminTokenRotateCommand(environment),
                    new AdminTokenDisableCommand(environment)))
            .addSubcommand(new ImportCommand(environment))
            .addSubcommand(new ExportCommand(environment))
            .addSubcommand(new VersionCommand());
    for (Object subcommand : moreSubcommands) {
      commandLine.addSubcommand(subcommand);
    }
    return commandLine
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(ModelgateCli::showUsageError)
        .setExecutionExceptionHandler(new FailureHandler());
  }

  private static int showUsageError(ParameterException failure, String[] args) {
    CommandLine command = failure.getCommandLine();
    String message = String.valueOf(failure.getMessage()).lines().findFirst().orElse("usage");
    String help = "see `" + command.getCommandSpec().qualifiedName() + " --help`";
    FailureReport report = FailureReport.ofUsage(message, help);
    command.getErr().println(asksForJson(args) ? report.toJson("") : report.toText());
    command.getErr().flush();
    return EXIT_ERROR;
  }

  /** By the words alone, for what is wrong with them may be why they were not understood. */
  private static boolean asksForJson(String[] args) {
    for (int i = 0; i < args.length; i++) {
      String value =
          args[i].equals("--output") && i + 1 < args.length
              ? args[i + 1]
              : args[i].startsWith("--output=") ? args[i].substring("--output=".length()) : "";
      if (value.equalsIgnoreCase("json")) {
        return true;
      }
    }
    return false;
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
      StringWriter trace = new StringWriter();
      if (parsed.hasMatchedOption("--verbose")) {
        failure.printStackTrace(new PrintWriter(trace, true));
      }
      PrintWriter err = command.getErr();
      err.println(json ? report.toJson(trace.toString()) : report.toText());
      if (!json) {
        err.print(trace);
      }
      err.flush();
      return EXIT_ERROR;
    }
  }
}
