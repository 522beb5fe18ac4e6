package dev.modelgate.client.cli;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.ResumeRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Switch on again what was suspended. */
@Command(
    name = "resume",
    description = "Switch on again what was suspended.",
    footer = {
      "",
      "Example:",
      "  modelgate resume --principal user:ben@acme.com --organization organizations/acme"
    })
final class ResumeCommand implements Callable<Integer> {
  @Mixin private TargetOptions target = new TargetOptions();
  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  ResumeCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    ResumeRequest request =
        ResumeRequest.newBuilder()
            .setTarget(target.toWire(common))
            .setReason(mutation.reason())
            .build();
    return mutation.change(
        environment,
        admin,
        common,
        request,
        AdminServiceBlockingV2Stub::resume,
        response -> "resumed " + target + " at revision " + response.getRevision());
  }
}
