package dev.modelgate.gateway;

import dev.modelgate.client.protect.Credentials;
import dev.modelgate.client.protect.Principals;
import dev.modelgate.client.protect.Proof;
import dev.modelgate.client.protect.Protection;
import dev.modelgate.client.protect.ProtectionException;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells who calls by a protection document. */
public final class PrincipalCallers implements Callers, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PrincipalCallers.class);

  private final Principals principals;
  private final Map<String, Metadata.Key<String>> headers = new LinkedHashMap<>();

  private PrincipalCallers(Principals principals) {
    this.principals = principals;
    for (String name : principals.headers()) {
      headers.put(name, Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
    }
  }

  /**
   * By the {@code principal} and {@code acting-through} of that document; loads the keys of issuers
   * on threads of its own.
   *
   * @throws ProtectionException when the document does not say who calls
   */
  public static PrincipalCallers of(Protection protection) {
    return new PrincipalCallers(Principals.of(protection));
  }

  /** The headers that prove who calls, in lower case. */
  public Set<String> headers() {
    return principals.headers();
  }

  @Override
  public CompletableFuture<Optional<Who>> who(Metadata metadata, Attributes connection) {
    return principals
        .prove(
            new Credentials(
                shown(metadata),
                certificates(connection.get(Grpc.TRANSPORT_ATTR_SSL_SESSION)),
                peer(connection.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR))))
        .thenApply(PrincipalCallers::who);
  }

  private static Optional<Who> who(Proof proof) {
    if (proof instanceof Proof.Proven proven) {
      return Optional.of(new Who(proven.principal(), proven.actingThrough(), proven.until()));
    }
    log.debug("a call proves no principal: {}", proof);
    return Optional.empty();
  }

  private Map<String, List<String>> shown(Metadata metadata) {
    Map<String, List<String>> shown = new LinkedHashMap<>();
    headers.forEach(
        (name, key) -> {
          @Nullable Iterable<String> values = metadata.getAll(key);
          if (values != null) {
            List<String> copy = new ArrayList<>();
            values.forEach(copy::add);
            shown.put(name, copy);
          }
        });
    return shown;
  }

  private static List<X509Certificate> certificates(@Nullable SSLSession session) {
    List<X509Certificate> certificates = new ArrayList<>();
    if (session != null) {
      try {
        for (Certificate certificate : session.getPeerCertificates()) {
          if (certificate instanceof X509Certificate own) {
            certificates.add(own);
          }
        }
      } catch (SSLPeerUnverifiedException e) {
        // It showed none.
      }
    }
    return certificates;
  }

  private static Credentials.Peer peer(@Nullable SocketAddress address) {
    return address instanceof InetSocketAddress internet
            && internet.getAddress() != null
            && internet.getAddress().isLoopbackAddress()
        ? Credentials.Peer.LOCAL
        : Credentials.Peer.REMOTE;
  }

  /** Verifies no more tokens. */
  @Override
  public void close() {
    principals.close();
  }
}
