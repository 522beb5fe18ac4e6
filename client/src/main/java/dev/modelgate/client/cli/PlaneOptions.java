package dev.modelgate.client.cli;

import dev.modelgate.client.internal.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How to reach the data plane. */
final class PlaneOptions {
  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      converter = HostAndPort.class,
      description =
          "The data plane, on loopback. Default: DIR/modelgate.sock if it is there, else"
              + " 127.0.0.1:7070.")
  private Endpoint.@Nullable Tcp address;

  @Option(names = "--socket", paramLabel = "PATH", description = "The data plane's unix socket.")
  private @Nullable Path socket;

  /**
   * The one that is named, or the socket of the data directory if it is there, or TCP.
   *
   * @throws ParameterException if both are named
   */
  Endpoint endpoint(CommonOptions common) {
    if (address != null && socket != null) {
      throw new ParameterException(
          common.spec().commandLine(), "--address and --socket exclude each other");
    }
    if (address != null) {
      return address;
    }
    return socket == null ? usual(common.data()) : new Endpoint.UnixSocket(socket);
  }

  /** Where a sidecar with this data directory listens, if it was told nothing else. */
  static Endpoint usual(Path data) {
    Path usual = data.resolve("modelgate.sock");
    return Files.exists(usual)
        ? new Endpoint.UnixSocket(usual)
        : new Endpoint.Tcp("127.0.0.1", 7070);
  }

  /** As people write it. */
  static String text(Endpoint endpoint) {
    return endpoint instanceof Endpoint.Tcp tcp
        ? tcp.host() + ":" + tcp.port()
        : ((Endpoint.UnixSocket) endpoint).path().toString();
  }
}
