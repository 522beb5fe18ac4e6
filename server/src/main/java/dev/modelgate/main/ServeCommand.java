package dev.modelgate.main;

import dev.modelgate.config.SettingDefaults;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs a sidecar until it is told to stop. */
@Command(
    name = "serve",
    description = "Run the sidecar.",
    mixinStandardHelpOptions = true,
    showDefaultValues = false,
    footer = {
      "",
      "Every setting is also MODELGATE_<NAME> in the environment and <name> in the file of --config;",
      "a flag counts before the environment, the environment before the file.",
      "",
      "Exit code: 0 stopped, 2 could not start."
    })
final class ServeCommand implements Callable<Integer> {
  private final String[] args;
  private final SettingDefaults defaults;
  private final StartFailures failures;

  @Mixin ServeOptions options = new ServeOptions();

  @Spec CommandSpec spec = CommandSpec.create();

  ServeCommand(String[] args, SettingDefaults defaults, StartFailures failures) {
    this.args = args.clone();
    this.defaults = defaults;
    this.failures = failures;
  }

  @Override
  public Integer call() throws Exception {
    return failures.guard(spec.commandLine(), this::serve);
  }

  private int serve() throws Exception {
    defaults.requireKnown(spec);
    OptionalInt child = Serving.prepare(options, args);
    if (child.isPresent()) {
      return child.getAsInt();
    }
    Serving serving = Serving.start(options);
    serving.stopWithProcess();
    Serving.announce(serving.sidecar(), options, spec.commandLine().getOut());
    serving.awaitStop();
    return 0;
  }
}
