package dev.modelgate.client.cli;

import dev.modelgate.v1.RotateAdminTokenRequest;
import dev.modelgate.v1.RotateAdminTokenResponse;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Switches the admin token off. */
@Command(
    name = "disable",
    description = {
      "Switch the admin token off, as another system administrator.",
      "Only the operator of the host switches it on again: he deletes the file admin.token and",
      "restarts the sidecar, which makes another."
    },
    footer = {
      "",
      "Example:",
      "  export MODELGATE_TOKEN=$(cat my.jwt)",
      "  modelgate admin-token disable --reason 'single sign-on works'"
    })
final class AdminTokenDisableCommand implements Callable<Integer> {
  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the audit.")
  private String reason = "";

  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  AdminTokenDisableCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    RotateAdminTokenRequest request =
        RotateAdminTokenRequest.newBuilder().setDisable(true).setReason(reason).build();
    RotateAdminTokenResponse response;
    try (AdminConnection connection = admin.connect(environment, common)) {
      response = connection.within(common.timeout()).rotateAdminToken(request);
    }
    common.print(common.json() ? Json.pretty(response) : "switched the admin token off");
    return 0;
  }
}
