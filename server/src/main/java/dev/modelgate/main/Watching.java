package dev.modelgate.main;

import dev.modelgate.app.check.AccessWatches;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.WatchOptions;
import dev.modelgate.grpc.AccessStreams;
import dev.modelgate.metrics.PrometheusTelemetry;

/** The watched accesses of a sidecar. */
final class Watching {
  private Watching() {}

  /**
   * Where accesses are watched. What evaluates them is kept, so that it is closed after the
   * servers; the streams are the caller's to keep, so that they end before these.
   *
   * @param first answers first questions
   */
  static AccessStreams open(
      Ledger ledger,
      CachingAuthorizer authorizer,
      Authorizer first,
      ServeOptions options,
      PrometheusTelemetry telemetry,
      Parts parts) {
    AccessWatches watches =
        parts.keep(
            new AccessWatches(
                ledger.state(),
                ledger.stamps(),
                ledger.clock(),
                authorizer,
                first,
                new WatchOptions(options.missThreads, options.watchedAccesses),
                telemetry));
    AccessStreams streams = new AccessStreams(watches, options.watchStreamsPerCaller);
    telemetry.gauge("modelgate.accesses", "Accesses that are watched", watches::open);
    telemetry.gauge(
        "modelgate.accesses.waiting",
        "Watched accesses that are to be evaluated again",
        watches::waiting);
    telemetry.gauge(
        "modelgate.access.streams", "Streams on which accesses are watched", streams::size);
    return streams;
  }
}
