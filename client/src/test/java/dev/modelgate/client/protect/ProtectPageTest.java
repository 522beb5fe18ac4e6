package dev.modelgate.client.protect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds what docs/protect.md says of the document against the document's reader. */
final class ProtectPageTest {
  private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
  private static final String HEAD = "parent: organizations/acme\n";

  private final String page;

  ProtectPageTest() throws IOException {
    String whole = Files.readString(Path.of("..", "docs", "protect.md"));
    page = whole.substring(0, whole.indexOf("\n## Java\n"));
  }

  @Test
  void examples_always_areGoodDocuments() {
    List<String> examples = YAML.matcher(page).results().map(block -> block.group(1)).toList();
    assertEquals(4, examples.size());
    for (String example : examples) {
      boolean hasRules = example.contains("grpc:") || example.contains("http:");
      String document =
          example.contains("parent:")
              ? example
              : HEAD + (hasRules ? "" : "protocols: [openai]\n") + example;
      assertEquals("organizations/acme", Protection.parse("page", document).parent(), example);
    }
  }

  @Test
  void error_isTheOneThatIsShown() {
    ProtectionException refused =
        assertThrows(
            ProtectionException.class,
            () -> Protection.parse("protect.yaml", HEAD + "protocols: [openinference]\n"));
    assertTrue(page.contains("\n" + refused.getMessage() + "\n"), refused::getMessage);
  }

  @Test
  void protocols_areThoseThatAreBuiltIn() {
    for (String protocol : ProtectionReader.PROTOCOLS) {
      assertTrue(page.contains("\n| `" + protocol + "` |"), protocol);
    }
  }

  @Test
  void cases_areAsManyAsItSays() {
    MatchResult said =
        Pattern.compile("some (\\d+) cases").matcher(page).results().findFirst().get();
    Vectors vectors = Vectors.read();
    int cases = vectors.grpc().size() + vectors.http().size() + vectors.refused().size();
    assertFalse(cases < Integer.parseInt(said.group(1)), () -> "there are " + cases);
  }
}
