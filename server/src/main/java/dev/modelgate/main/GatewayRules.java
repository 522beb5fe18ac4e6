package dev.modelgate.main;

import dev.modelgate.client.internal.ClientTls;
import dev.modelgate.client.internal.Endpoint;
import dev.modelgate.config.SettingException;
import dev.modelgate.gateway.GatewaySettings;
import io.grpc.netty.shaded.io.netty.util.internal.PlatformDependent;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which values of a gateway's settings go, alone and together, and what they name. */
final class GatewayRules {
  private static final List<String> LOG_FORMATS = List.of("text", "json");
  private static final List<String> LOG_LEVELS = List.of("error", "warn", "info", "debug", "trace");
  private static final Pattern HEADER = Pattern.compile("[0-9a-z_.-]{1,100}");
  private static final String UNIX = "unix:";
  private static final String PLACES = "HOST:PORT or unix:PATH";
  private static final int UID_MAX = Integer.MAX_VALUE;

  /**
   * Of the buffers of the network, what is beside the messages: TLS, headers, half-filled pools.
   */
  private static final long DIRECT_BYTES_BESIDE = 128L << 20;

  /** What a sidecar in the same process takes of them, as by itself. */
  private static final long DIRECT_BYTES_OF_SIDECAR = 128L << 20;

  private GatewayRules() {}

  /**
   * Refuses values out of range, and such that do not go together.
   *
   * @param own the settings of a sidecar in the same process, if there is one
   * @throws SettingException naming the setting, its value and what was expected
   */
  static void require(GatewayOptions options, Optional<ServeOptions> own) {
    own.ifPresent(SidecarSettings::require);
    SettingRules.requireRange("port", options.port, 0, 65_535);
    SettingRules.requireRange("http-port", options.httpPort, 0, 65_535);
    SettingRules.requireRange("check-ms", options.checkMs, 1, 60_000);
    SettingRules.requireRange("watch-lost-ms", options.watchLostMs, 500, 60_000);
    SettingRules.requireRange("threads", options.threads, 0, 256);
    SettingRules.requireRange("message-bytes", options.messageBytes, 1, Integer.MAX_VALUE - 8);
    SettingRules.requireRange(
        "window-bytes", options.windowBytes, GatewaySettings.WINDOW_BYTES_MIN, 16 << 20);
    SettingRules.requireRange(
        "held-bytes", options.heldBytes, 2L * options.windowBytes + options.messageBytes, 1L << 40);
    SettingRules.requireRange("calls", options.calls, 1, 1_000_000);
    SettingRules.requireRange("connections", options.connections, 1, 1_000_000);
    SettingRules.requireRange("connections-per-peer", options.connectionsPerPeer, 1, 1_000_000);
    SettingRules.requireRange("drain-seconds", options.drainSeconds, 0, 3_600);
    SettingRules.requireRange("upstream-socket-owner", options.upstreamSocketOwner, -1, UID_MAX);
    SettingRules.requireRange("sidecar-socket-owner", options.sidecarSocketOwner, -1, UID_MAX);
    SettingRules.requireOneOf("log-format", options.logFormat, LOG_FORMATS);
    SettingRules.requireOneOf("log-level", options.logLevel, LOG_LEVELS);
    long heapBytes = SettingRules.heapBytes(options.heap());
    if (heapBytes <= 0) {
      throw new IllegalStateException("a heap of no bytes");
    }
    TransportRules.require(options);
    Endpoint upstream = upstream(options);
    boolean isSidecar =
        own.isPresent() ? isOf(upstream, own.get()) : upstream.equals(sidecar(options));
    if (isSidecar) {
      throw SettingException.of("upstream", options.upstream, "not the sidecar");
    }
    Set<String> unused = stripped(options);
  }

  private static boolean isOf(Endpoint upstream, ServeOptions own) {
    if (upstream instanceof Endpoint.UnixSocket socket) {
      Path usual = own.data.resolve("modelgate.sock");
      return own.socketOr(usual)
          .map(listening -> same(listening.path(), socket.path()))
          .orElse(false);
    }
    return upstream instanceof Endpoint.Tcp tcp
        && (tcp.port() == own.port || tcp.port() == own.adminPort);
  }

  private static boolean same(Path one, Path other) {
    return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
  }

