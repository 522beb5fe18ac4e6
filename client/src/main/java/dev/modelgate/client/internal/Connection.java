package dev.modelgate.client.internal;

import io.grpc.Channel;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A channel and the threads that it alone uses. Safe for concurrent use.
 *
 * <p>While the sidecar cannot be reached, it is dialed every second: gRPC by itself would wait
 * longer after each failure, up to two minutes, and would miss for as long that a sidecar is back.
 */
public final class Connection implements AutoCloseable {
  /** The largest answer: that of a batch, and a message of an export, has at most 4 MiB. */
  private static final int MESSAGE_BYTES_MAX = 5 << 20;

  static final Duration REDIAL = Duration.ofSeconds(1);

  private final ManagedChannel channel;
  private final Optional<EventLoopGroup> loops;
  private final Executor later;
  private final AtomicBoolean redialing = new AtomicBoolean();

  private Connection(
      ManagedChannel channel, Optional<EventLoopGroup> loops, Duration redialInterval) {
    this.channel = channel;
    this.loops = loops;
    this.later = CompletableFuture.delayedExecutor(redialInterval.toNanos(), TimeUnit.NANOSECONDS);
  }

  static Connection open(
      NettyChannelBuilder builder,
      Optional<Executor> callbacks,
      Optional<EventLoopGroup> loops,
      Duration redialInterval) {
    // Retries are decided by the caller, who knows which request may be repeated.
    builder.disableRetry().maxInboundMessageSize(MESSAGE_BYTES_MAX);
    callbacks.ifPresent(builder::executor);
    Connection connection = new Connection(builder.build(), loops, redialInterval);
    connection.watch();
    return connection;
  }

  /** On an event loop of the caller's, which runs the callbacks too. */
  static Connection openOnLoop(NettyChannelBuilder builder) {
    builder.disableRetry().maxInboundMessageSize(MESSAGE_BYTES_MAX).directExecutor();
    return dialing(builder.build());
  }

  /** Takes a channel, dials while it fails, and closes it in the end. */
  public static Connection dialing(ManagedChannel channel) {
    Connection connection = new Connection(channel, Optional.empty(), REDIAL);
    connection.watch();
    return connection;
  }

  /** Has these loops carry a channel over TCP. */
  static NettyChannelBuilder carried(NettyChannelBuilder builder, EventLoopGroup loops) {
    return builder
        .eventLoopGroup(loops)
        .channelType(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class);
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

  private void watch() {
    ConnectivityState state = channel.getState(false);
    if (state != ConnectivityState.SHUTDOWN) {
      channel.notifyWhenStateChanged(state, this::watch);
    }
    if (state == ConnectivityState.TRANSIENT_FAILURE && redialing.compareAndSet(false, true)) {
      later.execute(this::redial);
    }
  }

  private void redial() {
    redialing.set(false);
    if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
      channel.resetConnectBackoff();
      if (redialing.compareAndSet(false, true)) {
        later.execute(this::redial);
      }
    }
  }
}
