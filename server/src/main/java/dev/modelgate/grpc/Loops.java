package dev.modelgate.grpc;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFactory;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.IoHandlerFactory;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The event loops of one listener, its own, so that a storm on one leaves the others' alone; and
 * the gate before its connections.
 */
public final class Loops implements AutoCloseable {
  private final EventLoopGroup loops;
  private final ChannelFactory<ServerChannel> channels;

  private Loops(
      String name,
      int threads,
      IoHandlerFactory io,
      ChannelFactory<? extends ServerChannel> plain,
      Bounds bounds,
      Consumer<Channel> accepted) {
    this.loops = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), io);
    this.channels =
        () -> {
          ServerChannel channel = plain.newChannel();
          channel.pipeline().addFirst(new ConnectionGate(bounds, accepted));
          return channel;
        };
  }

  /** For a port. */
  static Loops ofPort(String name, int threads, Bounds bounds) {
    return ofPort(name, threads, bounds, connection -> {});
  }

  /**
   * For a port.
   *
   * @param accepted may add to the pipeline of a connection that is taken, before all others do
   */
  public static Loops ofPort(String name, int threads, Bounds bounds, Consumer<Channel> accepted) {
    return Epoll.isAvailable()
        ? new Loops(
            name,
            threads,
            EpollIoHandler.newFactory(),
            EpollServerSocketChannel::new,
            bounds,
            accepted)
        : new Loops(
            name,
            threads,
            NioIoHandler.newFactory(),
            NioServerSocketChannel::new,
            bounds,
            accepted);
  }

  /** For a unix socket; needs epoll. */
  static Loops ofSocket(String name, Bounds bounds) {
    return new Loops(
        name,
        1,
        EpollIoHandler.newFactory(),
        EpollServerDomainSocketChannel::new,
        bounds,
        connection -> {});
  }

  /** The loops themselves, for what has to run beside the server's connections. */
  public List<EventLoop> each() {
    List<EventLoop> each = new ArrayList<>();
    loops.forEach(executor -> each.add((EventLoop) executor));
    return each;
  }

  /** Has the server run here. */
  public NettyServerBuilder carry(NettyServerBuilder builder) {
    return builder.channelFactory(channels).bossEventLoopGroup(loops).workerEventLoopGroup(loops);
  }

  /** Ends the threads; the server must have ended before. */
  @Override
  public void close() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
