package dev.modelgate.client;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A real server on loopback or on a unix socket, with fake services. */
public final class Sidecar implements AutoCloseable {
  private final Server server;
  private final Optional<EventLoopGroup> loops;

  private Sidecar(Server server, Optional<EventLoopGroup> loops) {
    this.server = server;
    this.loops = loops;
  }

  public static Sidecar onLoopback(BindableService... services) throws IOException {
    return onPort(0, services);
  }

  static Sidecar onPort(int port, BindableService... services) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    for (BindableService service : services) {
      builder.addService(service);
    }
    return new Sidecar(builder.build().start(), Optional.empty());
  }

  public static Sidecar onSocket(Path socket, BindableService service) throws IOException {
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    Server server =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toString()))
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .channelType(EpollServerDomainSocketChannel.class)
            .addService(service)
            .build()
            .start();
    return new Sidecar(server, Optional.of(loops));
  }

  public int port() {
    return server.getPort();
  }

  /** Ends it and waits until its port is free again. */
  void stop() throws InterruptedException {
    close();
    assertTrue(server.awaitTermination(20, TimeUnit.SECONDS));
  }

  @Override
  public void close() {
    server.shutdownNow();
    if (loops.isPresent()) {
      Future<?> unused = loops.get().shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
