package dev.modelgate.main;

import dev.modelgate.config.LogSettings;
import dev.modelgate.config.SettingDefaults;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs a gateway until it is told to stop. */
@Command(
    name = GatewayCommand.NAME,
    description = "Run a gateway before a gRPC server, which passes on what a sidecar allows.",
    mixinStandardHelpOptions = true,
    showDefaultValues = false,
    footer = {
      "",
      "Every setting but --config is also MODELGATE_<NAME> in the environment; a flag counts before",
      "it.",
      "",
      "Exit code: 0 stopped, 2 could not start."
    })
final class GatewayCommand implements Callable<Integer> {
  static final String NAME = "gateway";

  private final String[] args;
  private final SettingDefaults defaults;
  private final StartFailures failures;

  @Mixin GatewayOptions options = new GatewayOptions();

  @Spec CommandSpec spec = CommandSpec.create();

  GatewayCommand(String[] args, SettingDefaults defaults, StartFailures failures) {
    this.args = args.clone();
    this.defaults = defaults;
    this.failures = failures;
  }

  @Override
  public Integer call() throws Exception {
    return failures.guard(spec.commandLine(), this::run);
  }

  private int run() throws IOException, InterruptedException {
    defaults.requireKnown(spec);
    OptionalInt child = prepare();
    if (child.isPresent()) {
      return child.getAsInt();
    }
    GatewayProcess process = new GatewayProcess(options);
    Stopping.withProcess(process, options.drainSeconds, process::closedCleanly);
    PrintWriter out = spec.commandLine().getOut();
    out.println("gateway " + options.listen + ":" + process.gateway().port());
    out.println("http " + options.httpListen + ":" + process.httpPort());
    out.println("upstream " + options.upstream);
    out.println("serving");
    out.flush();
    new CountDownLatch(1).await();
    return 0;
  }

  /** As that of {@code serve}: a child with the right memory does the work. */
  private OptionalInt prepare() throws IOException, InterruptedException {
    GatewayRules.require(options);
    if (Relaunch.isNeeded()) {
      return OptionalInt.of(
          Relaunch.run(options.heap, Long.toString(GatewayRules.directBytes(options)), args));
    }
    if (Relaunch.isChild()) {
      Relaunch.endWithParent();
    }
    GatewayRules.requireRoom(options);
    LogSettings.apply(options.logFormat, options.logLevel);
    return OptionalInt.empty();
  }
}
