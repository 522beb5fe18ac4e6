package dev.modelgate.bench.peers;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import java.util.concurrent.TimeUnit;

/** A connection for what is asked before the rounds, with a thread of its own. */
public final class PeerChannel implements AutoCloseable {
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final ManagedChannel channel;

  /** To {@code unix:<path>} or {@code tcp:<host>:<port>}, in plain text. */
  public PeerChannel(String target) {
    String[] parts = target.split(":", 3);
    NettyChannelBuilder builder =
        parts[0].equals("unix")
            ? NettyChannelBuilder.forAddress(new DomainSocketAddress(parts[1]))
                .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
            : NettyChannelBuilder.forAddress(parts[1], Integer.parseInt(parts[2]))
                .channelType(EpollSocketChannel.class);
    this.channel = builder.eventLoopGroup(loop).usePlaintext().build();
  }

  /** For stubs. */
  public Channel channel() {
    return channel;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
