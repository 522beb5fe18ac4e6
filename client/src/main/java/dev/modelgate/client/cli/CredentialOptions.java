package dev.modelgate.client.cli;

import dev.modelgate.client.internal.ClientTls;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** As whom a call is made. The token is never an option, and never printed. */
final class CredentialOptions {
  /** The environment variable that wins over the token in the data directory. */
  static final String TOKEN_VARIABLE = "MODELGATE_TOKEN";

  private static final long TOKEN_BYTES_MAX = 4_096;
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> ON_BEHALF_OF =
      Metadata.Key.of("x-modelgate-on-behalf-of", Metadata.ASCII_STRING_MARSHALLER);

  @Option(
      names = "--on-behalf-of",
      paramLabel = "PRINCIPAL",
      description = "Act as this principal, under all its limits. Default: as the administrator.")
  private @Nullable String onBehalfOf;

  /**
   * Adds the proof to each call: the token, unless the connection shows a certificate and nobody
   * named a token or a data directory; for a token counts before a certificate, and one that merely
   * lies there must not.
   *
   * @param tls how the connection is protected
   * @throws CliException if there is neither
   */
  ClientInterceptor interceptor(
      Environment environment, CommonOptions common, Optional<ClientTls> tls) {
    Metadata headers = new Metadata();
    boolean isShown = tls.flatMap(ClientTls::identity).isPresent();
    boolean isNamed =
        !environment.variables().getOrDefault(TOKEN_VARIABLE, "").isBlank() || common.isDataNamed();
    if (!isShown || isNamed) {
      headers.put(AUTHORIZATION, "Bearer " + token(environment, common.data()));
    }
    if (onBehalfOf != null) {
      headers.put(ON_BEHALF_OF, onBehalfOf);
    }
    return MetadataUtils.newAttachHeadersInterceptor(headers);
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
        if (token.startsWith("#")) {
          throw new CliException(
              "the admin token is switched off: `" + file + "` (expected: " + TOKEN_VARIABLE + ")");
        }
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
