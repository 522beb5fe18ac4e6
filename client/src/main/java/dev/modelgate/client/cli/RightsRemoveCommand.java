package dev.modelgate.client.cli;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.TypeRightChange;
import dev.modelgate.v1.UpdateTypeRightsRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a type right from a principal, or all that it has for a kind. */
@Command(
    name = "remove",
    description =
        "Take from a principal the right of --depth and --effect, or with neither all for the kind.",
    footer = {
      "",
      "Example:",
      "  modelgate rights remove organizations/acme --principal group:risk --kind model"
    })
final class RightsRemoveCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "ORGANIZATION", description = "organizations/ID.")
  private String organization = "";

  @Mixin private RightOptions right = new RightOptions();

  @Option(
      names = "--etag",
      paramLabel = "ETAG",
      description = "Only if the type rights are as they were read. Default: no test.")
  private String etag = "";

  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  RightsRemoveCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    UpdateTypeRightsRequest request =
        UpdateTypeRightsRequest.newBuilder()
            .setOrganization(organization)
            .addChanges(
                TypeRightChange.newBuilder()
                    .setMode(TypeRightChange.Mode.MODE_REMOVE)
                    .setPrincipal(right.principal())
                    .setKind(right.kind())
                    .setDepth(right.depth())
                    .addAllEffects(right.effects()))
            .setEtag(etag)
            .setReason(mutation.reason())
            .build();
    return mutation.change(
        environment,
        admin,
        common,
        request,
        AdminServiceBlockingV2Stub::updateTypeRights,
        response ->
            "removed rights of "
                + right.principal()
                + " for "
                + right.kind()
                + " at revision "
                + response.getRevision());
  }
}
