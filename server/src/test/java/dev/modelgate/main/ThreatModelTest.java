package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each threat of the threat model names a test that exists. */
final class ThreatModelTest {
  private static final Path PAGE = Path.of("..", "docs", "threat-model.md");
  private static final Path TESTS = Path.of("src", "test", "java");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| [^|]+ \\| [^|]+ \\| `(\\w+)\\.(\\w+)` \\|$");

  @Test
  void tests_thatThePageNames_exist() throws IOException {
    Map<String, Path> sources = new TreeMap<>();
    try (Stream<Path> files = Files.walk(TESTS)) {
      files.forEach(file -> sources.put(file.getFileName().toString(), file));
    }
    String page = Files.readString(PAGE);
    String threats = page.substring(page.indexOf("## Threats"), page.indexOf("## Out of scope"));
    Matcher row = ROW.matcher(threats);
    int rows = 0;
    while (row.find()) {
      rows++;
      Path source = sources.get(row.group(1) + ".java");
      assertTrue(source != null, row.group());
      String code = Files.readString(source);
      assertTrue(code.matches("(?s).*\\s" + row.group(2) + "\\(.*"), row.group());
    }
    long lines = threats.lines().filter(line -> line.startsWith("| ")).count();
    assertTrue(rows == lines - 1, rows + " of " + lines + " lines are read");
  }
}
