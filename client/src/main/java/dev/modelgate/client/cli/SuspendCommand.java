package dev.modelgate.client.cli;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.SuspendRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Switch a principal, resource or organization off at once. */
@Command(
    name = "suspend",
    description = "Switch a principal, resource or organization off at once.",
    footer = {
      "",
      "Example:",
      "  modelgate suspend --principal user:ben@acme.com --organization organizations/acme"
    })
final class SuspendCommand implements Callable<Integer> {
  @Mixin private TargetOptions target = new TargetOptions();
  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  SuspendCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    SuspendRequest request =
        SuspendRequest.newBuilder()
            .setTarget(target.toWire(common))
            .setReason(mutation.reason())
            .build();
    return mutation.change(
        environment,
        admin,
        common,
        request,
        AdminServiceBlockingV2Stub::suspend,
        response -> "suspended " + target + " at revision " + response.getRevision());
  }
}
