package dev.modelgate.client.cli;

import dev.modelgate.client.internal.ClientTls;
import dev.modelgate.client.internal.Endpoint;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * Whether and how a connection over TCP is protected. What no option names comes from the
 * environment; its variables are not those of {@code serve}, so that a command in the sidecar's own
 * container does not show the sidecar's certificate as its own.
 */
final class TlsOptions {
  private static final String SYSTEM = "system";
  private static final String CA = "MODELGATE_CLI_TLS_CA";
  private static final String CERT = "MODELGATE_CLI_TLS_CERT";
  private static final String KEY = "MODELGATE_CLI_TLS_KEY";
  private static final String SERVER_NAME = "MODELGATE_CLI_TLS_SERVER_NAME";

  @Option(
      names = "--tls-ca",
      paramLabel = "FILE|system",
      description =
          "Use TLS, and trust these authorities (PEM), or those of Java. Default: $" + CA + ".")
  private @Nullable String authorities;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "Show this certificate (PEM). Default: $" + CERT + ".")
  private @Nullable String certificate;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "Its private key (PEM). Default: $" + KEY + ".")
  private @Nullable String key;

  @Option(
      names = "--tls-server-name",
      paramLabel = "NAME",
      description =
          "The name in the sidecar's certificate. Default: $" + SERVER_NAME + ", or the host.")
  private @Nullable String serverName;

  /** Whether an option of the command line, and not only the environment, asks for TLS. */
  boolean isNamed() {
    return authorities != null || certificate != null || key != null || serverName != null;
  }

  /**
   * What to use; empty for no TLS.
   *
   * @throws ParameterException if there is something of it, but not {@code --tls-ca}; or half of
   *     the certificate and its key
   */
  Optional<ClientTls> tls(Environment environment, CommonOptions common) {
    String ca = value(authorities, CA, environment);
    String cert = value(certificate, CERT, environment);
    String itsKey = value(key, KEY, environment);
    String name = value(serverName, SERVER_NAME, environment);
    if (ca.isEmpty()) {
      require(cert.isEmpty() && itsKey.isEmpty() && name.isEmpty(), "they need --tls-ca", common);
      return Optional.empty();
    }
    require(cert.isEmpty() == itsKey.isEmpty(), "--tls-cert and --tls-key need each other", common);
    ClientTls tls = ClientTls.USUAL;
    if (!ca.equals(SYSTEM)) {
      tls = tls.withAuthorities(Path.of(ca));
    }
    if (!cert.isEmpty()) {
      tls = tls.withIdentity(Path.of(cert), Path.of(itsKey));
    }
    return Optional.of(name.isEmpty() ? tls : tls.withServerName(name));
  }

  /**
   * An address, with TLS if there is any.
   *
   * @throws ParameterException if it is not loopback and there is no TLS
   */
  static Endpoint endpoint(HostAndPort address, Optional<ClientTls> tls, CommonOptions common) {
    if (tls.isPresent()) {
      return new Endpoint.Tls(address.host(), address.port(), tls.get());
    }
    try {
      return new Endpoint.Tcp(address.host(), address.port());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          common.spec().commandLine(), e.getMessage() + "; --tls-ca turns TLS on", e);
    }
  }

  private static String value(@Nullable String option, String variable, Environment environment) {
    return option == null ? environment.variables().getOrDefault(variable, "").strip() : option;
  }

  private static void require(boolean holds, String expected, CommonOptions common) {
    if (!holds) {
      throw new ParameterException(
          common.spec().commandLine(), "the options and variables of TLS: " + expected);
    }
  }
}
