package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.modelgate.app.ConditionLanguage.Request;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.decision.Conditions.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Evaluates every example of {@code docs/conditions.md} for every request in its table. */
final class ConditionExamplesTest {
  private static final Pattern EXAMPLE =
      Pattern.compile(
          "(?s)```cel\n(.*?)\n```\n\n\\| context \\| outcome \\|\n\\|---\\|---\\|\n(.*?)\n\n");

  private static final Pattern ROW = Pattern.compile("\\| `([^`]*)` \\| (.*?) \\|");

  private static final Instant NOW = Instant.parse("2026-06-05T10:00:00Z");

  private final CelConditions language = new CelConditions();

  @Test
  void page_inEveryExample_comesToWhatItSays() throws IOException {
    String page = Files.readString(Path.of("../docs/conditions.md"));
    int rows = 0;
    Matcher example = EXAMPLE.matcher(page);
    while (example.find()) {
      String condition = example.group(1);
      language.check(condition);
      Matcher row = ROW.matcher(example.group(2));
      while (row.find()) {
        assertEquals(row.group(2), outcome(condition, row.group(1)), () -> condition);
        rows++;
      }
    }
    long blocks = page.lines().filter("```cel"::equals).count();
    long tables = page.lines().filter("| context | outcome |"::equals).count();
    assertEquals(blocks, tables, "every example has a table");
    assertEquals(page.lines().filter(line -> line.startsWith("| `{")).count(), rows);
    assertTrue(rows >= 20, () -> "too few examples");
  }

  private String outcome(String condition, String json) throws IOException {
    Struct.Builder context = Struct.newBuilder();
    JsonFormat.parser().merge(json, context);
    Result result =
        language
            .at(
                new Request(
                    "user:ana@acme.com",
                    "organizations/acme/environments/prod/models/fraud",
                    ChronoUnit.MICROS.between(Instant.EPOCH, NOW),
                    ContextMessages.request(context.build(), "").context()))
            .evaluate(condition);
    String missing =
        result.missing().stream().map(name -> " `" + name + "`").collect(Collectors.joining(","));
    return result.truth().name().toLowerCase(Locale.ROOT) + missing;
  }
}
