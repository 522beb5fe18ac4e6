package dev.modelgate.client;

import dev.modelgate.client.internal.ClientTls;
import dev.modelgate.client.internal.Connection;
import dev.modelgate.client.internal.Endpoint;
import io.grpc.ManagedChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executor;

/** Where a builder was told to ask, and how. Not safe for concurrent use. */
final class EndpointSettings {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int PORT = 7070;
  private static final Path DATA = Path.of("modelgate-data");

  private Optional<Path> socket = Optional.empty();
  private OptionalInt socketOwner = OptionalInt.empty();
  private Optional<String> host = Optional.empty();
  private int port = PORT;
  private Optional<ClientTls> tls = Optional.empty();
  private Optional<ManagedChannel> channel = Optional.empty();

  void socket(Path path) {
    socket = Optional.of(path);
  }

  void socketOwner(int uid) {
    socketOwner = OptionalInt.of(uid);
  }

  void address(String newHost, int newPort) {
    host = Optional.of(newHost);
    port = newPort;
  }

  void channel(ManagedChannel own) {
    channel = Optional.of(own);
  }

  /** What is set so far; TLS with the authorities of Java, if nothing is. */
  ClientTls tls() {
    return tls.orElse(ClientTls.USUAL);
  }

  void tls(ClientTls newTls) {
    tls = Optional.of(newTls);
  }

  /**
   * Makes the connection; dials with the first question.
   *
   * @param callbacks runs the callbacks; a channel of the caller's has its own
   * @throws IllegalArgumentException as {@link #endpoint}, and if anything else is set besides a
   *     channel
   */
  Connection connect(Optional<Executor> callbacks) {
    if (channel.isEmpty()) {
      return endpoint().connect(callbacks);
    }
    if (socket.isPresent()
        || socketOwner.isPresent()
        || host.isPresent()
        || tls.isPresent()
        || callbacks.isPresent()) {
      throw new IllegalArgumentException(
          "channel: no socket, address, TLS or executor beside it (expected: the channel's own)");
    }
    return Connection.dialing(channel.get());
  }

  /**
   * The one that is named, or the usual one.
   *
   * @throws IllegalArgumentException if there is a socket besides an address or TLS, the port is
   *     out of range, or the host is not loopback and there is no TLS
   */
  Endpoint endpoint() {
    if (socket.isPresent()) {
      if (host.isPresent() || tls.isPresent()) {
        throw new IllegalArgumentException(
            "socket: `" + socket.get() + "` (expected: no address or TLS beside it)");
      }
      return new Endpoint.UnixSocket(socket.get(), socketOwner);
    }
    if (tls.isPresent()) {
      return new Endpoint.Tls(host.orElse(LOOPBACK), port, tls.get());
    }
    return host.isPresent()
        ? new Endpoint.Tcp(host.get(), port)
        : Endpoint.usual(DATA, socketOwner);
  }
}
