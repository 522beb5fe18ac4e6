package dev.modelgate.gateway;

import dev.modelgate.app.Telemetry;
import dev.modelgate.grpc.Bounds;
import dev.modelgate.grpc.Loops;
import dev.modelgate.grpc.ServerSettings;
import dev.modelgate.grpc.UnopenablePortException;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A proxy for gRPC in front of one upstream: takes calls of every method, and passes on what an
 * {@link Admission} lets pass.
 *
 * <p>A message is taken whole before it is judged, and reaches the upstream only then (hazard 36).
 * What it holds is bounded by {@link GatewaySettings#bytesMax}.
 */
public final class Gateway implements AutoCloseable {
  private final GatewaySettings settings;
  private final Budget budget;
  private final Loops loops;
  private final Upstreams upstreams;
  private final Server server;

  private Gateway(
      GatewaySettings settings, Function<EventLoop, Admission> admissions, Telemetry telemetry)
      throws IOException {
    this.settings = settings;
    this.budget = new Budget(settings.bytesMax(), settings.callsMax());
    this.loops =
        Loops.ofPort("modelgate-gateway", settings.threads(), settings.bounds(), OnlyHttp2::expect);
    try {
      this.upstreams = new Upstreams(settings, loops.each(), admissions);
    } catch (RuntimeException e) {
      loops.close();
      throw e;
    }
    try {
      this.server = builder(telemetry).build().start();
    } catch (IOException | RuntimeException e) {
      upstreams.close();
      loops.close();
      throw e;
    }
  }

  /**
   * Starts to listen.
   *
   * @param admissions makes the admission of the calls of one event loop; on it a question to a
   *     sidecar can be asked without a change of threads
   * @param telemetry is told of everything that a bound refuses
   * @throws UnopenablePortException when the port cannot be had
   * @throws IllegalArgumentException in one line, if the upstream is of no use
   */
  public static Gateway start(
      GatewaySettings settings, Function<EventLoop, Admission> admissions, Telemetry telemetry) {
    try {
      return new Gateway(settings, admissions, telemetry);
    } catch (IOException e) {
      throw new UnopenablePortException(
          "port " + settings.port() + ": cannot listen there, is it in use? (" + cause(e) + ")");
    }
  }

  /** The port that it listens on. */
  public int port() {
    return server.getPort();
  }

  /** How many bytes it holds. */
  public long bytes() {
    return budget.bytes();
  }

  /** How many calls are under way. */
  public int calls() {
    return budget.calls();
  }

  /** Takes no more calls, lets those under way end within the drain time, and stops. */
  @Override
  public void close() {
    server.shutdown();
    try {
      if (!server.awaitTermination(settings.drainMax().toNanos(), TimeUnit.NANOSECONDS)) {
        server.shutdownNow();
        server.awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    upstreams.close();
    loops.close();
  }

  private NettyServerBuilder builder(Telemetry telemetry) {
    return loops
        .carry(
            NettyServerBuilder.forAddress(
                new InetSocketAddress(settings.host(), settings.port()), settings.tls()))
        .directExecutor()
        .flowControlWindow(settings.windowBytes())
        .maxInboundMessageSize(settings.messageBytesMax())
        .maxInboundMetadataSize(GatewaySettings.METADATA_BYTES_MAX)
        .maxConcurrentCallsPerConnection(settings.callsMax())
        .handshakeTimeout(ServerSettings.HANDSHAKE_SECONDS_MAX, TimeUnit.SECONDS)
        .permitKeepAliveTime(Bounds.PING_SECONDS_MIN, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .keepAliveTime(Bounds.SILENCE_SECONDS_MAX, TimeUnit.SECONDS)
        .maxRstFramesPerWindow(Bounds.RESETS_MAX, Bounds.RESETS_WINDOW_SECONDS)
        .compressorRegistry(Codecs.SENT)
        .decompressorRegistry(Codecs.RECEIVED)
        .addStreamTracerFactory(Tracing.ofCallers(budget))
        .fallbackHandlerRegistry(
            new ProxiedMethods(2L * settings.windowBytes(), upstreams, telemetry));
  }

  private static String cause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
