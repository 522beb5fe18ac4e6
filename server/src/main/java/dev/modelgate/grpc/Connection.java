package dev.modelgate.grpc;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What one connection takes up at present, but for calls of Check. Thread-safe. */
final class Connection {
  static final Attributes.Key<Connection> KEY = Attributes.Key.create("modelgate-connection");

  /** The calls under way. */
  final AtomicInteger calls = new AtomicInteger();

  /** The bytes of answers that were written and that the transport has not taken yet. */
  final AtomicLong unreadBytes = new AtomicLong();

  /** Gives every connection one of its own. */
  static ServerTransportFilter filter() {
    return new ServerTransportFilter() {
      @Override
      public Attributes transportReady(Attributes attributes) {
        return attributes.toBuilder().set(KEY, new Connection()).build();
      }
    };
  }

  /** That of a call; over a transport that none was given to, one that nothing else uses. */
  static Connection of(Attributes attributes) {
    Connection known = attributes.get(KEY);
    return known == null ? new Connection() : known;
  }
}
