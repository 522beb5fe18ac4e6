package dev.modelgate.app.audit;

/**
 * Where refused attempts, failed logins, changes of the configuration and emergency actions are
 * reported. Beside the change log, which has every mutation and is the only truth about data: what
 * is reported here has no part in any decision, and none in the digest of the log.
 */
@FunctionalInterface
public interface AuditTrail {
  /** Forgets everything. */
  AuditTrail NONE = event -> {};

  /**
   * Takes an event. Never blocks, never throws, from any thread: an event that there is no room for
   * is dropped, and counted in the next one of the trail and in a metric.
   */
  void record(TrailEvent event);
}
