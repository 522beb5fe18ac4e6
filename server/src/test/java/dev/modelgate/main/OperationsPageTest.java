package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.config.SettingDefaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What README, reference page and {@code --help} say of the settings is what there is. */
final class OperationsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "operations.md");
  private static final Path README = Path.of("..", "README.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(--[a-z-]+)` \\| (?:`([^`]*)`)? ?\\| (.+) \\|$");

  /** A line that runs a program of somebody else, and what is passed on to the benchmark. */
  private static final Pattern OTHERS =
      Pattern.compile("(?m)^.*\\bprotoc .*$|-Dbench\\.args=\"[^\"]*\"");

  private static final Pattern FLAG = Pattern.compile("(?<![\\w-])--[a-z][a-z-]+");

  @Test
  void settings_ofThePage_areThoseOfServeWithTheirDefaults() throws IOException {
    Map<String, String> documented = new TreeMap<>();
    Matcher row = ROW.matcher(Files.readString(PAGE));
    while (row.find()) {
      String value = row.group(2);
      documented.put(row.group(1), value == null ? "" : value);
    }
    Map<String, String> actual = new TreeMap<>();
    for (OptionSpec option : serve().getCommandSpec().options()) {
      boolean isSetting =
          !option.usageHelp() && !option.versionHelp() && !option.longestName().equals("--config");
      if (isSetting) {
        String value = option.defaultValue();
        boolean isSwitch = option.type().equals(boolean.class);
        actual.put(option.longestName(), value == null ? isSwitch ? "false" : "" : value);
      }
    }
    assertEquals(documented, actual);
  }

  @Test
  void help_namesEverySettingWithItsDefault() {
    CommandRun help = CommandRun.of("serve", "--help");
    assertEquals(0, help.code(), help.err());
    String text = help.out().replaceAll("\\s+", " ");
    for (OptionSpec option : serve().getCommandSpec().options()) {
      assertTrue(text.contains(option.longestName()), option.longestName());
      String value = option.defaultValue();
      if (value != null && !value.isEmpty()) {
        assertTrue(text.contains("(" + value + ")"), option.longestName() + " (" + value + ")");
      }
    }
  }

  @Test
  void flags_thatReadmeAndPageName_exist() throws IOException {
    Set<String> existing = new TreeSet<>(Set.of("--exit"));
    SettingDefaults none = SettingDefaults.none();
    CommandLine all =
        dev.modelgate.client.cli.ModelgateCli.newCommandLine(
            new ServeCommand(new String[0], none, new StartFailures(none)),
            new DemoCommand(new String[0], none, new StartFailures(none)),
            new GatewayCommand(new String[0], none, new StartFailures(none)));
    addFlags(all, existing);
    for (Path page : Set.of(PAGE, README)) {
      Matcher flag = FLAG.matcher(OTHERS.matcher(Files.readString(page)).replaceAll(""));
      while (flag.find()) {
        assertTrue(existing.contains(flag.group()), page + ": " + flag.group());
      }
    }
  }

  /** Those of the commands in groups too. */
  private static void addFlags(CommandLine command, Set<String> flags) {
    command.getCommandSpec().options().forEach(option -> flags.add(option.longestName()));
    command.getSubcommands().values().forEach(each -> addFlags(each, flags));
  }

  private static CommandLine serve() {
    SettingDefaults none = SettingDefaults.none();
    return new CommandLine(new ServeCommand(new String[0], none, new StartFailures(none)));
  }
}
