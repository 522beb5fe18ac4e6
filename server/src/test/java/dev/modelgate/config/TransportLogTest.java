package dev.modelgate.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What of a storm of warnings is said, by the time that the events carry. */
final class TransportLogTest {
  private final LoggerContext context = new LoggerContext();
  private final Logger logger = context.getLogger("io.grpc.netty");
  private final Kept kept = new Kept();
  private final TransportLog transport = new TransportLog(kept);

  TransportLogTest() {
    kept.setContext(context);
    kept.start();
    transport.setContext(context);
    transport.start();
  }

  @Test
  void warnings_withinTheSilence_areCountedAndSaidWithTheNext() {
    for (long ms = 0; ms < TransportLog.SILENCE_MS; ms += 1_000) {
      warn(ms);
    }
    warn(TransportLog.SILENCE_MS);
    warn(2 * TransportLog.SILENCE_MS);
    assertEquals(
        List.of(
            "a peer broke the protocol: broken",
            "a peer broke the protocol: broken (9 more since the last such line)",
            "a peer broke the protocol: broken"),
        kept.lines);
  }

  @Test
  void message_long_isCut() {
    LoggingEvent event =
        new LoggingEvent(
            Logger.class.getName(),
            logger,
            Level.WARN,
            "broken",
            new IllegalStateException("x".repeat(100_000)),
            new Object[0]);
    transport.doAppend(event);
    assertEquals(1, kept.lines.size());
    assertTrue(kept.lines.get(0).length() < 300);
  }

  private void warn(long ms) {
    LoggingEvent event =
        new LoggingEvent(Logger.class.getName(), logger, Level.WARN, "broken", null, new Object[0]);
    event.setTimeStamp(ms);
    transport.doAppend(event);
  }

  private static final class Kept extends AppenderBase<ILoggingEvent> {
    private final List<String> lines = new ArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      lines.add(event.getFormattedMessage());
    }
  }
}
