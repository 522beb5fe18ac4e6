package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each threat of the threat model names a test that exists, or the method that is to be read. */
final class ThreatModelTest {
  private static final Path PAGE = Path.of("..", "docs", "threat-model.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| [^|]+ \\| [^|]+ \\| (by reading )?`(\\w+)\\.(\\w+)` \\|$");

  @Test
  void tests_thatThePageNames_exist() throws IOException {
    Map<String, List<Path>> tests = sources("test");
    Map<String, List<Path>> code = sources("main");
    String page = Files.readString(PAGE);
    String threats = page.substring(page.indexOf("## Threats"), page.indexOf("## Out of scope"));
    Matcher row = ROW.matcher(threats);
    int rows = 0;
    while (row.find()) {
      rows++;
      Map<String, List<Path>> sources = row.group(1) == null ? tests : code;
      Pattern method = Pattern.compile("\\s" + row.group(3) + "\\(");
      boolean exists = false;
      for (Path source : sources.getOrDefault(row.group(2) + ".java", List.of())) {
        exists |= method.matcher(Files.readString(source)).find();
      }
      assertTrue(exists, row.group());
    }
    long lines = threats.lines().filter(line -> line.startsWith("| ")).count();
    assertTrue(rows == lines - 1, rows + " of " + lines + " lines are read");
  }

  /** Those of the modules by their names; packages may have files of the same name. */
  private static Map<String, List<Path>> sources(String kind) throws IOException {
    Map<String, List<Path>> sources = new TreeMap<>();
    for (String module : List.of("server", "client")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src", kind, "java"))) {
        files.forEach(
            file ->
                sources
                    .computeIfAbsent(file.getFileName().toString(), name -> new ArrayList<>())
                    .add(file));
      }
    }
    return sources;
  }
}
