package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a condition may cost: just as much is written, a little more is refused and counted. */
final class ConditionBoundsTest {
  private static final int BYTES_MAX = 1_024;
  private static final int LEVELS_MAX = 32;
  private static final int OPERATORS_MAX = 12;
  private static final int ATTRIBUTES_MAX = 32;
  private static final int REGEX_CHARS_MAX = 128;

  @TempDir Path directory;

  private SidecarBed bed;

  @BeforeEach
  void begin() throws IOException {
    bed = new SidecarBed(directory);
    bed.sample();
  }

  @AfterEach
  void end() {
    bed.close();
  }

  @Test
  void condition_oneByteTooLong_isRefusedAndCounted() {
    share(ofBytes(BYTES_MAX));
    assertEquals(0, bed.refused("size"));
    refused("size", "at most 1024", ofBytes(BYTES_MAX + 1));
    assertEquals(1, bed.refused("size"));
  }

  @Test
  void conditions_tooDear_areRefusedAndCounted() {
    Map<String, String> justRight = new LinkedHashMap<>();
    justRight.put(negated(LEVELS_MAX - 4), negated(LEVELS_MAX + 1));
    justRight.put(ands(OPERATORS_MAX), ands(OPERATORS_MAX + 1));
    justRight.put(attributes(ATTRIBUTES_MAX), attributes(ATTRIBUTES_MAX + 1));
    justRight.put(regex(REGEX_CHARS_MAX), regex(REGEX_CHARS_MAX + 1));
    int count = 0;
    for (Map.Entry<String, String> each : justRight.entrySet()) {
      share(each.getKey());
      refused("condition", "", each.getValue());
      assertEquals(++count, bed.refused("condition"), each::getValue);
    }
  }

  private void share(String condition) {
    bed.admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(SidecarBed.FRAUD)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_SET)
                        .setPrincipal("user:ben@acme.com")
                        .setRole("user")
                        .setCondition(condition))
                .build());
  }

  private void refused(String limit, String expected, String condition) {
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> share(condition), limit);
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(expected), message);
  }

  private static String ofBytes(int count) {
    return "true ||" + " ".repeat(count - 11) + "true";
  }

  private static String negated(int levels) {
    return "-".repeat(levels) + "context.a < 0";
  }

  private static String ands(int operators) {
    return "true" + " && true".repeat(operators);
  }

  private static String attributes(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "context.a" + i)
        .collect(Collectors.joining(", ", "1 in [", "]"));
  }

  private static String regex(int characters) {
    return "context.s.matches(\"" + "a".repeat(characters) + "\")";
  }
}
