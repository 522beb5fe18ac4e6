package dev.modelgate.main;

import dev.modelgate.config.LogSettings;
import dev.modelgate.config.SettingDefaults;
import dev.modelgate.config.SettingException;
import dev.modelgate.grpc.UnopenablePortException;
import dev.modelgate.model.InvalidNameException;
import dev.modelgate.store.UnopenableException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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
  private static final int FAILED = 2;

  private final String[] args;
  private final SettingDefaults defaults;

  @Mixin ServeOptions options = new ServeOptions();

  @Spec CommandSpec spec = CommandSpec.create();

  ServeCommand(String[] args, SettingDefaults defaults) {
    this.args = args.clone();
    this.defaults = defaults;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try {
      defaults.requireKnown(spec);
      options.requireValid();
      OptionalInt child = Relaunch.withHeap(options.heap, args);
      if (child.isPresent()) {
        return child.getAsInt();
      }
      Relaunch.endWithParent();
      LogSettings.apply(options.logFormat, options.logLevel);
      Sidecar sidecar = new Sidecar(options);
      announce(sidecar, options, out);
      waitForStop(sidecar);
      return 0;
    } catch (SettingException
        | UnopenableException
        | UnopenablePortException
        | InvalidNameException
        | IOException e) {
      spec.commandLine().getErr().println("error: " + e.getMessage());
      return FAILED;
    }
  }

  /** Says where everything is, a line each, in words that a program can read. */
  static void announce(Sidecar sidecar, ServeOptions options, PrintWriter out) {
    out.println("data plane " + options.listen + ":" + sidecar.servers().dataPort());
    sidecar
        .servers()
        .socket()
        .ifPresent(path -> out.println("data plane unix:" + path.toAbsolutePath()));
    out.println("admin plane " + options.adminListen + ":" + sidecar.servers().adminPort());
    out.println("http " + options.httpListen + ":" + sidecar.httpPort());
    String isNew = sidecar.directory().tokenIsNew() ? " (new)" : "";
    out.println("admin token " + sidecar.directory().tokenFile().toAbsolutePath() + isNew);
    out.println("serving");
    out.flush();
  }

  static void waitForStop(Sidecar sidecar) throws InterruptedException {
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  sidecar.close();
                  stopped.countDown();
                },
                "modelgate-stop"));
    stopped.await();
  }
}
