package dev.modelgate.grpc;

import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.model.RefusedException;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.inprocess.AnonymousInProcessSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The other side of a connection, read once when it is ready.
 *
 * @param address where it is, for people: {@code 10.0.0.7:51234}, {@code unix}
 * @param local whether it is on this machine, by loopback or socket
 * @param caller whom its certificate maps to; null without a certificate
 * @param refused why its certificate is refused; null when it is not
 */
record Peer(
    String address, boolean local, @Nullable Caller caller, @Nullable RefusedException refused) {
  static final Attributes.Key<Peer> KEY = Attributes.Key.create("modelgate-peer");

  /** The peer of a call over a connection that was not read when it was ready, too. */
  static Peer of(Attributes attributes, Authenticator authenticator) {
    Peer known = attributes.get(KEY);
    return known != null ? known : read(attributes, authenticator);
  }

  /** Reads what the transport says. */
  static Peer read(Attributes attributes, Authenticator authenticator) {
    SocketAddress remote = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    String address = text(remote);
    Optional<List<X509Certificate>> chain =
        certificates(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
    if (chain.isEmpty()) {
      return new Peer(address, isLocal(remote), null, null);
    }
    try {
      Caller caller = authenticator.certificate(chain.get()).from(address);
      return new Peer(address, isLocal(remote), caller, null);
    } catch (RefusedException e) {
      return new Peer(address, isLocal(remote), null, e);
    }
  }

  /** An address of unknown kind is none of this machine; only a socket has no port. */
  private static boolean isLocal(@Nullable SocketAddress remote) {
    if (remote instanceof InetSocketAddress internet) {
      return internet.getAddress() != null && internet.getAddress().isLoopbackAddress();
    }
    return remote != null;
  }

  /** An address for people; {@code in-process} for this process itself. */
  static String text(@Nullable SocketAddress remote) {
    if (remote instanceof InetSocketAddress internet) {
      return internet.getAddress() == null
          ? "unknown"
          : internet.getAddress().getHostAddress() + ":" + internet.getPort();
    }
    if (remote instanceof AnonymousInProcessSocketAddress) {
      return "in-process";
    }
    return remote == null ? "unknown" : "unix";
  }

  private static Optional<List<X509Certificate>> certificates(@Nullable SSLSession session) {
    if (session == null) {
      return Optional.empty();
    }
    try {
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate certificate : session.getPeerCertificates()) {
        if (!(certificate instanceof X509Certificate x509)) {
          throw new IllegalStateException("a certificate of TLS is no X.509 certificate");
        }
        chain.add(x509);
      }
      return Optional.of(chain);
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty(); // It showed none, and the listener let it.
    }
  }
}