  /**
   * Refuses messages that Java's limit for the buffers of the network does not leave room for; it
   * would end calls, and nobody would know why.
   */
  static void requireRoom(GatewayOptions options) {
    long bytes = PlatformDependent.maxDirectMemory();
    long needed = directBytes(options);
    if (needed > bytes) {
      throw SettingException.of(
          "held-bytes",
          options.heldBytes,
          "what Java's direct memory holds, "
              + (bytes >> 20)
              + " MiB here, which is that of -Xmx without -XX:MaxDirectMemorySize; set that to "
              + (needed + (1 << 20) - 1 >> 20)
              + "m, or let --heap choose the heap instead of -Xmx");
    }
  }

  /** What the buffers of the network may take, in bytes: each message may be there twice. */
  static long directBytes(GatewayOptions options) {
    return 2 * options.heldBytes
        + DIRECT_BYTES_BESIDE
        + (options.data == null ? 0 : DIRECT_BYTES_OF_SIDECAR);
  }

  /**
   * What is behind the gateway.
   *
   * @throws SettingException if it is none, or neither on this machine nor protected
   */
  static Endpoint upstream(GatewayOptions options) {
    boolean isTls = !options.upstreamTlsCa.isEmpty();
    if ((options.upstreamTlsCert == null) != (options.upstreamTlsKey == null)) {
      throw SettingException.of(
          "upstream-tls-cert",
          String.valueOf(options.upstreamTlsCert),
          "upstream-tls-key with it, and the other way round");
    }
    if (!isTls && (options.upstreamTlsCert != null || !options.upstreamTlsServerName.isEmpty())) {
      throw SettingException.of(
          "upstream-tls-ca", "", "a file or system, for there are other settings of its TLS");
    }
    if (options.upstream.startsWith(UNIX) && isTls) {
      throw SettingException.of("upstream-tls-ca", options.upstreamTlsCa, "none for a socket");
    }
    return endpoint(
        "upstream",
        options.upstream,
        options.upstreamSocketOwner,
        isTls ? upstreamTls(options) : null);
  }

  private static ClientTls upstreamTls(GatewayOptions options) {
    ClientTls tls = ClientTls.USUAL;
    if (!options.upstreamTlsCa.equals("system")) {
      tls = tls.withAuthorities(Path.of(options.upstreamTlsCa));
    }
    if (options.upstreamTlsCert != null && options.upstreamTlsKey != null) {
      tls = tls.withIdentity(options.upstreamTlsCert, options.upstreamTlsKey);
    }
    return options.upstreamTlsServerName.isEmpty()
        ? tls
        : tls.withServerName(options.upstreamTlsServerName);
  }

  /**
   * Who is asked.
   *
   * @throws SettingException if it is no socket, and no address on loopback
   */
  static Endpoint sidecar(GatewayOptions options) {
    return endpoint("sidecar", options.sidecar, options.sidecarSocketOwner, null);
  }

  /** The headers that are not for the upstream, besides those that prove who calls. */
  static Set<String> stripped(GatewayOptions options) {
    Set<String> names = new TreeSet<>();
    for (String name : options.stripHeaders.split(",", -1)) {
      String lower = name.strip().toLowerCase(Locale.ROOT);
      if (lower.isEmpty()) {
        continue;
      }
      if (!HEADER.matcher(lower).matches()) {
        throw SettingException.of("strip-headers", name, "names of headers, commas between them");
      }
      names.add(lower);
    }
    return names;
  }

  private static Endpoint endpoint(
      String setting, String text, int socketOwner, @Nullable ClientTls tls) {
    if (text.startsWith(UNIX)) {
      String path = text.substring(UNIX.length());
      if (path.isBlank()) {
        throw SettingException.of(setting, text, PLACES);
      }
      return new Endpoint.UnixSocket(
          Path.of(path), socketOwner < 0 ? OptionalInt.empty() : OptionalInt.of(socketOwner));
    }
    URI address = address(setting, text);
    try {
      return tls == null
          ? new Endpoint.Tcp(host(address), address.getPort())
          : new Endpoint.Tls(host(address), address.getPort(), tls);
    } catch (IllegalArgumentException e) {
      throw SettingException.of(
          setting,
          text,
          setting.equals("upstream")
              ? PLACES + ", the host loopback unless there is upstream-tls-ca"
              : PLACES + ", the host loopback");
    }
  }

  private static URI address(String setting, String text) {
    try {
      URI address = new URI("//" + text);
      if (address.getHost() != null
          && address.getPort() > 0
          && text.equals(address.getAuthority())
          && address.getUserInfo() == null) {
        return address;
      }
    } catch (URISyntaxException e) {
      // Said below in our words.
    }
    throw SettingException.of(setting, text, PLACES);
  }

  private static String host(URI address) {
    String host = address.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}
