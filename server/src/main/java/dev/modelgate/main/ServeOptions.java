package dev.modelgate.main;

import dev.modelgate.grpc.SocketSettings;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The settings of a sidecar. Each is also {@code MODELGATE_<NAME>} in the environment and {@code
 * <name>} in the file; {@link SettingRules} says which values go.
 */
final class ServeOptions {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "modelgate-data",
      description = "data directory (${DEFAULT-VALUE})")
  Path data = Path.of("modelgate-data");

  @Option(
      names = "--listen",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "address of the data plane (${DEFAULT-VALUE})")
  String listen = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "7070",
      description = "port of the data plane, 0 for a free one (${DEFAULT-VALUE})")
  int port;

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description =
          "unix socket of the data plane (DIR/modelgate.sock on Linux; `none` for no socket)")
  @Nullable String socket;

  @Option(
      names = "--socket-mode",
      paramLabel = "MODE",
      defaultValue = "0660",
      description = "mode of the socket: 0600, 0660 or 0666 (${DEFAULT-VALUE})")
  String socketMode = "0660";

  @Option(
      names = "--socket-group",
      paramLabel = "GROUP",
      defaultValue = "",
      description = "name or number of the socket's group; empty: that of the process")
  String socketGroup = "";

  @Option(
      names = "--admin-listen",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "address of the admin plane (${DEFAULT-VALUE})")
  String adminListen = "127.0.0.1";

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      defaultValue = "7071",
      description = "port of the admin plane, 0 for a free one (${DEFAULT-VALUE})")
  int adminPort;

  @Option(
      names = "--http-listen",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "address of metrics and health over HTTP (${DEFAULT-VALUE})")
  String httpListen = "127.0.0.1";

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      defaultValue = "7072",
      description = "port of metrics and health over HTTP, 0 for a free one (${DEFAULT-VALUE})")
  int httpPort;

  @Option(
      names = "--default-parent",
      paramLabel = "NAME",
      defaultValue = "",
      description =
          "resource that completes relative model names, such as organizations/acme/environments/prod")
  String defaultParent = "";

  @Option(
      names = "--iam-organization",
      paramLabel = "ID",
      defaultValue = "",
      description =
          "id of the organization that google.iam.v1.IAMPolicy finds projects/ in; empty for the one"
              + " that has the project's id")
  String iamOrganization = "";

  @Option(
      names = "--cache-bytes",
      paramLabel = "N",
      defaultValue = "33554432",
      description = "bytes of cached answers, 0 for no cache (${DEFAULT-VALUE})")
  long cacheBytes;

  @Option(
      names = "--block-cache-bytes",
      paramLabel = "N",
      defaultValue = "67108864",
      description = "bytes of the store's native memory, 8 MiB or more (${DEFAULT-VALUE})")
  long blockCacheBytes;

  @Option(
      names = "--miss-threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "threads that read the store on a miss (${DEFAULT-VALUE})")
  int missThreads;

  @Option(
      names = "--miss-queue",
      paramLabel = "N",
      defaultValue = "1024",
      description = "checks that may wait for the store, more are shed (${DEFAULT-VALUE})")
  int missQueue;

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "1024",
      description = "connections of each plane, more are closed (${DEFAULT-VALUE})")
  int connections;

  @Option(
      names = "--connections-per-peer",
      paramLabel = "N",
      defaultValue = "128",
      description = "of them from one address (${DEFAULT-VALUE})")
  int connectionsPerPeer;

  @Option(
      names = "--calls-per-caller",
      paramLabel = "N",
      defaultValue = "4096",
      description =
          "calls under way of one credential or other machine, more are shed (${DEFAULT-VALUE})")
  int callsPerCaller;

  @Option(
      names = "--watched-accesses",
      paramLabel = "N",
      defaultValue = "20000",
      description = "accesses that may be watched at a time, more are refused (${DEFAULT-VALUE})")
  int watchedAccesses;

  @Option(
      names = "--watch-streams-per-caller",
      paramLabel = "N",
      defaultValue = "64",
      description =
          "streams on which one credential, or connection without, watches them (${DEFAULT-VALUE})")
  int watchStreamsPerCaller;

  @Option(
      names = "--recheck-every",
      paramLabel = "N",
      defaultValue = "1000",
      description = "one in N cached answers is recomputed, 0 for none (${DEFAULT-VALUE})")
  int recheckEvery;

  @Option(
      names = "--restore-window-days",
      paramLabel = "N",
      defaultValue = "30",
      description =
          "how long a deleted principal can be restored, 0 for not at all (${DEFAULT-VALUE})")
  int restoreWindowDays;

  @Option(
      names = "--drain-seconds",
      paramLabel = "N",
      defaultValue = "10",
      description = "how long a stop waits for calls (${DEFAULT-VALUE})")
  int drainSeconds;

  @Mixin TlsOptions tls = new TlsOptions();

  @Option(
      names = "--admin-tls-client-auth",
      paramLabel = "MODE",
      defaultValue = "",
      description = "the same for the admin plane; empty: as --tls-client-auth")
  String adminTlsClientAuth = "";

  @Mixin AuditOptions audit = new AuditOptions();

  @Mixin DecisionLogOptions decisionLog = new DecisionLogOptions();

  @Option(
      names = "--insecure-listen",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "allow addresses other than loopback, without TLS")
  boolean insecureListen;

  @Mixin ProxyOptions proxy = new ProxyOptions();

  @Mixin final IdentityOptions identity = new IdentityOptions();

  @Option(
      names = "--accept-lost-tail",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "open a store whose last changes are lost, as a new history")
  boolean acceptLostTail;

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
      defaultValue = "192m",
      description = "Java heap, as for -Xmx (${DEFAULT-VALUE})")
  String heap = "192m";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file with settings of these names")
  @Nullable Path config;

  /** The socket and who may use it; empty for none. */
  Optional<SocketSettings> socketOr(Path defaultPath) {
    return socketPath(defaultPath).map(this::socketAt);
  }

  /** A socket there, and who may use it. */
  SocketSettings socketAt(Path path) {
    return new SocketSettings(
        path,
        TransportRules.socketMode(socketMode),
        Optional.of(socketGroup).filter(group -> !group.isEmpty()));
  }

  private Optional<Path> socketPath(Path defaultPath) {
    if (socket == null) {
      return System.getProperty("os.name", "").startsWith("Linux")
          ? Optional.of(defaultPath)
          : Optional.empty();
    }
    return socket.equals("none") ? Optional.empty() : Optional.of(Path.of(socket));
  }
}
