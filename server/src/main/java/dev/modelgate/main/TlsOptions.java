package dev.modelgate.main;

import dev.modelgate.tls.ClientCertificates;
import dev.modelgate.tls.TlsFiles;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * The settings that protect the ports of a sidecar or gateway. A unix socket needs none of them.
 */
final class TlsOptions {
  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description =
          "PEM file with the certificate of all ports and its chain; turns TLS on, 1.2 and 1.3")
  @Nullable Path cert;

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description = "PEM file with its private key, RSA or EC, which others may not read")
  @Nullable Path key;

  @Option(
      names = "--tls-client-ca",
      paramLabel = "FILE",
      description = "PEM file with the authorities whose client certificates count")
  @Nullable Path clientCa;

  @Option(
      names = "--tls-client-auth",
      paramLabel = "MODE",
      defaultValue = "",
      description =
          "client certificates: none, optional or require; empty: require with --tls-client-ca,"
              + " else none")
  String clientAuth = "";

  @Option(
      names = "--http-tls-client-auth",
      paramLabel = "MODE",
      defaultValue = "",
      description =
          "the same for metrics and health, such as none for probes of Kubernetes; empty: as"
              + " --tls-client-auth")
  String httpClientAuth = "";

  @Option(
      names = "--tls-reload-seconds",
      paramLabel = "N",
      defaultValue = "10",
      description = "how often the files are read again (${DEFAULT-VALUE})")
  int reloadSeconds = 10;

  @Option(
      names = "--insecure-tls-key",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "allow a private key that others may read")
  boolean insecureKey;

  /** Whether the ports are protected. */
  boolean isOn() {
    return cert != null;
  }

  /** The files; empty without TLS. */
  Optional<TlsFiles> files() {
    return cert == null || key == null
        ? Optional.empty()
        : Optional.of(new TlsFiles(cert, key, Optional.ofNullable(clientCa), insecureKey));
  }

  ClientCertificates ofData() {
    if (!clientAuth.isEmpty()) {
      return parsed(clientAuth);
    }
    return clientCa == null ? ClientCertificates.NONE : ClientCertificates.REQUIRE;
  }

  ClientCertificates ofHttp() {
    return of(httpClientAuth);
  }

  /** By a setting that is as {@code --tls-client-auth} when it is empty. */
  ClientCertificates of(String mode) {
    return mode.isEmpty() ? ofData() : parsed(mode);
  }

  private static ClientCertificates parsed(String mode) {
    return ClientCertificates.valueOf(mode.toUpperCase(Locale.ROOT));
  }
}
