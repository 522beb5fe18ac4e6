package dev.modelgate.client.internal;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Whom a connection trusts, and as whom it shows itself. The files are PEM and read again with each
 * new connection.
 *
 * @param authorities who may vouch for the sidecar; empty: the authorities that Java trusts
 * @param identity the client's own certificate and key; empty: none is shown
 * @param serverName the name that the sidecar's certificate must have; empty: the host that is
 *     dialed
 */
public record ClientTls(
    Optional<Path> authorities, Optional<Identity> identity, Optional<String> serverName) {

  /** With the authorities of Java and without a certificate. */
  public static final ClientTls USUAL =
      new ClientTls(Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * A client's certificate and key.
   *
   * @param certificate the chain, the client's own certificate first
   * @param key RSA or EC, without a passphrase
   */
  public record Identity(Path certificate, Path key) {}

  /** With these authorities. */
  public ClientTls withAuthorities(Path file) {
    return new ClientTls(Optional.of(file), identity, serverName);
  }

  /** With this certificate of the client. */
  public ClientTls withIdentity(Path certificate, Path key) {
    return new ClientTls(authorities, Optional.of(new Identity(certificate, key)), serverName);
  }

  /** With this name of the sidecar. */
  public ClientTls withServerName(String name) {
    return new ClientTls(authorities, identity, Optional.of(name));
  }
}
