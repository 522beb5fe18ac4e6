package dev.modelgate.main;

import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether checks should be sent here: from the end of the start to the beginning of the stop, while
 * the store can be read. A store that refuses writes does not count, for checks go on (hazard 21),
 * and a sidecar that says "not ready" takes its prediction server out of service with it; {@code
 * modelgate_store_writable} tells that.
 */
final class Readiness {
  private static final Logger log = LoggerFactory.getLogger(Readiness.class);

  private volatile BooleanSupplier serving = () -> false;

  /**
   * Everything is started.
   *
   * @param probe reads something from the store, and throws when that is not possible
   */
  void begin(Runnable probe) {
    serving =
        () -> {
          try {
            probe.run();
            return true;
          } catch (RuntimeException e) {
            log.warn("not ready: the store cannot be read", e);
            return false;
          }
        };
  }

  /** The stop begins. */
  void end() {
    serving = () -> false;
  }

  boolean isReady() {
    return serving.getAsBoolean();
  }
}
