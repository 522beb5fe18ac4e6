package dev.modelgate.grpc;

import dev.modelgate.app.identity.Caller;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** What one connection takes up at present, but for calls of Check. Thread-safe. */
final class Connection {
  static final Attributes.Key<Connection> KEY = Attributes.Key.create("modelgate-connection");

  /** The connection of the present call, where there is one. */
  private static final Context.Key<Connection> CURRENT = Context.key("modelgate-connection");

  /** The context of a call that has no other value in it: made once, for Check is called often. */
  final Context context = Context.ROOT.withValue(CURRENT, this);

  private final @Nullable SocketAddress remote;

  /** The calls under way. */
  final AtomicInteger calls = new AtomicInteger();

  /** The bytes of answers that were written and that the transport has not taken yet. */
  final AtomicLong unreadBytes = new AtomicLong();

  private Connection(Attributes attributes) {
    this.remote = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
  }

  /** Gives every connection one of its own. */
  static ServerTransportFilter filter() {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        return attributes.toBuilder().set(KEY, new Connection(attributes)).build();
      }
    };
  }

  /** That of a call; over a transport that none was given to, one that nothing else uses. */
  static Connection of(Attributes attributes) {
    Connection known = attributes.get(KEY);
    return known == null ? new Connection(attributes) : known;
  }

  /** A context in which this is the connection of the call. */
  Context in(Context outer) {
    return outer.withValue(CURRENT, this);
  }

  /** The address of the other side of the present call's connection, for people. */
  static String peer() {
    Connection connection = CURRENT.get();
    return Peer.text(connection == null ? null : connection.remote);
  }

  /**
   * Who takes turns with others for what is scarce: the credential of the present call, else its
   * connection.
   */
  static Object turn() {
    Caller caller = CallerContext.KEY.get();
    if (caller.isAuthenticated()) {
      return caller.credential();
    }
    Connection connection = CURRENT.get();
    return connection == null ? Connection.class : connection;
  }
}
