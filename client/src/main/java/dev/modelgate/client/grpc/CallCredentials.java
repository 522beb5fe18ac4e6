package dev.modelgate.client.grpc;

import dev.modelgate.client.protect.Credentials;
import dev.modelgate.client.protect.Credentials.Peer;
import dev.modelgate.client.protect.Principals;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Reads what a gRPC call shows of who makes it: for interceptors and proxies. Thread-safe. */
public final class CallCredentials {
  private final Map<String, Metadata.Key<String>> keys = new HashMap<>();

  private CallCredentials(Set<String> headers) {
    for (String name : headers) {
      keys.put(name, Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    }
  }

  /** A reader of what is needed to prove those principals. */
  public static CallCredentials of(Principals principals) {
    return new CallCredentials(principals.headers());
  }

  /**
   * What a call shows.
   *
   * @param headers as the caller sent them
   * @param attributes of the connection, with its TLS session and address
   */
  public Credentials read(Metadata headers, Attributes attributes) {
    Map<String, List<String>> values = new HashMap<>();
    keys.forEach(
        (name, key) -> {
          Iterable<String> all = headers.getAll(key);
          if (all != null) {
            List<String> lines = new ArrayList<>(1);
            all.forEach(lines::add);
            values.put(name, lines);
          }
        });
    return new Credentials(
        values,
        certificates(attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION)),
        peer(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)));
  }

  private static List<X509Certificate> certificates(@Nullable SSLSession session) {
    List<X509Certificate> chain = new ArrayList<>();
    if (session != null) {
      try {
        for (Certificate certificate : session.getPeerCertificates()) {
          if (!(certificate instanceof X509Certificate x509)) {
            return List.of();
          }
          chain.add(x509);
        }
      } catch (SSLPeerUnverifiedException e) {
        return List.of(); // It showed none.
      }
    }
    return chain;
  }

  /** An address that is none of the internet is a unix socket's, or of this process. */
  private static Peer peer(@Nullable SocketAddress address) {
    boolean remote =
        address == null
            || address instanceof InetSocketAddress inet
                && (inet.getAddress() == null || !inet.getAddress().isLoopbackAddress());
    return remote ? Peer.REMOTE : Peer.LOCAL;
  }
}
