package dev.modelgate.client.cli;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.TypeRightChange;
import dev.modelgate.v1.UpdateTypeRightsRequest;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Gives a principal a type right, in place of those that it has for the kind or beside them. */
@Command(
    name = "set",
    description = "Give a principal a right for a whole kind, in place of what it has for it.",
    footer = {
      "",
      "Example:",
      "  modelgate rights set organizations/acme --principal group:risk --kind model \\",
      "      --role user --effect allows --depth subtree"
    })
final class RightsSetCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "ORGANIZATION", description = "organizations/ID.")
  private String organization = "";

  @Mixin private RightOptions right = new RightOptions();

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description = "The permissions that this role has on the kind now.")
  private @Nullable String role;

  @Option(
      names = "--permissions",
      split = ",",
      paramLabel = "PERMISSION",
      description = "Single permissions, comma-separated, instead of --role.")
  private @Nullable List<String> permissions;

  @Option(
      names = "--no-permissions",
      description = "None at all, instead of --role: a ceiling that lets nothing through.")
  private boolean none;

  @Option(names = "--merge", description = "Keep the other rights that it has for the kind.")
  private boolean merge;

  @Option(
      names = "--etag",
      paramLabel = "ETAG",
      description = "Only if the type rights are as they were read. Default: no test.")
  private String etag = "";

  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  RightsSetCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    UpdateTypeRightsRequest request =
        UpdateTypeRightsRequest.newBuilder()
            .setOrganization(organization)
            .addChanges(change())
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
            "set rights of "
                + right.principal()
                + " for "
                + right.kind()
                + " at revision "
                + response.getRevision());
  }

  private TypeRightChange change() {
    int sources = (role != null ? 1 : 0) + (permissions != null ? 1 : 0) + (none ? 1 : 0);
    if (sources != 1) {
      throw new ParameterException(
          common.spec().commandLine(), "expected: --role, --permissions or --no-permissions");
    }
    if (right.effects().isEmpty()) {
      throw new ParameterException(
          common.spec().commandLine(), "missing --effect (expected: requires, allows, bounds)");
    }
    TypeRightChange.Builder change =
        TypeRightChange.newBuilder()
            .setMode(merge ? TypeRightChange.Mode.MODE_MERGE : TypeRightChange.Mode.MODE_SET)
            .setPrincipal(right.principal())
            .setKind(right.kind())
            .setDepth(right.depth())
            .addAllEffects(right.effects());
    if (role != null) {
      change.setRole(role);
    } else {
      change.setPermissions(
          Permissions.newBuilder()
              .addAllPermissions(permissions == null ? List.of() : permissions));
    }
    return change.build();
  }
}
