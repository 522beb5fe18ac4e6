package dev.modelgate.main;

import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.client.internal.PemException;
import dev.modelgate.metrics.PrometheusTelemetry;
import dev.modelgate.tls.ListenerTls;
import dev.modelgate.tls.TlsFiles;
import io.grpc.InsecureServerCredentials;
import io.grpc.ServerCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettySslContextServerCredentials;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the three ports are protected: all with TLS or none. A port that others can reach without it
 * is said so in the log and in a metric.
 *
 * @param data of the data plane's port
 * @param admin of the admin plane
 * @param http of metrics and health; empty for plain text
 * @param tls what the three are made of; empty for plain text
 */
record Transport(
    ServerCredentials data,
    ServerCredentials admin,
    Optional<SslContext> http,
    Optional<ListenerTls> tls) {
  private static final Logger log = LoggerFactory.getLogger(Transport.class);

  /**
   * Reads the files, if there are any, and again while the sidecar runs.
   *
   * @throws PemException in one line: a file is of no use, or the key is open to others
   */
  static Transport open(ServeOptions options, PrometheusTelemetry telemetry, Parts parts)
      throws PemException {
    warn(options, telemetry);
    Optional<TlsFiles> files = options.tls.files();
    if (files.isEmpty()) {
      show(telemetry, Optional.empty());
      ServerCredentials plain = InsecureServerCredentials.create();
      return new Transport(plain, plain, Optional.empty(), Optional.empty());
    }
    ListenerTls tls = open(files.get(), telemetry, parts);
    Transport transport =
        new Transport(
            NettySslContextServerCredentials.create(tls.forGrpc(options.tls.ofData())),
            NettySslContextServerCredentials.create(
                tls.forGrpc(options.tls.of(options.adminTlsClientAuth))),
            Optional.of(tls.forHttp(options.tls.ofHttp())),
            Optional.of(tls));
    tls.reloadEvery(Duration.ofSeconds(options.tls.reloadSeconds));
    log.info(
        "TLS on all ports, the certificate expires at {}; client certificates: data plane {},"
            + " admin plane {}, http {}",
        tls.expires(),
        options.tls.ofData(),
        options.tls.of(options.adminTlsClientAuth),
        options.tls.ofHttp());
    return transport;
  }

  /** Reads the files for the first time. */
  private static ListenerTls open(TlsFiles files, PrometheusTelemetry telemetry, Parts parts)
      throws PemException {
    ListenerTls tls = parts.keep(ListenerTls.open(files, Clock.systemUTC()));
    show(telemetry, Optional.of(tls));
    return tls;
  }

  /**
   * The same for a gateway, which has no admin plane.
   *
   * @throws PemException in one line: a file is of no use, or the key is open to others
   */
  static Transport open(GatewayOptions options, PrometheusTelemetry telemetry, Parts parts)
      throws PemException {
    warn(options.tls, telemetry, "gateway", "listen", options.listen);
    warn(options.tls, telemetry, "http", "http-listen", options.httpListen);
    Optional<TlsFiles> files = options.tls.files();
    ServerCredentials none = InsecureServerCredentials.create();
    if (files.isEmpty()) {
      show(telemetry, Optional.empty());
      return new Transport(none, none, Optional.empty(), Optional.empty());
    }
    ListenerTls tls = open(files.get(), telemetry, parts);
    Transport transport =
        new Transport(
            NettySslContextServerCredentials.create(tls.forGrpc(options.tls.ofData())),
            none,
            Optional.of(tls.forHttp(options.tls.ofHttp())),
            Optional.of(tls));
    tls.reloadEvery(Duration.ofSeconds(options.tls.reloadSeconds));
    log.info("TLS on all ports, the certificate expires at {}", tls.expires());
    return transport;
  }

  /** From now on has the trail tell when other certificates come into use. */
  void reportTo(AuditTrail trail) {
    tls.ifPresent(
        listener ->
            listener.whenReloaded(
                (before, after) ->
                    trail.record(
                        TrailEvent.of(TrailEvent.Kind.CONFIGURATION, "TLS_RELOADED")
                            .through("tls-cert")
                            .changing(
                                Map.of("expires", before.toString()),
                                Map.of("expires", after.toString()))
                            .build())));
  }

  private static void warn(ServeOptions options, PrometheusTelemetry telemetry) {
    warn(options.tls, telemetry, "data", "listen", options.listen);
    warn(options.tls, telemetry, "admin", "admin-listen", options.adminListen);
    warn(options.tls, telemetry, "http", "http-listen", options.httpListen);
    if (options.socketMode.equals("0666")) {
      log.warn("socket-mode 0666: whoever can reach the socket's directory may ask");
    }
  }

  private static void warn(
      TlsOptions tls, PrometheusTelemetry telemetry, String plane, String setting, String host) {
    boolean isInsecure = TransportRules.isOpen(setting, host) && !tls.isOn();
    if (isInsecure) {
      log.warn(
          "INSECURE: insecure-listen lets other machines reach the {} plane at {} without TLS;"
              + " whoever is on the way reads and changes questions, answers and tokens",
          plane,
          host);
    }
    telemetry.gauge(
        "modelgate.insecure.listen",
        "1 while other machines can reach the plane without TLS",
        "plane",
        plane,
        () -> isInsecure ? 1 : 0);
  }

  private static void show(PrometheusTelemetry telemetry, Optional<ListenerTls> tls) {
    telemetry.gauge(
        "modelgate.insecure.tls.key",
        "1 while others on the machine have rights on the private key",
        () -> tls.isPresent() && tls.get().keyIsOpen() ? 1 : 0);
    telemetry.counter(
        "modelgate.tls.reloads",
        "How often new certificates came into use",
        () -> tls.map(ListenerTls::reloads).orElse(0L));
    telemetry.counter(
        "modelgate.tls.reload.failures",
        "How often the files of TLS were of no use when they were read again",
        () -> tls.map(ListenerTls::failures).orElse(0L));
    expiry(telemetry, "tls-cert", () -> tls.map(ListenerTls::expires));
    expiry(telemetry, "tls-client-ca", () -> tls.flatMap(ListenerTls::clientCaExpires));
  }

  private static void expiry(
      PrometheusTelemetry telemetry, String file, Supplier<Optional<Instant>> end) {
    telemetry.gauge(
        "modelgate.tls.expiry.timestamp.seconds",
        "When the first certificate of the file expires, in Unix time; NaN without one",
        "file",
        file,
        () -> end.get().map(Instant::getEpochSecond).map(Long::doubleValue).orElse(Double.NaN));
  }
}
