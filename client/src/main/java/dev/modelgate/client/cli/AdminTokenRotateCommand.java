package dev.modelgate.client.cli;

import dev.modelgate.v1.RotateAdminTokenRequest;
import dev.modelgate.v1.RotateAdminTokenResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Replaces the admin token. The new one goes to standard output, alone on its line, and nowhere
 * else. Sent once: after a lost answer nobody but the file on the host knows the token.
 */
@Command(
    name = "rotate",
    description = {
      "Replace the admin token; the old one is dead at once.",
      "The new one is in the data directory, and shown this once: alone on standard output."
    },
    footer = {
      "",
      "Example:",
      "  umask 077",
      "  modelgate admin-token rotate --reason 'ana left' > admin.token"
    })
final class AdminTokenRotateCommand implements Callable<Integer> {
  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit.")
  private String reason = "";

  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  AdminTokenRotateCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    RotateAdminTokenRequest request =
        RotateAdminTokenRequest.newBuilder().setReason(reason).build();
    RotateAdminTokenResponse response;
    try (AdminConnection connection = admin.connect(environment, common)) {
      response = connection.within(common.timeout()).rotateAdminToken(request);
    }
    if (common.json()) {
      common.print(Json.pretty(response));
      return 0;
    }
    common.err().println("rotated the admin token; the new one is not shown again");
    common.err().flush();
    common.print(response.getToken());
    return 0;
  }
}
