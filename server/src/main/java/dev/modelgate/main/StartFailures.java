package dev.modelgate.main;

import dev.modelgate.config.SettingDefaults;
import dev.modelgate.config.SettingException;
import dev.modelgate.grpc.UnopenablePortException;
import dev.modelgate.store.UnopenableException;
import java.io.IOException;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * What keeps a sidecar from starting is shown as one line on standard error, which names the place
 * where a wrong setting was set, and ends with exit code {@value #EXIT_CODE}.
 */
final class StartFailures {
  static final int EXIT_CODE = 2;

  /** The commands that start a sidecar or a gateway. */
  static final Set<String> COMMANDS = Set.of("serve", "demo", "gateway");

  private final SettingDefaults defaults;

  StartFailures(SettingDefaults defaults) {
    this.defaults = defaults;
  }

  /** A part of a start. */
  @FunctionalInterface
  interface Start {
    int run() throws Exception;
  }

  /** Runs a command; failures that an operator can mend end it, others are thrown. */
  int guard(CommandLine command, Start start) throws Exception {
    try {
      return start.run();
    } catch (SettingException e) {
      return show(
          command,
          e.setting()
              .map(setting -> defaults.label(setting) + ": " + e.problem())
              .orElse(e.problem()));
    } catch (UnopenableException | UnopenablePortException | IOException e) {
      return show(command, String.valueOf(e.getMessage()));
    }
  }

  /** Shows a setting of the wrong type; the other handler shows everything else. */
  IParameterExceptionHandler orElse(IParameterExceptionHandler other) {
    return (failure, args) ->
        COMMANDS.contains(failure.getCommandLine().getCommandName())
                && failure.getArgSpec() instanceof OptionSpec option
                && !(failure instanceof CommandLine.MissingParameterException)
                && !(failure instanceof CommandLine.OverwrittenOptionException)
            ? show(failure.getCommandLine(), wrongType(failure, option))
            : other.handleParseException(failure, args);
  }

  private String wrongType(ParameterException failure, OptionSpec option) {
    String setting = SettingDefaults.name(option);
    String expected =
        switch (option.type().getSimpleName()) {
          case "int" -> "a whole number up to " + Integer.MAX_VALUE;
          case "long" -> "a whole number up to " + Long.MAX_VALUE;
          case "boolean" -> "true or false";
          default -> "a " + option.type().getSimpleName().toLowerCase(java.util.Locale.ROOT);
        };
    SettingException shown =
        SettingException.of(setting, String.valueOf(failure.getValue()), expected);
    return defaults.label(setting) + ": " + shown.problem();
  }

  private static int show(CommandLine command, String message) {
    command.getErr().println("error: " + message.replaceAll("\\p{Cntrl}+", " "));
    command.getErr().flush();
    return EXIT_CODE;
  }
}
