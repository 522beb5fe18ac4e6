package dev.modelgate.client.cli;

import dev.modelgate.client.internal.ClientTls;
import dev.modelgate.client.internal.Endpoint;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How to reach the data plane. */
final class PlaneOptions {
  private static final HostAndPort USUAL = new HostAndPort("127.0.0.1", 7070);

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      converter = HostAndPort.Converter.class,
      description =
          "The data plane, on loopback or with TLS. Default: DIR/modelgate.sock if it is there and"
              + " there is no TLS, else 127.0.0.1:7070.")
  private @Nullable HostAndPort address;

  @Option(names = "--socket", paramLabel = "PATH", description = "The data plane's unix socket.")
  private @Nullable Path socket;

  @Option(
      names = "--socket-owner",
      paramLabel = "UID",
      description =
          "Number of the sidecar's user, if the socket lies where others could have made its"
              + " directory. Default: this user, or root.")
  private @Nullable Integer socketOwner;

  @Mixin private TlsOptions tls = new TlsOptions();

  /**
   * The one that is named, or the socket of the data directory if it is there, or TCP.
   *
   * @throws ParameterException if both are named, or an address without TLS is not loopback
   */
  Endpoint endpoint(Environment environment, CommonOptions common) {
    Optional<ClientTls> security = tls.tls(environment, common);
    if (socket != null) {
      require(address == null, "--address and --socket exclude each other", common);
      require(!tls.isNamed(), "--socket needs no TLS, and takes none", common);
      return new Endpoint.UnixSocket(socket, owner());
    }
    if (address != null) {
      return TlsOptions.endpoint(address, security, common);
    }
    return security.isPresent()
        ? TlsOptions.endpoint(USUAL, security, common)
        : Endpoint.usual(common.data(), owner());
  }

  /**
   * Opens a connection that proves itself with each call; dials with the first one.
   *
   * @throws CliException if there is neither a token nor a client certificate
   * @throws IllegalArgumentException if a file of TLS is of no use
   */
  PlaneConnection connect(
      Environment environment, CommonOptions common, CredentialOptions credential) {
    Endpoint endpoint = endpoint(environment, common);
    return PlaneConnection.open(
        endpoint,
        credential.interceptor(
            environment,
            common,
            endpoint instanceof Endpoint.Tls secured
                ? Optional.of(secured.tls())
                : Optional.empty()));
  }

  private static void require(boolean holds, String message, CommonOptions common) {
    if (!holds) {
      throw new ParameterException(common.spec().commandLine(), message);
    }
  }

  private OptionalInt owner() {
    return socketOwner == null ? OptionalInt.empty() : OptionalInt.of(socketOwner);
  }
}
