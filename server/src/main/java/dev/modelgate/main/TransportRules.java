package dev.modelgate.main;

import dev.modelgate.config.SettingException;
import dev.modelgate.tls.ClientCertificates;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which settings of addresses, TLS and the socket go, alone and together. */
final class TransportRules {
  private static final List<String> CLIENT_AUTH = List.of("", "none", "optional", "require");
  private static final List<String> SOCKET_MODES = List.of("0600", "0660", "0666");
  private static final List<String> SOCKET_PERMISSIONS =
      List.of("rw-------", "rw-rw----", "rw-rw-rw-");

  private TransportRules() {}

  /**
   * Refuses addresses that others can reach without TLS, and halves of TLS.
   *
   * @throws SettingException naming the setting, its value and what was expected
   */
  static void require(ServeOptions options) {
    TlsOptions tls = options.tls;
    require(tls);
    requireMode("admin-tls-client-auth", options.adminTlsClientAuth, tls);
    SettingRules.requireOneOf("socket-mode", options.socketMode, SOCKET_MODES);
    requireLoopback("listen", options.listen, tls, options.insecureListen);
    requireLoopback("admin-listen", options.adminListen, tls, options.insecureListen);
    requireLoopback("http-listen", options.httpListen, tls, options.insecureListen);
  }

  /** The same of a gateway. */
  static void require(GatewayOptions options) {
    require(options.tls);
    requireLoopback("listen", options.listen, options.tls, options.insecureListen);
    requireLoopback("http-listen", options.httpListen, options.tls, options.insecureListen);
  }

  private static void require(TlsOptions tls) {
    requireFile("tls-cert", tls.cert);
    requireFile("tls-key", tls.key);
    requireFile("tls-client-ca", tls.clientCa);
    requireTogether("tls-cert", tls.cert, "tls-key", tls.key);
    requireTogether("tls-key", tls.key, "tls-cert", tls.cert);
    requireTogether("tls-client-ca", tls.clientCa, "tls-cert", tls.cert);
    requireMode("tls-client-auth", tls.clientAuth, tls);
    requireMode("http-tls-client-auth", tls.httpClientAuth, tls);
    SettingRules.requireRange("tls-reload-seconds", tls.reloadSeconds, 1, 3_600);
  }

  /** The permissions of a socket's mode that {@link #require} has accepted. */
  static String socketMode(String mode) {
    return SOCKET_PERMISSIONS.get(SOCKET_MODES.indexOf(mode));
  }

  /**
   * Whether others than this machine can reach an address.
   *
   * @throws SettingException if it is none
   */
  static boolean isOpen(String setting, String host) {
    SettingRules.requireText(setting, host, "an address of this machine");
    try {
      return !InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw SettingException.of(setting, host, "an address of this machine");
    }
  }

  private static void requireLoopback(
      String setting, String host, TlsOptions tls, boolean insecure) {
    if (isOpen(setting, host) && !tls.isOn() && !insecure) {
      throw SettingException.of(
          setting,
          host,
          "a loopback address, for there is no tls-cert; insecure-listen allows it all the same");
    }
  }

  private static void requireFile(String setting, @Nullable Path file) {
    if (file != null) {
      SettingRules.requireText(setting, file.toString(), "a PEM file");
    }
  }

  private static void requireTogether(
      String setting, @Nullable Path file, String otherSetting, @Nullable Path other) {
    if (file != null && other == null) {
      throw SettingException.of(setting, file, otherSetting + " with it");
    }
  }

  private static void requireMode(String setting, String mode, TlsOptions tls) {
    if (!CLIENT_AUTH.contains(mode)) {
      throw SettingException.of(setting, mode, "none, optional, require");
    }
    boolean asks = !mode.isEmpty() && !mode.equalsIgnoreCase(ClientCertificates.NONE.name());
    if (asks && tls.clientCa == null) {
      throw SettingException.of(setting, mode, "none, for there is no tls-client-ca");
    }
  }
}
