package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.config.SettingDefaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The table of limits against the code: each value is that of its constant or setting, each counter
 * and each test exists, and no counted limit is missing.
 */
final class LimitsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "security.md");
  private static final Pattern ROW =
      Pattern.compile(
          "(?m)^\\| [^|]+ \\| (\\d+) \\| (?:`((?:gateway )?--[a-z-]+)` )?\\| (-|`[a-z-]+`)"
              + " \\| `(\\w+)\\.(\\w+)` \\| `(\\w+)\\.(\\w+)` \\|$");
  private static final Pattern NUMBER = Pattern.compile("\\d[\\d_]*L?");

  private record Row(
      long value, String setting, String counter, String type, String constant, String test) {}

  @Test
  void values_areThoseOfTheCode() throws IOException {
    Map<String, String> sources = sources(Path.of("src", "main", "java"));
    Map<String, String> settings = settings();
    for (Row row : rows()) {
      String source = found(sources, row.type());
      if (row.setting().isEmpty()) {
        assertEquals(row.value(), constant(source, row.constant()), row::toString);
      } else {
        assertEquals(Long.toString(row.value()), settings.get(row.setting()), row::toString);
        assertTrue(
            Pattern.compile("[ .]" + row.constant() + " =").matcher(source).find(), row::toString);
      }
    }
  }

  @Test
  void tests_exist() throws IOException {
    Map<String, String> tests = sources(Path.of("src", "test", "java"));
    for (Row row : rows()) {
      String[] test = row.test().split("\\.", -1);
      String source = found(tests, test[0]);
      assertTrue(source.contains(" " + test[1] + "("), row::toString);
    }
  }

  /** That what a bound refuses is counted by that name is asserted where it is refused. */
  @Test
  void counters_areLookedAt_byTheTestOfEachRow() throws IOException {
    Map<String, String> tests = sources(Path.of("src", "test", "java"));
    for (Row row : rows()) {
      // What waits too long is shed as what finds no place is, and counted there.
      String test =
          row.type().equals("WaitBound")
              ? "MissQueueTest"
              : row.test().substring(0, row.test().indexOf('.'));
      if (!row.counter().equals("-")) {
        assertTrue(found(tests, test).contains('"' + row.counter() + '"'), row::toString);
      }
    }
  }

  @Test
  void counters_areThoseThatAreShown() throws IOException {
    var documented =
        rows().stream()
            .map(Row::counter)
            .filter(counter -> !counter.equals("-"))
            .collect(Collectors.toCollection(TreeSet::new));
    documented.add(restOfTheTransport());
    Path telemetry = Path.of("src/main/java/dev/modelgate/metrics/PrometheusTelemetry.java");
    Matcher list =
        Pattern.compile("LIMITS =\\s*List\\.of\\(([^)]*)\\)").matcher(Files.readString(telemetry));
    assertTrue(list.find());
    var shown =
        Stream.of(list.group(1).split(",", -1))
            .map(name -> name.strip().replace("\"", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(shown, documented);
  }

  /** What counts all that has no bound of its own. */
  private static String restOfTheTransport() throws IOException {
    Matcher named = Pattern.compile("and `([a-z-]+)` for all else").matcher(Files.readString(PAGE));
    assertTrue(named.find());
    return named.group(1);
  }

  private static java.util.List<Row> rows() throws IOException {
    String page = Files.readString(PAGE);
    String section = page.substring(page.indexOf("\n## Limits\n") + 1);
    int end = section.indexOf("\n## ");
    String text = end < 0 ? section : section.substring(0, end);
    var rows =
        ROW.matcher(text)
            .results()
            .map(
                row ->
                    new Row(
                        Long.parseLong(row.group(1)),
                        row.group(2) == null ? "" : row.group(2),
                        row.group(3).replace("`", ""),
                        row.group(4),
                        row.group(5),
                        row.group(6) + "." + row.group(7)))
            .toList();
    long lines = text.lines().filter(line -> line.startsWith("| ")).count();
    assertEquals(lines - 1, rows.size(), "every line but the head is read");
    return rows;
  }

  /** The value of a constant that is written as a number, or a product or shift of two. */
  private static long constant(String source, String name) {
    Matcher declared = Pattern.compile("\\b" + name + "\\s*=\\s*([^;]+);").matcher(source);
    assertTrue(declared.find(), name);
    String expression = declared.group(1).strip();
    var numbers =
        NUMBER.matcher(expression).results().map(n -> n.group().replaceAll("[_L]", "")).toList();
    long first = Long.parseLong(numbers.get(0));
    if (numbers.size() == 1) {
      return first;
    }
    long second = Long.parseLong(numbers.get(1));
    return expression.contains("<<") ? first << second : first * second;
  }

  /** The defaults of both programs' settings; those of the gateway begin with its name. */
  private static Map<String, String> settings() {
    SettingDefaults none = SettingDefaults.none();
    StartFailures failures = new StartFailures(none);
    Map<String, String> all = new TreeMap<>();
    defaults("", new ServeCommand(new String[0], none, failures), all);
    defaults("gateway ", new GatewayCommand(new String[0], none, failures), all);
    return all;
  }

  private static void defaults(String program, Object command, Map<String, String> all) {
    for (OptionSpec option : new CommandLine(command).getCommandSpec().options()) {
      all.put(program + option.longestName(), String.valueOf(option.defaultValue()));
    }
  }

  private static String found(Map<String, String> sources, String type) {
    String text = sources.getOrDefault(type + ".java", "");
    assertTrue(!text.isEmpty(), type);
    return text;
  }

  /** The texts of all files by their names; of one name there may be several. */
  private static Map<String, String> sources(Path root) throws IOException {
    Map<String, String> sources = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        if (!file.endsWith("package-info.java")) {
          sources.merge(file.getFileName().toString(), Files.readString(file), String::concat);
        }
      }
    }
    return sources;
  }
}
