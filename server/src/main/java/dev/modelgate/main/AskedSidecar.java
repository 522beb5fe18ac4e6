package dev.modelgate.main;

import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.internal.Endpoint;
import dev.modelgate.gateway.OnLoop;
import dev.modelgate.gateway.SidecarHealth;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.time.Duration;

/** The sidecar that a gateway asks: one that runs by itself, or one in the gateway's process. */
interface AskedSidecar extends AutoCloseable {
  /** A client for what happens on an event loop; to be closed before this is. */
  ModelgateClient client(EventLoop loop);

  /** Whether it answers. May take as long as a check. */
  boolean isServing();

  /** As people write it. */
  String text();

  @Override
  void close();

  /** One that runs by itself, and is found again when it was away. */
  static AskedSidecar elsewhere(GatewayOptions options) {
    Endpoint endpoint = GatewayRules.sidecar(options);
    return new Elsewhere(
        options, endpoint, SidecarHealth.of(endpoint, Duration.ofMillis(options.checkMs)));
  }

  /** One in this process, which ends with the gateway. */
  static AskedSidecar within(GatewayOptions options, Sidecar sidecar) {
    return new Within(options, sidecar);
  }

  private static ModelgateClient.Builder builder(GatewayOptions options) {
    return ModelgateClient.builder()
        .deadline(Duration.ofMillis(options.checkMs))
        .watchSilence(Duration.ofMillis(options.watchLostMs))
        .window(options.calls)
        .pipelined(true);
  }

  /**
   * In another process.
   *
   * @param health asks it how it is
   */
  record Elsewhere(GatewayOptions options, Endpoint endpoint, SidecarHealth health)
      implements AskedSidecar {
    @Override
    public ModelgateClient client(EventLoop loop) {
      ModelgateClient.Builder builder = builder(options).executor(loop);
      if (endpoint instanceof Endpoint.UnixSocket socket) {
        builder.socket(socket.path());
        socket.owner().ifPresent(builder::socketOwner);
      } else if (endpoint instanceof Endpoint.Tcp tcp) {
        builder.address(tcp.host(), tcp.port());
      }
      return builder.build();
    }

    @Override
    public boolean isServing() {
      return health.isServing();
    }

    @Override
    public String text() {
      return endpoint.text();
    }

    @Override
    public void close() {
      health.close();
    }
  }

  /** In this process. */
  record Within(GatewayOptions options, Sidecar sidecar) implements AskedSidecar {
    @Override
    public ModelgateClient client(EventLoop loop) {
      return builder(options).channel(sidecar.servers().connectOwn(new OnLoop(loop))).build();
    }

    @Override
    public boolean isServing() {
      return sidecar.isReady();
    }

    @Override
    public String text() {
      return "the sidecar in this process";
    }

    @Override
    public void close() {
      sidecar.close();
    }
  }
}
