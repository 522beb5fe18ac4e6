package dev.modelgate.client.cli;

import dev.modelgate.client.internal.Endpoint;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How to reach the admin plane, and as whom. */
final class AdminOptions {
  @Option(
      names = "--admin-address",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:7071",
      converter = HostAndPort.class,
      description = "The admin plane, on loopback. Default: ${DEFAULT-VALUE}.")
  private Endpoint.@Nullable Tcp address;

  @Mixin private CredentialOptions credential = new CredentialOptions();

  /**
   * Opens a connection; dials with the first RPC.
   *
   * @throws CliException if there is no token
   */
  AdminConnection connect(Environment environment, CommonOptions common) {
    if (address == null) {
      throw new IllegalStateException("the address has a default");
    }
    return AdminConnection.open(address, credential.interceptor(environment, common));
  }
}
