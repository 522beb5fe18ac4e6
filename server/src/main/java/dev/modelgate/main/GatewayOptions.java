package dev.modelgate.main;

import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The settings of a gateway. Each but {@code --config} is also {@code MODELGATE_<NAME>} in the
 * environment; {@link GatewayRules} says which values go. Those of a sidecar in the same process
 * are {@link SidecarSettings}.
 */
final class GatewayOptions {
  /** The settings that say how a sidecar in another process is reached. */
  static final Set<String> OF_ANOTHER_SIDECAR = Set.of("sidecar", "sidecar-socket-owner");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      required = true,
      description = "protection document: which call asks for what, and who calls")
  Path config = Path.of("protect.yaml");

  @Option(
      names = "--upstream",
      paramLabel = "HOST:PORT|unix:PATH",
      defaultValue = "",
      description = "the server behind the gateway, on loopback unless there is TLS")
  String upstream = "";

  @Option(
      names = "--upstream-tls-ca",
      paramLabel = "FILE|system",
      defaultValue = "",
      description = "use TLS to the upstream, and trust these authorities (PEM), or those of Java")
  String upstreamTlsCa = "";

  @Option(
      names = "--upstream-tls-cert",
      paramLabel = "FILE",
      description = "PEM file with the certificate to show to the upstream")
  @Nullable Path upstreamTlsCert;

  @Option(
      names = "--upstream-tls-key",
      paramLabel = "FILE",
      description = "PEM file with its private key")
  @Nullable Path upstreamTlsKey;

  @Option(
      names = "--upstream-tls-server-name",
      paramLabel = "NAME",
      defaultValue = "",
      description = "the name in the upstream's certificate; empty: the host")
  String upstreamTlsServerName = "";

  @Option(
      names = "--upstream-socket-owner",
      paramLabel = "UID",
      defaultValue = "-1",
      description = "number of the upstream's user, if it is neither this one nor root")
  int upstreamSocketOwner = -1;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "run a sidecar in this process, with this data directory; each other setting of serve"
              + " goes with --sidecar- before its name")
  @Nullable Path data;

  @Option(
      names = "--sidecar",
      paramLabel = "HOST:PORT|unix:PATH",
      defaultValue = "unix:modelgate-data/modelgate.sock",
      description = "the sidecar that is asked, a socket or on loopback (${DEFAULT-VALUE})")
  String sidecar = "";

  @Option(
      names = "--sidecar-socket-owner",
      paramLabel = "UID",
      defaultValue = "-1",
      description = "number of the sidecar's user, if it is neither this one nor root")
  int sidecarSocketOwner = -1;

  @Option(
      names = "--check-ms",
      paramLabel = "N",
      defaultValue = "100",
      description = "how long the sidecar may take to answer, in ms (${DEFAULT-VALUE})")
  int checkMs;

  @Option(
      names = "--watch-lost-ms",
      paramLabel = "N",
      defaultValue = "1000",
      description =
          "how long nothing may be heard of it before running calls are cut (${DEFAULT-VALUE})")
  int watchLostMs;

  @Option(
      names = "--listen",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "address of the gateway (${DEFAULT-VALUE})")
  String listen = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "7080",
      description = "port of the gateway, 0 for a free one (${DEFAULT-VALUE})")
  int port;

  @Option(
      names = "--http-listen",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "address of metrics and health over HTTP (${DEFAULT-VALUE})")
  String httpListen = "127.0.0.1";

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      defaultValue = "7082",
      description = "port of metrics and health over HTTP, 0 for a free one (${DEFAULT-VALUE})")
  int httpPort;

  @Option(
      names = "--strip-headers",
      paramLabel = "NAMES",
      defaultValue = "",
      description = "headers that are not for the upstream, commas between them")
  String stripHeaders = "";

  @Option(
      names = "--forward-credentials",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "pass the headers on that prove who calls")
  boolean forwardCredentials;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "event loops, each with a connection to the upstream; 0: one for each core")
  int threads;

  @Option(
      names = "--message-bytes",
      paramLabel = "N",
      defaultValue = "134217728",
      description = "the most bytes of one message (${DEFAULT-VALUE})")
  int messageBytes;

  @Option(
      names = "--held-bytes",
      paramLabel = "N",
      defaultValue = "536870912",
      description = "the most bytes that all calls hold together (${DEFAULT-VALUE})")
  long heldBytes;

  @Option(
      names = "--window-bytes",
      paramLabel = "N",
      defaultValue = "131072",
      description =
          "what a peer of a call may send before it is read; a call holds two (${DEFAULT-VALUE})")
  int windowBytes;

  @Option(
      names = "--calls",
      paramLabel = "N",
      defaultValue = "1024",
      description = "calls under way, more are refused (${DEFAULT-VALUE})")
  int calls;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "1024",
      description = "connections of callers, more are closed (${DEFAULT-VALUE})")
  int connections;

  @Option(
      names = "--connections-per-peer",
      paramLabel = "N",
      defaultValue = "128",
      description = "of them from one address (${DEFAULT-VALUE})")
  int connectionsPerPeer;

  @Option(
      names = "--drain-seconds",
      paramLabel = "N",
      defaultValue = "10",
      description = "how long a stop waits for calls (${DEFAULT-VALUE})")
  int drainSeconds;

  @Mixin TlsOptions tls = new TlsOptions();

  @Option(
      names = "--insecure-listen",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "allow addresses other than loopback, without TLS")
  boolean insecureListen;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "text or json (${DEFAULT-VALUE})")
  String logFormat = "text";

  @Option(
      names = "--log-level",
      paramLabel = "LEVEL",
      defaultValue = "info",
      description = "error, warn, info, debug or trace (${DEFAULT-VALUE})")
  String logLevel = "info";

  @Option(
      names = "--heap",
      paramLabel = "SIZE",
      defaultValue = "",
      description = "Java heap, as for -Xmx; empty: 128m, or 256m with --data")
  String heap = "";

  /** The heap that was chosen, or the usual one. */
  String heap() {
    if (!heap.isEmpty()) {
      return heap;
    }
    return data == null ? "128m" : "256m";
  }
}
