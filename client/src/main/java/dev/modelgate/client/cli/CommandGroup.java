package dev.modelgate.client.cli;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** A name that only other commands follow; alone it is a usage error. */
@Command(mixinStandardHelpOptions = true)
final class CommandGroup implements Runnable {
  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  private CommandGroup() {}

  /**
   * Puts a group together.
   *
   * @param subcommands objects annotated with picocli's {@link Command}
   */
  static CommandLine of(String description, Object... subcommands) {
    CommandLine group = new CommandLine(new CommandGroup());
    group.getCommandSpec().usageMessage().description(description);
    for (Object subcommand : subcommands) {
      group.addSubcommand(subcommand);
    }
    return group;
  }

  @Override
  public void run() {
    if (spec != null) {
      Map<String, CommandLine> known = new TreeMap<>(spec.subcommands());
      throw new ParameterException(
          spec.commandLine(),
          "missing command (expected: " + String.join(", ", known.keySet()) + ")");
    }
  }
}
