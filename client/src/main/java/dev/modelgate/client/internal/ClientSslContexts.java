package dev.modelgate.client.internal;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS of a client's connections, 1.2 and 1.3. Reads its files with each connection, which are
 * few; a certificate that was renewed counts from the next one on, and while files are of no use,
 * the last good ones do.
 */
final class ClientSslContexts implements Supplier<SslContext> {
  private static final Logger log = LoggerFactory.getLogger(ClientSslContexts.class);
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  private final ClientTls files;
  private Material material;
  private SslContext context;

  /** What one reading gave; no key without a certificate. */
  private record Material(
      List<X509Certificate> authorities, List<X509Certificate> chain, List<PrivateKey> key) {}

  /**
   * Reads the files for the first time.
   *
   * @throws IOException in one line: a file is missing or malformed, or they do not go together
   */
  ClientSslContexts(ClientTls files) throws IOException {
    this.files = files;
    this.material = read(files);
    this.context = context(material);
  }

  /** For the next connection. Reads up to three small files. Never throws. */
  @Override
  public synchronized SslContext get() {
    try {
      Material read = read(files);
      if (!read.equals(material)) {
        context = context(read);
        material = read;
      }
    } catch (IOException | RuntimeException e) {
      log.warn("TLS keeps the files that it read before: {}", e.getMessage());
    }
    return context;
  }

  private static Material read(ClientTls files) throws IOException {
    List<X509Certificate> authorities =
        files.authorities().isPresent()
            ? PemFile.read(files.authorities().get()).certificates()
            : List.of();
    if (files.identity().isEmpty()) {
      return new Material(authorities, List.of(), List.of());
    }
    PemFile certificate = PemFile.read(files.identity().get().certificate());
    List<X509Certificate> chain = certificate.certificates();
    PrivateKey key = PemFile.read(files.identity().get().key()).privateKey();
    PemFile.requirePair(certificate, chain.get(0), key);
    return new Material(authorities, chain, List.of(key));
  }

  private static SslContext context(Material material) throws IOException {
    SslContextBuilder builder = GrpcSslContexts.forClient().protocols(PROTOCOLS);
    if (!material.authorities().isEmpty()) {
      builder.trustManager(material.authorities().toArray(X509Certificate[]::new));
    }
    for (PrivateKey key : material.key()) {
      builder.keyManager(key, material.chain().toArray(X509Certificate[]::new));
    }
    return builder.build();
  }
}
