package dev.modelgate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.Telemetry;
import dev.modelgate.client.internal.Endpoint;
import dev.modelgate.grpc.Bounds;
import io.grpc.CompressorRegistry;
import io.grpc.DecompressorRegistry;
import io.grpc.HandlerRegistry;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An upstream, a gateway before it and a caller's channel. Calls of {@code Ping} are answered by
 * the upstream itself, all others by the test.
 */
final class GatewayBed implements AutoCloseable {
  static final int WINDOW = 65_535;
  static final int MESSAGE_MAX = 80 << 20;
  private static final int SECONDS_MAX = 30;

  private final BlockingQueue<UpstreamCall> calls = new LinkedBlockingQueue<>();
  private final AtomicInteger begun = new AtomicInteger();
  private final ConcurrentHashMap<String, AtomicInteger> limited = new ConcurrentHashMap<>();
  private final Gateway gateway;
  private final ManagedChannel channel;
  private final boolean untouched;
  private Server upstream;

  private GatewayBed(Settings settings) throws IOException {
    this.untouched = settings.untouched;
    this.upstream = startUpstream(0);
    this.gateway =
        Gateway.start(
            new GatewaySettings(
                "127.0.0.1",
                0,
                InsecureServerCredentials.create(),
                new Endpoint.Tcp("127.0.0.1", upstream.getPort()),
                settings.threads,
                settings.bytesMax,
                settings.messageBytesMax,
                WINDOW,
                settings.callsMax,
                Bounds.DEFAULT,
                settings.drainMax),
            loop -> settings.admission,
            new Telemetry() {
              @Override
              public void limited(String limit) {
                limited.computeIfAbsent(limit, name -> new AtomicInteger()).incrementAndGet();
              }
            });
    this.channel = open(gateway.port());
  }

  /** What a test wants otherwise. */
  static final class Settings {
    Admission admission = Admission.OPEN;
    int threads = 2;
    long bytesMax = 256L << 20;
    int messageBytesMax = MESSAGE_MAX;
    int callsMax = 1_024;
    Duration drainMax = Duration.ofSeconds(20);
    boolean untouched;

    /** Who decides. */
    Settings admission(Admission changed) {
      admission = changed;
      return this;
    }

    Settings guard(Guard guard) {
      return admission((method, headers, connection) -> new Admission.Verdict.Asks(guard));
    }

    Settings bytesMax(long changed) {
      bytesMax = changed;
      return this;
    }

    Settings messageBytesMax(int changed) {
      messageBytesMax = changed;
      return this;
    }

    Settings callsMax(int changed) {
      callsMax = changed;
      return this;
    }

    /** Both ends see compressed messages as they are on the wire. */
    Settings untouched() {
      untouched = true;
      return this;
    }

    GatewayBed start() throws IOException {
      return new GatewayBed(this);
    }
  }

  static Settings settings() {
    return new Settings();
  }

  Gateway gateway() {
    return gateway;
  }

  ManagedChannel channel() {
    return channel;
  }

  /** A further connection to the gateway. */
  ManagedChannel open(int port) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress("127.0.0.1", port, InsecureChannelCredentials.create())
            .maxInboundMessageSize(MESSAGE_MAX)
            .maxInboundMetadataSize(1 << 20)
            .disableRetry();
    if (untouched) {
      builder.compressorRegistry(Codecs.SENT).decompressorRegistry(Codecs.RECEIVED);
    }
    return builder.build();
  }

  Caller call(String method) {
    return Caller.of(channel, method);
  }

  /** The next call that reaches the upstream. */
  UpstreamCall reached() throws InterruptedException {
    @Nullable UpstreamCall call = calls.poll(SECONDS_MAX, TimeUnit.SECONDS);
    assertTrue(call != null, "no call reached the upstream");
    return java.util.Objects.requireNonNull(call);
  }

  /** How many calls reached the upstream, pings not counted. */
  int begun() {
    return begun.get();
  }

  /** What was refused for that bound. */
  int limited(String limit) {
    AtomicInteger count = limited.get(limit);
    return count == null ? 0 : count.get();
  }

  /** Calls through the gateway, one after the other, so that what can happen has happened. */
  void ping(int times) throws Exception {
    for (int i = 0; i < times; i++) {
      Caller ping = call("Ping").send(new byte[1]).half();
      assertTrue(ping.ended().status().isOk(), "a ping failed");
    }
  }

  /** The upstream ends, and all of its calls. */
  int stopUpstream() throws InterruptedException {
    int port = upstream.getPort();
    upstream.shutdownNow();
    assertTrue(upstream.awaitTermination(SECONDS_MAX, TimeUnit.SECONDS));
    return port;
  }

  void restartUpstream(int port) throws IOException {
    upstream = startUpstream(port);
  }

  static void await(BooleanSupplier condition, String what) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() < until, what);
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  private Server startUpstream(int port) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                InsecureServerCredentials.create())
            .maxInboundMessageSize(MESSAGE_MAX)
            .maxInboundMetadataSize(1 << 20)
            .flowControlWindow(WINDOW)
            .fallbackHandlerRegistry(new Methods());
    if (untouched) {
      CompressorRegistry sent = Codecs.SENT;
      DecompressorRegistry received = Codecs.RECEIVED;
      builder.compressorRegistry(sent).decompressorRegistry(received);
    }
    return builder.build().start();
  }

  private final class Methods extends HandlerRegistry {
    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String method, @Nullable String authority) {
      boolean isPing = method.endsWith("/Ping");
      return ServerMethodDefinition.create(
          Bytes.method(method.substring(method.indexOf('/') + 1)),
          (call, headers) -> {
            UpstreamCall reached = new UpstreamCall(call, headers);
            if (isPing) {
              reached.begin(new io.grpc.Metadata()).reply(new byte[1]).end();
            } else {
              begun.incrementAndGet();
              calls.add(reached);
            }
            return reached;
          });
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    gateway.close();
    upstream.shutdownNow();
    assertTrue(terminated(upstream), "the upstream does not end");
    assertEquals(0, gateway.calls(), "calls are left in the gateway");
    assertEquals(0, gateway.bytes(), "bytes are left in the gateway");
  }

  private static boolean terminated(Server server) {
    try {
      return server.awaitTermination(SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
