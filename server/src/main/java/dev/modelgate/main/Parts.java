package dev.modelgate.main;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was started, to be closed in the reverse order, each part whatever becomes of the others.
 */
final class Parts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Parts.class);

  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private boolean clean = true;

  /** Takes a part that was just started. */
  synchronized <T extends AutoCloseable> T keep(T part) {
    parts.push(part);
    return part;
  }

  /** Closes everything; again, nothing. */
  @Override
  public synchronized void close() {
    while (!parts.isEmpty()) {
      try {
        parts.pop().close();
      } catch (Exception e) {
        clean = false;
        log.error("a part of the sidecar did not stop cleanly", e);
      }
    }
  }

  /** Whether no part failed to close so far. */
  synchronized boolean closedCleanly() {
    return clean;
  }
}
