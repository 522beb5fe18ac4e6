package dev.modelgate.main;

import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.audit.TrailEvent.Kind;
import dev.modelgate.app.identity.Asking;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.client.internal.PemException;
import dev.modelgate.config.SettingException;
import dev.modelgate.grpc.Authentication.Unidentified;
import dev.modelgate.grpc.SocketFile;
import dev.modelgate.grpc.SocketSettings;
import dev.modelgate.http.ForwardCallers;
import dev.modelgate.http.ForwardEndpoint;
import dev.modelgate.http.ForwardSettings;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.proxy.Gate;
import dev.modelgate.tls.ClientCertificates;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Forward-auth of a sidecar. Whoever asks is on this machine, or shows a certificate (hazard 38):
 * its headers are believed.
 */
final class Forwarding {
  private static final String SETTING = "forward-listen";

  private Forwarding() {}

  /**
   * Listens, if the settings say so.
   *
   * @throws SettingException when the address, or the protection document, is not for this
   * @throws IOException when it cannot listen there
   */
  static Optional<ForwardEndpoint> open(
      ServeOptions options, Gate gate, Surroundings around, Transport transport)
      throws IOException {
    Optional<SocketAddress> address = options.proxy.forwardAddress();
    if (address.isEmpty()) {
      return Optional.empty();
    }
    if (!gate.beyondTheHead().isEmpty()) {
      throw SettingException.of(
          SETTING,
          options.proxy.forwardListen,
          "a protect-file without rules that read the body, as "
              + gate.beyondTheHead().get(0)
              + " does: such a proxy does not pass it");
    }
    if (gate.needsCertificates()) {
      throw SettingException.of(
          SETTING,
          options.proxy.forwardListen,
          "a protect-file without `certificate`: such a proxy does not pass it");
    }
    ForwardSettings settings =
        new ForwardSettings(
            address.get(), tls(options, transport, address.get()), options.proxy.forwardedBy());
    Optional<SocketSettings> socket = socket(options, address.get());
    socket.ifPresent(file -> SocketFile.prepare(file.path()));
    ForwardEndpoint endpoint =
        new ForwardEndpoint(
            settings,
            gate,
            new Callers(options.identity.settings().callers(), around),
            around.telemetry());
    socket.ifPresent(SocketFile::restrict);
    return Optional.of(endpoint);
  }

  /**
   * Refuses an address that others can reach without a certificate of theirs.
   *
   * @throws SettingException naming the setting
   */
  static void require(ServeOptions options) {
    options.proxy.forwardedBy();
    Optional<SocketAddress> address = options.proxy.forwardAddress();
    boolean showsCertificates =
        address.isPresent()
            && address.get() instanceof InetSocketAddress
            && options.tls.clientCa != null;
    if (address.isEmpty() || showsCertificates) {
      return;
    }
    String value = options.proxy.forwardListen;
    if (address.get() instanceof InetSocketAddress port
        && TransportRules.isOpen(SETTING, port.getHostString())) {
      throw SettingException.of(
          SETTING,
          value,
          "a loopback address or unix:PATH, for without tls-client-ca nobody tells which proxy"
              + " asks");
    }
    if (options.identity.unidentified() == Unidentified.NEVER) {
      throw SettingException.of(
          SETTING, value, "an address with tls-client-ca, for unauthenticated is never");
    }
  }

  private static Optional<SslContext> tls(
      ServeOptions options, Transport transport, SocketAddress address) throws PemException {
    if (!(address instanceof InetSocketAddress) || transport.tls().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        transport
            .tls()
            .get()
            .forHttp(
                options.tls.clientCa == null
                    ? ClientCertificates.NONE
                    : ClientCertificates.REQUIRE));
  }

  private static Optional<SocketSettings> socket(ServeOptions options, SocketAddress address) {
    return address instanceof UnixDomainSocketAddress unix
        ? Optional.of(options.socketAt(unix.getPath()))
        : Optional.empty();
  }

  /** Proxies by their certificates; without one, one of this machine, by the rules of addresses. */
  record Callers(CallerRules rules, Surroundings around) implements ForwardCallers {
    @Override
    public Proxy proxy(List<X509Certificate> certificates) {
      if (certificates.isEmpty()) {
        return new Proxy(Caller.UNAUTHENTICATED.credential(), Asking.FREE);
      }
      Caller caller = around.authenticator().certificate(certificates);
      if (caller.expiresAtMicros() <= around.clock().nowMicros()) {
        throw Unauthenticated.EXPIRED.asException();
      }
      return new Proxy(caller.credential(), rules.checking(caller));
    }

    @Override
    public void refused(String credential, String peer, Refusal refusal) {
      if (refusal.fault() == Fault.UNAUTHENTICATED) {
        record(Kind.LOGIN_FAILURE, credential, peer, refusal);
      } else if (refusal.fault() == Fault.NOT_PERMITTED) {
        record(Kind.REFUSAL, credential, peer, refusal);
      }
    }

    private void record(Kind kind, String credential, String peer, Refusal refusal) {
      around
          .trail()
          .record(
              TrailEvent.of(kind, refusal.fault().name())
                  .by(credential, "", peer)
                  .through(SETTING)
                  .changing(Map.of(), refusal.metadata())
                  .build());
    }
  }
}
