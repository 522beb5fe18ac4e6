package dev.modelgate.cel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds the page for authors to what is accepted. */
final class ConditionsPageTest {
  private static final Pattern EXAMPLE = Pattern.compile("(?s)```cel\n(.*?)\n```");

  @Test
  void page_inEveryExample_isAccepted() throws IOException {
    String page = Files.readString(Path.of("../docs/conditions.md"));
    List<String> examples =
        EXAMPLE.matcher(page).results().map((MatchResult match) -> match.group(1)).toList();
    assertTrue(examples.size() >= 10, () -> "examples: " + examples);
    CelConditions language = new CelConditions();
    examples.forEach(language::check);
  }

  @Test
  void page_aboutLimits_namesThoseThatHold() throws IOException {
    String page = Files.readString(Path.of("../docs/conditions.md"));
    assertTrue(page.contains("| length | 1,024 bytes |"));
    assertTrue(
        page.contains("| attributes of the context | " + ConditionTree.ATTRIBUTES_MAX + " |"));
    assertTrue(page.contains("| nesting | " + ConditionTree.DEPTH_MAX + " levels |"));
    assertTrue(page.contains("a literal of " + LiteralCheck.REGEX_CHARS_MAX + " characters"));
  }
}
