package dev.modelgate.main;

import dev.modelgate.config.SettingDefaults;
import dev.modelgate.config.SettingException;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** Entry point of {@code modelgate.jar}. */
@Command(
    name = "modelgate",
    description = "Authorization sidecar for prediction servers.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.ManifestVersion.class)
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
    CommandLine commandLine = new CommandLine(new Main());
    commandLine.addSubcommand(
        new CommandLine(new ServeCommand(args, defaults)).setDefaultValueProvider(defaults));
    commandLine.addSubcommand(new CommandLine(new DemoCommand(args)));
    return commandLine.execute(args);
  }

  /** The version that the build wrote into the jar's manifest, or {@code dev} outside of a jar. */
  static final class ManifestVersion implements IVersionProvider {

    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"modelgate " + (version == null ? "dev" : version)};
    }
  }
}
