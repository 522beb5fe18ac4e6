package dev.modelgate.main;

import dev.modelgate.config.SettingException;
import dev.modelgate.http.ForwardSettings;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The settings for proxies that ask before they let a request through. */
final class ProxyOptions {
  private static final String UNIX = "unix:";
  private static final Pattern ADDRESS = Pattern.compile("([^:]+|\\[[0-9a-fA-F:]+\\]):(\\d{1,5})");
  private static final int PORT_MAX = 65_535;
  private static final List<String> HEADERS = List.of("original", "forwarded");

  @Option(
      names = "--protect-file",
      paramLabel = "FILE",
      description =
          "YAML file that says what requests ask for and who asks; turns on"
              + " envoy.service.auth.v3.Authorization")
  @Nullable Path protectFile;

  @Option(
      names = "--forward-listen",
      paramLabel = "HOST:PORT|unix:PATH",
      defaultValue = "",
      description = "where nginx, Traefik and Caddy ask; empty for nowhere")
  String forwardListen = "";

  @Option(
      names = "--forward-headers",
      paramLabel = "NAMES",
      defaultValue = "original",
      description =
          "which headers say what the client asked for: original (X-Original-Method and"
              + " X-Original-URI) or forwarded (X-Forwarded-Method and X-Forwarded-Uri)"
              + " (${DEFAULT-VALUE})")
  String forwardHeaders = "original";

  /**
   * Where forward-auth listens; empty for nowhere.
   *
   * @throws SettingException when the settings do not go
   */
  Optional<SocketAddress> forwardAddress() {
    if (forwardListen.isEmpty()) {
      return Optional.empty();
    }
    if (protectFile == null) {
      throw SettingException.of("forward-listen", forwardListen, "protect-file with it");
    }
    if (forwardListen.startsWith(UNIX)) {
      return Optional.of(UnixDomainSocketAddress.of(forwardListen.substring(UNIX.length())));
    }
    Matcher address = ADDRESS.matcher(forwardListen);
    if (!address.matches() || Integer.parseInt(address.group(2)) > PORT_MAX) {
      throw SettingException.of("forward-listen", forwardListen, "HOST:PORT or unix:PATH");
    }
    return Optional.of(new InetSocketAddress(address.group(1), Integer.parseInt(address.group(2))));
  }

  /** The headers that say what the client asked for. */
  ForwardSettings.Headers forwardedBy() {
    SettingRules.requireOneOf("forward-headers", forwardHeaders, HEADERS);
    return ForwardSettings.Headers.valueOf(forwardHeaders.toUpperCase(Locale.ROOT));
  }
}
