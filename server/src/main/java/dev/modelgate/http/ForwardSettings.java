package dev.modelgate.http;

import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.net.SocketAddress;
import java.util.Optional;

/**
 * Where proxies ask, and how they tell what.
 *
 * @param address of a port, 0 for a free one, or of a unix socket
 * @param tls protects the connections; empty for plain text
 * @param headers which headers say what the client asked for
 */
public record ForwardSettings(SocketAddress address, Optional<SslContext> tls, Headers headers) {

  /** The headers that say what the client asked for; no others are believed. */
  public enum Headers {
    /** As nginx is configured. */
    ORIGINAL("x-original-method", "x-original-uri"),
    /** As Traefik and Caddy set them. */
    FORWARDED("x-forwarded-method", "x-forwarded-uri");

    private final String method;
    private final String target;

    Headers(String method, String target) {
      this.method = method;
      this.target = target;
    }

    String method() {
      return method;
    }

    String target() {
      return target;
    }
  }
}
