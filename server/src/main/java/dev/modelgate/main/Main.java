package dev.modelgate.main;

import dev.modelgate.client.cli.ModelgateCli;
import dev.modelgate.config.LogSettings;
import dev.modelgate.config.SettingDefaults;
import dev.modelgate.config.SettingException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import picocli.CommandLine;

/** Entry point of {@code modelgate.jar}. */
public final class Main {
  /**
   * Netty looks for leaked buffers by tracing one in 128, which is a twentieth of the CPU of a
   * check. It is a tool for tests, where it stays on; whoever suspects a leak sets it.
   */
  static final String LEAKS = "io.grpc.netty.shaded.io.netty.leakDetection.level";

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    LogSettings.bridge();
    PrintWriter out = new PrintWriter(System.out, true, Charset.defaultCharset());
    PrintWriter err = new PrintWriter(System.err, true, Charset.defaultCharset());
    searchForNoLeaks(System.getProperties());
    System.exit(run(args, System.getenv(), out, err));
  }

  /** Has Netty search for leaks only where somebody said how; before the first of its classes. */
  static void searchForNoLeaks(Properties properties) {
    properties.putIfAbsent(LEAKS, "disabled");
  }

  /** Runs one command and returns its exit code. */
  static int run(String[] args, Map<String, String> environment, PrintWriter out, PrintWriter err) {
    StartFailures failures;
    SettingDefaults defaults;
    try {
      // Only for the commands that have settings: a broken file must not stop a `check`.
      boolean hasSettings = args.length > 0 && StartFailures.COMMANDS.contains(args[0]);
      defaults = hasSettings ? defaults(args, environment) : SettingDefaults.none();
      failures = new StartFailures(defaults);
    } catch (SettingException e) {
      err.println("error: " + e.getMessage());
      return StartFailures.EXIT_CODE;
    }
    CommandLine commandLine =
        ModelgateCli.newCommandLine(
            new ServeCommand(args, defaults, failures),
            new DemoCommand(args, defaults, failures),
            new GatewayCommand(args, defaults, failures).commandLine());
    // It reads files of this package's writers, so that the client does not have it.
    Optional.ofNullable(commandLine.getSubcommands().get("audit"))
        .orElseThrow()
        .addSubcommand(new AuditVerifyCommand());
    commandLine
        .setExecutionExceptionHandler(commandLine.getExecutionExceptionHandler())
        // A file of arguments would be a second way to set things, which nothing documents.
        .setExpandAtFiles(false)
        .setOut(out)
        .setErr(err);
    commandLine.setParameterExceptionHandler(
        failures.orElse(commandLine.getParameterExceptionHandler()));
    commandLine
        .getSubcommands()
        .forEach(
            (name, command) -> {
              if (StartFailures.COMMANDS.contains(name)) {
                command.setDefaultValueProvider(defaults);
              }
            });
    return commandLine.execute(args);
  }

  private static SettingDefaults defaults(String[] args, Map<String, String> environment) {
    // What its --config names is no file of settings.
    return args[0].equals(GatewayCommand.NAME)
        ? SettingDefaults.withoutFile(args, environment)
        : SettingDefaults.load(args, environment);
  }
}
