package dev.modelgate.main;

import dev.modelgate.config.LogSettings;
import dev.modelgate.config.SettingDefaults;
import dev.modelgate.config.SettingException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Runs a gateway until it is told to stop. */
@Command(
    name = GatewayCommand.NAME,
    description =
        "Run a gateway before a gRPC server, which passes on what a sidecar allows: one that runs by"
            + " itself, or with --data one in the same process.",
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

  private final ServeOptions own = new ServeOptions();

  @Mixin GatewayOptions options = new GatewayOptions();

  @Spec CommandSpec spec = CommandSpec.create();

  GatewayCommand(String[] args, SettingDefaults defaults, StartFailures failures) {
    this.args = args.clone();
    this.defaults = defaults;
    this.failures = failures;
  }

  /** The command with the settings of a sidecar in its process. */
  CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(this);
    SidecarSettings.add(commandLine.getCommandSpec(), own);
    return commandLine;
  }

  @Override
  public Integer call() throws Exception {
    return failures.guard(spec.commandLine(), this::run);
  }

  private int run() throws IOException, InterruptedException {
    defaults.requireKnown(spec);
    Optional<ServeOptions> sidecar = sidecar();
    OptionalInt child = prepare(sidecar);
    if (child.isPresent()) {
      return child.getAsInt();
    }
    GatewayProcess process = new GatewayProcess(options, sidecar);
    // One after the other: calls through the gateway, then those of the sidecar.
    int drains = sidecar.isPresent() ? 2 : 1;
    Stopping.withProcess(process, drains * options.drainSeconds, process::closedCleanly);
    PrintWriter out = spec.commandLine().getOut();
    process.own().ifPresent(running -> Serving.announcePlaces(running, own, "sidecar ", out));
    out.println("gateway " + options.listen + ":" + process.gateway().port());
    out.println("http " + options.httpListen + ":" + process.httpPort());
    out.println("upstream " + options.upstream);
    out.println("serving");
    out.flush();
    new CountDownLatch(1).await();
    return 0;
  }

  /** The settings of a sidecar in this process; empty when another is asked. */
  private Optional<ServeOptions> sidecar() {
    if (options.data == null) {
      SidecarSettings.requireNone(spec, defaults);
      return Optional.empty();
    }
    for (String other : GatewayOptions.OF_ANOTHER_SIDECAR) {
      if (defaults.isSet(other)) {
        throw SettingException.of("data", options.data, "no " + other + " with it");
      }
    }
    SidecarSettings.complete(own, options);
    return Optional.of(own);
  }

  /** As that of {@code serve}: a child with the right memory does the work. */
  private OptionalInt prepare(Optional<ServeOptions> sidecar)
      throws IOException, InterruptedException {
    GatewayRules.require(options, sidecar);
    if (Relaunch.isNeeded()) {
      sidecar.ifPresent(
          settings ->
              SidecarSettings.requireRoom(settings, SettingRules.heapBytes(options.heap())));
      return OptionalInt.of(
          Relaunch.run(options.heap(), Long.toString(GatewayRules.directBytes(options)), args));
    }
    if (Relaunch.isChild()) {
      Relaunch.endWithParent();
    } else {
      sidecar.ifPresent(
          settings -> SidecarSettings.requireRoom(settings, Runtime.getRuntime().maxMemory()));
    }
    GatewayRules.requireRoom(options);
    LogSettings.apply(options.logFormat, options.logLevel);
    return OptionalInt.empty();
  }
}
