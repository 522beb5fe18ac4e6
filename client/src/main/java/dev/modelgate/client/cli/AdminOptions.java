package dev.modelgate.client.cli;

import dev.modelgate.client.internal.ClientTls;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How to reach the admin plane, and as whom. */
final class AdminOptions {
  @Option(
      names = "--admin-address",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:7071",
      converter = HostAndPort.Converter.class,
      description = "The admin plane, on loopback or with TLS. Default: ${DEFAULT-VALUE}.")
  private @Nullable HostAndPort address;

  @Mixin private TlsOptions tls = new TlsOptions();
  @Mixin private CredentialOptions credential = new CredentialOptions();

  /**
   * Opens a connection; dials with the first RPC.
   *
   * @throws CliException if there is neither a token nor a client certificate
   * @throws IllegalArgumentException if a file of TLS is of no use
   */
  AdminConnection connect(Environment environment, CommonOptions common) {
    if (address == null) {
      throw new IllegalStateException("the address has a default");
    }
    Optional<ClientTls> security = tls.tls(environment, common);
    return AdminConnection.open(
        TlsOptions.endpoint(address, security, common),
        credential.interceptor(environment, common, security));
  }
}
