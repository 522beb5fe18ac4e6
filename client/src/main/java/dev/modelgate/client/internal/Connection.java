package dev.modelgate.client.internal;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A channel and the threads that it alone uses. Safe for concurrent use. */
public final class Connection implements AutoCloseable {
  /** The largest answer: that of a batch, and a message of an export, has at most 4 MiB. */
  private static final int MESSAGE_BYTES_MAX = 5 << 20;

  private final ManagedChannel channel;
  private final Optional<EventLoopGroup> loops;

  private Connection(ManagedChannel channel, Optional<EventLoopGroup> loops) {
    this.channel = channel;
    this.loops = loops;
  }

  static Connection open(
      NettyChannelBuilder builder, Optional<Executor> callbacks, Optional<EventLoopGroup> loops) {
    // Retries are decided by the caller, who knows which request may be repeated.
    builder.usePlaintext().disableRetry().maxInboundMessageSize(MESSAGE_BYTES_MAX);
    callbacks.ifPresent(builder::executor);
    return new Connection(builder.build(), loops);
  }

  /** The channel, open until this is closed. */
  public Channel channel() {
    return channel;
  }

  /** Cancels what is under way and frees the threads. Does not wait for them. */
  @Override
  public void close() {
    channel.shutdownNow();
    if (loops.isPresent()) {
      Future<?> unused = loops.get().shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
