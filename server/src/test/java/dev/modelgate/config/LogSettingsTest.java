package dev.modelgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Both formats on standard error, one line per event whatever it holds. */
final class LogSettingsTest {
  private static final Logger log = LoggerFactory.getLogger(LogSettingsTest.class);

  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final PrintStream before = System.err;

  @BeforeEach
  void capture() {
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void restore() {
    System.setErr(before);
    LogSettings.apply("text", "warn");
  }

  @Test
  void text_eachEvent_isOneLineWithTimeLevelAndName() {
    LogSettings.apply("text", "info");
    logThree();
    List<String> lines = lines();
    assertEquals(3, lines.size(), lines.toString());
    assertTrue(
        lines
            .get(0)
            .matches(
                "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\S+ INFO  \\S*LogSettingsTest - plain 7\\s*"),
        lines.get(0));
    assertTrue(lines.get(1).contains("forged? 2026-01-01 ERROR root - no"), lines.get(1));
    assertTrue(lines.get(2).contains("failed"), lines.get(2));
    assertTrue(lines.get(2).contains("java.lang.IllegalStateException: outer"), lines.get(2));
    assertTrue(lines.get(2).contains("java.io.IOException: inner"), lines.get(2));
    assertTrue(lines.get(2).contains("LogSettingsTest.logThree"), lines.get(2));
  }

  @Test
  void json_eachEvent_isOneObjectOnOneLine() throws Exception {
    LogSettings.apply("json", "info");
    logThree();
    List<String> lines = lines();
    assertEquals(3, lines.size(), lines.toString());
    for (String line : lines) {
      Struct.Builder event = Struct.newBuilder();
      JsonFormat.parser().merge(line, event);
      assertTrue(
          event
              .getFieldsMap()
              .keySet()
              .containsAll(List.of("timestamp", "level", "loggerName", "formattedMessage")),
          line);
    }
    Struct.Builder failed = Struct.newBuilder();
    JsonFormat.parser().merge(lines.get(2), failed);
    assertEquals("failed", failed.getFieldsOrThrow("formattedMessage").getStringValue());
    assertEquals(
        "outer",
        failed
            .getFieldsOrThrow("throwable")
            .getStructValue()
            .getFieldsOrThrow("message")
            .getStringValue());
  }

  @Test
  void level_belowTheChosen_isNotLogged() {
    LogSettings.apply("text", "warn");
    log.info("quiet");
    log.warn("loud");
    assertEquals(1, lines().size(), lines().toString());
  }

  @Test
  void grpc_stillSaysNothingOfItsHeaders_atTrace() {
    LogSettings.apply("text", "trace");
    assertFalse(LoggerFactory.getLogger("io.grpc.netty.shaded.io.grpc.netty").isInfoEnabled());
    assertTrue(log.isTraceEnabled());
  }

  @Test
  void transport_warningsOfAStorm_areOneLineWithoutStackTraces() {
    LogSettings.apply("text", "info");
    var grpc = java.util.logging.Logger.getLogger("io.grpc.netty.Storm");
    for (int i = 0; i < 1_000; i++) {
      grpc.log(
          java.util.logging.Level.WARNING, "Transport failed", new IllegalStateException("GET / "));
    }
    List<String> lines = lines();
    assertTrue(lines.size() == 1 || lines.size() == 2, lines.toString()); // 2 after 10 s.
    assertTrue(
        lines.get(0).contains("a peer broke the protocol: Transport failed: GET /"), lines.get(0));
    assertFalse(lines.get(0).contains("Exception"), lines.get(0));
  }

  @Test
  void transport_aDefectOfOurs_isLoggedInFullEachTime() {
    LogSettings.apply("text", "info");
    var grpc = java.util.logging.Logger.getLogger("io.grpc.internal.Defect");
    for (int i = 0; i < 3; i++) {
      grpc.log(java.util.logging.Level.SEVERE, "uncaught", new IllegalStateException("outer"));
    }
    assertEquals(3, lines().size(), lines().toString());
    assertTrue(lines().get(2).contains("java.lang.IllegalStateException: outer"));
  }

  private static void logThree() {
    log.info("plain {}", 7);
    log.warn("forged?\r\n2026-01-01 ERROR root - no\n");
    log.error("failed", new IllegalStateException("outer", new java.io.IOException("inner")));
  }

  private List<String> lines() {
    return written.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
