package dev.modelgate.tls;

import dev.modelgate.client.internal.PemException;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2SecurityUtil;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * What one reading of the files gave. Two readings of the same content are equal.
 *
 * @param chain the listeners' certificates, their own first
 * @param key the private key of the first one
 * @param clientAuthorities who may vouch for clients; may be empty
 */
record TlsMaterial(
    List<X509Certificate> chain, PrivateKey key, List<X509Certificate> clientAuthorities) {
  /** RFC 8996 forbids what is older. */
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  TlsMaterial {
    chain = List.copyOf(chain);
    clientAuthorities = List.copyOf(clientAuthorities);
  }

  /**
   * For a listener of gRPC, which agrees on HTTP/2 in the handshake.
   *
   * @throws SSLException if the TLS library refuses certificates or key
   */
  SslContext forGrpc(ClientCertificates clients) throws SSLException {
    return GrpcSslContexts.configure(builder(clients)).build();
  }

  /**
   * For a listener of HTTP/1.1, with the same cipher suites.
   *
   * @throws SSLException if the TLS library refuses certificates or key
   */
  SslContext forHttp(ClientCertificates clients) throws SSLException {
    return builder(clients)
        .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
        .build();
  }

  /**
   * Refuses a chain that is of no use now: clients would turn away from it.
   *
   * @throws PemException saying since or until when
   */
  void requireValid(TlsFiles files, Instant now) throws PemException {
    for (X509Certificate certificate : chain) {
      if (now.isAfter(certificate.getNotAfter().toInstant())) {
        throw new PemException(
            files.certificate(), "expired at " + certificate.getNotAfter().toInstant());
      }
      if (now.isBefore(certificate.getNotBefore().toInstant())) {
        throw new PemException(
            files.certificate(), "is not valid before " + certificate.getNotBefore().toInstant());
      }
    }
  }

  /** The key is left out. */
  @Override
  public String toString() {
    return "TlsMaterial[" + chain.get(0).getSubjectX500Principal() + "]";
  }

  private SslContextBuilder builder(ClientCertificates clients) {
    SslContextBuilder builder =
        SslContextBuilder.forServer(key, chain.toArray(X509Certificate[]::new))
            .protocols(PROTOCOLS)
            .clientAuth(clients.netty());
    return clients == ClientCertificates.NONE
        ? builder
        : builder.trustManager(clientAuthorities.toArray(X509Certificate[]::new));
  }

  /** When the first of one or more certificates expires. */
  static Instant firstExpiry(List<X509Certificate> certificates) {
    Instant first = Instant.MAX;
    for (X509Certificate certificate : certificates) {
      Instant end = certificate.getNotAfter().toInstant();
      first = end.isBefore(first) ? end : first;
    }
    return first;
  }
}
