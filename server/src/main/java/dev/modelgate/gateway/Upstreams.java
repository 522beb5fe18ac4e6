package dev.modelgate.gateway;

import dev.modelgate.client.internal.Connection;
import dev.modelgate.client.internal.Endpoint;
import io.grpc.Channel;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The connections to the upstream: one for each event loop, on that loop, so that a call stays on
 * one thread from the caller to the upstream and back.
 */
final class Upstreams implements AutoCloseable {
  private static final int METADATA_BYTES_MAX = GatewaySettings.METADATA_BYTES_MAX;
  private final Map<Thread, Upstream> byThread = new ConcurrentHashMap<>();
  private final List<Upstream> all = new ArrayList<>();

  /** Of one event loop. */
  record Upstream(Connection connection, Admission admission) {
    Channel channel() {
      return connection.channel();
    }
  }

  /**
   * Prepares the connections; dials with the first call.
   *
   * @param admissions makes the admission of the calls of one loop
   * @throws IllegalArgumentException in one line, if the endpoint is of no use
   */
  Upstreams(
      GatewaySettings settings, List<EventLoop> loops, Function<EventLoop, Admission> admissions) {
    for (EventLoop loop : loops) {
      Upstream upstream =
          new Upstream(connection(settings, settings.upstream(), loop), admissions.apply(loop));
      all.add(upstream);
      // The first that the loop runs: before any call.
      loop.execute(() -> byThread.put(Thread.currentThread(), upstream));
    }
  }

  /** That of the event loop that this runs on. */
  Upstream here() {
    @Nullable Upstream own = byThread.get(Thread.currentThread());
    if (own == null) {
      throw new IllegalStateException("not on an event loop of the gateway");
    }
    return own;
  }

  /** Cancels what is under way. */
  @Override
  public void close() {
    all.forEach(
        upstream -> {
          upstream.connection().close();
          upstream.admission().close();
        });
  }

  private static Connection connection(
      GatewaySettings settings, Endpoint endpoint, EventLoop loop) {
    return Connection.dialing(
        endpoint
            .builder(loop)
            .directExecutor()
            // A retry would hold a copy of the messages.
            .disableRetry()
            .disableServiceConfigLookUp()
            .proxyDetector(address -> null)
            .flowControlWindow(settings.windowBytes())
            .maxInboundMessageSize(settings.messageBytesMax())
            .maxInboundMetadataSize(METADATA_BYTES_MAX)
            .compressorRegistry(Codecs.SENT)
            .decompressorRegistry(Codecs.RECEIVED)
            .build());
  }
}
