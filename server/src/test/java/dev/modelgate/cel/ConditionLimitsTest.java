package dev.modelgate.cel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Holds the limits on the page for authors to those that hold. */
final class ConditionLimitsTest {
  @Test
  void page_aboutLimits_namesThoseThatHold() throws IOException {
    String page = Files.readString(Path.of("../docs/conditions.md"));
    assertTrue(page.contains("| length | 1,024 bytes |"));
    assertTrue(
        page.contains("| attributes of the context | " + ConditionTree.ATTRIBUTES_MAX + " |"));
    assertTrue(page.contains("| nesting | " + ConditionTree.DEPTH_MAX + " levels |"));
    assertTrue(page.contains("regular expression | 4,096 characters |"));
    assertTrue(page.contains("a literal of " + LiteralCheck.REGEX_CHARS_MAX + " characters"));
  }
}
