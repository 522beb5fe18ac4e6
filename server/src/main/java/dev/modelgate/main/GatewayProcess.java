package dev.modelgate.main;

import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.internal.Endpoint;
import dev.modelgate.client.protect.Protection;
import dev.modelgate.client.protect.ProtectionException;
import dev.modelgate.config.SettingException;
import dev.modelgate.gateway.Admission;
import dev.modelgate.gateway.Gateway;
import dev.modelgate.gateway.GatewaySettings;
import dev.modelgate.gateway.HeaderStrip;
import dev.modelgate.gateway.Inflation;
import dev.modelgate.gateway.PrincipalCallers;
import dev.modelgate.gateway.ProtectedAdmission;
import dev.modelgate.gateway.RunningWatches;
import dev.modelgate.grpc.Bounds;
import dev.modelgate.http.HttpEndpoint;
import dev.modelgate.metrics.PrometheusTelemetry;
import io.grpc.Attributes;
import io.grpc.Metadata;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running gateway: everything wired by constructor, in the order of start; stopped in the reverse
 * order. It asks a sidecar: another process, which it finds again by itself, or one of its own.
 */
final class GatewayProcess implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GatewayProcess.class);
  private static final int INFLATING_THREADS = 2;

  private final Parts parts = new Parts();
  private final PrometheusTelemetry telemetry = new PrometheusTelemetry();
  private final HttpEndpoint http;
  private final AskedSidecar sidecar;
  private final Gateway gateway;
  private volatile boolean ready;

  /**
   * Starts a gateway that asks a sidecar in another process.
   *
   * @throws SettingException and other exceptions of one line for an operator
   */
  GatewayProcess(GatewayOptions options) throws IOException {
    this(options, Optional.empty());
  }

  /**
   * Starts a gateway.
   *
   * @param own the settings of a sidecar in this process; empty when there is another
   * @throws SettingException and other exceptions of one line for an operator
   */
  GatewayProcess(GatewayOptions options, Optional<ServeOptions> own) throws IOException {
    GatewayRules.require(options, own);
    try {
      Protection protection = protection(options);
      // First, so that it is there before the first call, and until the last one has ended.
      this.sidecar = parts.keep(sidecar(options, own));
      Transport transport = Transport.open(options, telemetry, parts);
      this.http =
          parts.keep(
              new HttpEndpoint(
                  options.httpListen,
                  options.httpPort,
                  transport.http(),
                  telemetry::scrape,
                  () -> ready && sidecar.isServing(),
                  telemetry));
      this.gateway = parts.keep(gateway(options, protection, transport));
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
    telemetry.gauge(
        "modelgate.gateway.held.bytes", "Bytes that calls hold, windows included", gateway::bytes);
    telemetry.gauge("modelgate.gateway.calls", "Calls under way", gateway::calls);
    ready = true;
    log.info("protecting {}, asking {}", options.upstream, sidecar.text());
  }

  Gateway gateway() {
    return gateway;
  }

  /** The sidecar of this process, if there is one. */
  Optional<Sidecar> own() {
    return sidecar instanceof AskedSidecar.Within within
        ? Optional.of(within.sidecar())
        : Optional.empty();
  }

  int httpPort() {
    return http.port();
  }

  /** Takes no more calls, lets those under way end, and closes everything. */
  @Override
  public void close() {
    log.info("stopping: no new calls, those under way go on until they end");
    ready = false;
    parts.close();
    log.info("stopped");
  }

  /** Whether no part failed to close. */
  boolean closedCleanly() {
    return parts.closedCleanly() && own().map(Sidecar::closedCleanly).orElse(true);
  }

  private static AskedSidecar sidecar(GatewayOptions options, Optional<ServeOptions> own)
      throws IOException {
    if (own.isEmpty()) {
      return AskedSidecar.elsewhere(options);
    }
    try {
      return AskedSidecar.within(options, new Sidecar(own.get()));
    } catch (SettingException e) {
      throw SidecarSettings.named(e);
    }
  }

  private static Protection protection(GatewayOptions options) {
    try {
      return Protection.read(options.config);
    } catch (ProtectionException e) {
      throw new SettingException(String.valueOf(e.getMessage()));
    }
  }

  private Gateway gateway(GatewayOptions options, Protection protection, Transport transport) {
    PrincipalCallers callers = parts.keep(PrincipalCallers.of(protection));
    Set<String> stripped = new TreeSet<>(GatewayRules.stripped(options));
    if (!options.forwardCredentials) {
      stripped.addAll(callers.headers());
    }
    HeaderStrip strip = new HeaderStrip(stripped);
    Inflation inflation = parts.keep(new Inflation(options.messageBytes, INFLATING_THREADS));
    Endpoint upstream = GatewayRules.upstream(options);
    try {
      return Gateway.start(
          new GatewaySettings(
              options.listen,
              options.port,
              transport.data(),
              upstream,
              options.threads == 0 ? Runtime.getRuntime().availableProcessors() : options.threads,
              options.heldBytes,
              options.messageBytes,
              options.windowBytes,
              options.calls,
              new Bounds(options.connections, options.connectionsPerPeer, options.calls, telemetry),
              Duration.ofSeconds(options.drainSeconds)),
          loop -> {
            ModelgateClient client = sidecar.client(loop);
            RunningWatches watches =
                new RunningWatches(
                    client, (ms, task) -> loop.schedule(task, ms, TimeUnit.MILLISECONDS));
            return new Asking(
                client, new ProtectedAdmission(protection, callers, strip, inflation, watches));
          },
          telemetry);
    } catch (IllegalArgumentException e) {
      // A file of the upstream's TLS; its message is one line.
      throw new SettingException(String.valueOf(e.getMessage()));
    }
  }

  /** The admission of one event loop with the client that it asks with, and that goes with it. */
  private record Asking(ModelgateClient client, Admission admission) implements Admission {
    @Override
    public Verdict admit(String method, Metadata headers, Attributes connection) {
      return admission.admit(method, headers, connection);
    }

    @Override
    public void close() {
      client.close();
    }
  }
}
