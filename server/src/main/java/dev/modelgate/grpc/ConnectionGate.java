package dev.modelgate.grpc;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler.Sharable;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stands before everything that a listener accepts, and closes what is too much before a byte of it
 * is read. Thread-safe: connections end on other threads than they begin on.
 */
@Sharable
final class ConnectionGate extends ChannelInboundHandlerAdapter {
  private final Bounds bounds;
  private final Consumer<Channel> accepted;
  private final Object lock = new Object();
  // Guarded by the lock; an address without connections is not in the map.
  private final Map<InetAddress, Integer> ofPeers = new HashMap<>();
  private int all;

  ConnectionGate(Bounds bounds, Consumer<Channel> accepted) {
    this.bounds = bounds;
    this.accepted = accepted;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    Channel connection = (Channel) message;
    InetAddress peer = address(connection.remoteAddress());
    String bound = take(peer);
    if (bound.isEmpty()) {
      var unused = connection.closeFuture().addListener(closed -> giveBack(peer));
      TransportWatch.begin(connection, bounds.telemetry());
      accepted.accept(connection);
      context.fireChannelRead(connection);
    } else {
      bounds.telemetry().limited(bound);
      connection.unsafe().closeForcibly(); // It belongs to no event loop yet.
    }
  }

  /** Takes a place; answers which bound there is none by, or nothing. */
  private String take(@Nullable InetAddress peer) {
    synchronized (lock) {
      if (all >= bounds.connectionsMax()) {
        return "connections";
      }
      if (peer != null) {
        int ofPeer = ofPeers.getOrDefault(peer, 0);
        if (ofPeer >= bounds.connectionsPerPeerMax()) {
          return "connections-per-peer";
        }
        ofPeers.put(peer, ofPeer + 1);
      }
      all++;
      return "";
    }
  }

  private void giveBack(@Nullable InetAddress peer) {
    synchronized (lock) {
      all--;
      if (peer != null) {
        ofPeers.computeIfPresent(peer, (address, count) -> count == 1 ? null : count - 1);
      }
    }
  }

  private static @Nullable InetAddress address(@Nullable SocketAddress remote) {
    return remote instanceof InetSocketAddress internet ? internet.getAddress() : null;
  }
}
