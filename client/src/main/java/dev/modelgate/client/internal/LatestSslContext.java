package dev.modelgate.client.internal;

import io.grpc.netty.shaded.io.netty.buffer.ByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNegotiator;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSessionContext;

/**
 * Begins each connection with the context that is the latest at that moment. Connections that are
 * open keep theirs, so a new certificate costs no call.
 *
 * <p>The whole context is replaced and not only a key or trust manager inside it (as gRPC's {@code
 * AdvancedTlsX509*Manager} do): certificate, key, authorities and the names of authorities that a
 * server sends are then always of one reading, and a session ticket of a client whose authority is
 * gone is of no use any more, since its key went with the old context.
 */
public final class LatestSslContext extends SslContext {
  private final SslContext first;
  private final Supplier<SslContext> latest;

  /**
   * @param first tells what all contexts share: everything but certificates and keys
   * @param latest never fails; asked on event loops, once for each connection
   */
  public LatestSslContext(SslContext first, Supplier<SslContext> latest) {
    this.first = first;
    this.latest = latest;
  }

  @Override
  public boolean isClient() {
    return first.isClient();
  }

  @Override
  public List<String> cipherSuites() {
    return first.cipherSuites();
  }

  @Override
  @SuppressWarnings("deprecation") // Abstract in SslContext, and gRPC asks it.
  public ApplicationProtocolNegotiator applicationProtocolNegotiator() {
    return first.applicationProtocolNegotiator();
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator) {
    return latest.get().newEngine(allocator);
  }

  @Override
  public SSLEngine newEngine(ByteBufAllocator allocator, String host, int port) {
    return latest.get().newEngine(allocator, host, port);
  }

  @Override
  public SSLSessionContext sessionContext() {
    return latest.get().sessionContext();
  }
}
