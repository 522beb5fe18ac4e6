package dev.modelgate.grpc;

import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelFactory;
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
import java.util.concurrent.TimeUnit;

/**
 * The event loops of one listener, its own, so that a storm on one leaves the others' alone; and
 * the gate before its connections.
 */
final class Loops implements AutoCloseable {
  private final EventLoopGroup loops;
  private final ChannelFactory<ServerChannel> channels;

  private Loops(
      String name,
      int threads,
      IoHandlerFactory io,
      ChannelFactory<? extends ServerChannel> plain,
      Bounds bounds) {
    this.loops = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), io);
    this.channels =
        () -> {
          ServerChannel channel = plain.newChannel();
          channel.pipeline().addFirst(new ConnectionGate(bounds));
          return channel;
        };
  }

  /** For a port. */
  static Loops ofPort(String name, int threads, Bounds bounds) {
    return Epoll.isAvailable()
        ? new Loops(
            name, threads, EpollIoHandler.newFactory(), EpollServerSocketChannel::new, bounds)
        : new Loops(name, threads, NioIoHandler.newFactory(), NioServerSocketChannel::new, bounds);
  }

  /** For a unix socket; needs epoll. */
  static Loops ofSocket(String name, Bounds bounds) {
    return new Loops(
        name, 1, EpollIoHandler.newFactory(), EpollServerDomainSocketChannel::new, bounds);
  }

  /** Has the server run here. */
  NettyServerBuilder carry(NettyServerBuilder builder) {
    return builder.channelFactory(channels).bossEventLoopGroup(loops).workerEventLoopGroup(loops);
  }

  /** Ends the threads; the server must have ended before. */
  @Override
  public void close() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }
}
