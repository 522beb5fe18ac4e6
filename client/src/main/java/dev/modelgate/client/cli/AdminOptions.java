package dev.modelgate.client.cli;

import dev.modelgate.client.internal.Endpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to reach the admin plane, and as whom. The token is never an option, and never printed. */
final class AdminOptions {
  /** The environment variable that wins over the token in the data directory. */
  static final String TOKEN_VARIABLE = "MODELGATE_TOKEN";

  private static final long TOKEN_BYTES_MAX = 4_096;

  @Option(
      names = "--admin-address",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:7071",
      converter = HostAndPort.class,
      description = "The admin plane, on loopback. Default: ${DEFAULT-VALUE}.")
  private Endpoint.@Nullable Tcp address;

  @Option(
      names = "--on-behalf-of",
      paramLabel = "PRINCIPAL",
      description = "Act as this principal, under all its limits. Default: as the administrator.")
  private @Nullable String onBehalfOf;

  /**
   * Opens a connection; dials with the first RPC.
   *
   * @throws CliException if there is no token
   */
  AdminConnection connect(Environment environment, CommonOptions common) {
    if (address == null) {
      throw new IllegalStateException("the address has a default");
    }
    return AdminConnection.open(address, token(environment, common.data()), onBehalfOf);
  }

  private static String token(Environment environment, Path data) {
    String fromVariable = environment.variables().getOrDefault(TOKEN_VARIABLE, "").strip();
    if (!fromVariable.isEmpty()) {
      return requireToken(fromVariable, TOKEN_VARIABLE);
    }
    Path file = data.resolve("admin.token");
    try {
      if (Files.exists(file) && Files.size(file) <= TOKEN_BYTES_MAX) {
        String token = Files.readString(file, StandardCharsets.US_ASCII).strip();
        if (!token.isEmpty()) {
          return requireToken(token, file.toString());
        }
      }
    } catch (IOException e) {
      throw new CliException("cannot read the token in `" + file + "`", e);
    }
    throw new CliException(
        "no token: `"
            + file
            + "` does not hold one (expected: --data DIR or "
            + TOKEN_VARIABLE
            + ")");
  }

  private static String requireToken(String token, String source) {
    if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new CliException(
          "the token in `" + source + "` is malformed (expected: one ASCII word)");
    }
    return token;
  }
}
