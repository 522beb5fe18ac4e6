package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.slf4j.LoggerFactory;

/**
 * What this process logs as a failure, by either way: ours through SLF4J, gRPC's through
 * java.util.logging. Watches until it is closed.
 */
final class LogWatch implements AutoCloseable {
  private static final java.util.logging.Logger JUL = java.util.logging.Logger.getLogger("");

  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final java.util.logging.Level least;
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Level before = root.getLevel();
  private final Events events = new Events();
  private final Records records = new Records();

  /** Watches for errors of ours, and for what gRPC warns of. */
  LogWatch() {
    this(java.util.logging.Level.WARNING);
  }

  /**
   * Watches for errors of ours.
   *
   * @param least what gRPC says at this level or above is a failure too
   */
  LogWatch(java.util.logging.Level least) {
    this.least = least;
    events.setContext(root.getLoggerContext());
    events.start();
    root.addAppender(events);
    if (!root.isWarnEnabled()) {
      root.setLevel(Level.WARN); // Another test left it at less.
    }
    JUL.addHandler(records);
  }

  /** None of that was logged. */
  void assertQuiet() {
    assertEquals(List.of(), failures);
  }

  /** What we warned of, in order. */
  List<String> warnings() {
    return List.copyOf(warnings);
  }

  @Override
  public void close() {
    root.detachAppender(events);
    root.setLevel(before);
    JUL.removeHandler(records);
  }

  private final class Events extends AppenderBase<ILoggingEvent> {
    @Override
    protected void append(ILoggingEvent event) {
      if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
        failures.add(event.toString());
      } else if (event.getLevel().equals(Level.WARN)) {
        warnings.add(event.getFormattedMessage());
      }
    }
  }

  private final class Records extends Handler {
    @Override
    public void publish(LogRecord record) {
      if (record.getLevel().intValue() >= least.intValue()) {
        failures.add(
            record.getLoggerName() + ": " + record.getMessage() + " " + record.getThrown());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
