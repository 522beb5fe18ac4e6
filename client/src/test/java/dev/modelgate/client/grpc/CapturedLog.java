package dev.modelgate.client.grpc;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** What this package logs while it is open, and nobody else then shows. */
final class CapturedLog extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final Logger logger =
      (Logger) LoggerFactory.getLogger(ModelgateInterceptor.class.getPackageName());
  private final BlockingQueue<ILoggingEvent> events = new LinkedBlockingQueue<>();

  CapturedLog() {
    logger.setLevel(Level.DEBUG);
    logger.setAdditive(false);
    logger.addAppender(this);
    start();
  }

  /** Waits for a message. */
  void await(String message) throws InterruptedException {
    ILoggingEvent event = events.poll(20, TimeUnit.SECONDS);
    while (event != null && !event.getFormattedMessage().equals(message)) {
      event = events.poll(20, TimeUnit.SECONDS);
    }
    assertTrue(event != null, "not logged: " + message);
  }

  @Override
  protected void append(ILoggingEvent event) {
    events.add(event);
  }

  @Override
  public void close() {
    logger.detachAppender(this);
    logger.setAdditive(true);
    logger.setLevel(null);
  }
}
