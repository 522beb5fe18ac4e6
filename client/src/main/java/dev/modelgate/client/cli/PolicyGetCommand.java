package dev.modelgate.client.cli;

import dev.modelgate.v1.GetPolicyRequest;
import dev.modelgate.v1.Policy;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * Shows the direct grants on a resource as a policy. It is JSON whatever the output is to be, in
 * the form that {@code policy set} reads.
 */
@Command(
    name = "get",
    description = "Print the direct grants on a resource as a policy, JSON as policy set reads it.",
    footer = {
      "",
      "Example:",
      "  modelgate policy get organizations/acme/models/fraud > fraud.json"
    })
final class PolicyGetCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "RESOURCE",
      description = "The full name of a resource, or organizations/ID.")
  private String resource = "";

  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  PolicyGetCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    Policy policy;
    try (AdminConnection connection = admin.connect(environment, common)) {
      policy =
          connection
              .within(common.timeout())
              .getPolicy(GetPolicyRequest.newBuilder().setResource(resource).build())
              .getPolicy();
    }
    common.print(Json.pretty(policy));
    return 0;
  }
}
