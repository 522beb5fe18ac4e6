package dev.modelgate.main;

import dev.modelgate.client.cli.ModelgateCli;
import dev.modelgate.config.SettingDefaults;
import dev.modelgate.config.SettingException;
import java.util.Map;
import picocli.CommandLine;

/** Entry point of {@code modelgate.jar}. */
public final class Main {
  private static final int FAILED = 2;

  private Main() {}

  /** Runs one command and exits with its code. */
  public static void main(String[] args) {
    System.exit(run(args, System.getenv()));
  }

  static int run(String[] args, Map<String, String> environment) {
    SettingDefaults defaults;
    try {
      defaults = SettingDefaults.load(args, environment);
    } catch (SettingException e) {
      System.err.println("error: " + e.getMessage());
      return FAILED;
    }
    CommandLine commandLine =
        ModelgateCli.newCommandLine(new ServeCommand(args, defaults), new DemoCommand(args));
    CommandLine serve = commandLine.getSubcommands().get("serve");
    if (serve != null) {
      serve.setDefaultValueProvider(defaults);
    }
    return commandLine.execute(args);
  }
}
