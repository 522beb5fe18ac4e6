package dev.modelgate.tls;

import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;

/** Whether a listener wants certificates of its clients. One that is shown must be good. */
public enum ClientCertificates {
  /** They are not asked for. */
  NONE(ClientAuth.NONE),

  /** Clients may show one. */
  OPTIONAL(ClientAuth.OPTIONAL),

  /** Clients without one are turned away during the handshake. */
  REQUIRE(ClientAuth.REQUIRE);

  private final ClientAuth netty;

  ClientCertificates(ClientAuth netty) {
    this.netty = netty;
  }

  ClientAuth netty() {
    return netty;
  }
}
