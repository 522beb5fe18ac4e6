package dev.modelgate.config;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import org.jspecify.annotations.Nullable;

/**
 * What gRPC and Netty log. Whoever can reach a port can have them warn, as often as he likes and
 * with a stack trace each: here that is one line in {@value #SILENCE_MS} ms, which says how many
 * there were. What they log as an error is a defect of this process and passes as it is.
 */
final class TransportLog extends AppenderBase<ILoggingEvent> {
  static final long SILENCE_MS = 10_000;

  private static final int CAUSE_CHARS_MAX = 200;

  private final Appender<ILoggingEvent> target;
  private long silentUntilMs = Long.MIN_VALUE;
  private long unsaid;

  TransportLog(Appender<ILoggingEvent> target) {
    this.target = target;
  }

  /** One call at a time: the base class holds its lock. */
  @Override
  protected void append(ILoggingEvent event) {
    if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
      target.doAppend(event);
    } else if (event.getTimeStamp() < silentUntilMs) {
      unsaid++;
    } else {
      target.doAppend(line(event));
      silentUntilMs = event.getTimeStamp() + SILENCE_MS;
      unsaid = 0;
    }
  }

  private ILoggingEvent line(ILoggingEvent event) {
    Logger logger = ((LoggerContext) getContext()).getLogger(event.getLoggerName());
    String text =
        "a peer broke the protocol: "
            + event.getFormattedMessage()
            + cause(event.getThrowableProxy())
            + (unsaid == 0 ? "" : " (" + unsaid + " more since the last such line)");
    LoggingEvent line =
        new LoggingEvent(
            Logger.class.getName(), logger, event.getLevel(), text, null, new Object[0]);
    line.setTimeStamp(event.getTimeStamp());
    line.setThreadName(event.getThreadName());
    return line;
  }

  private static String cause(@Nullable IThrowableProxy thrown) {
    if (thrown == null) {
      return "";
    }
    String text = ": " + thrown.getMessage();
    return text.length() > CAUSE_CHARS_MAX ? text.substring(0, CAUSE_CHARS_MAX) + "..." : text;
  }
}
