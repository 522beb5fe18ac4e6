package dev.modelgate.client.cli;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Removes direct grants. No check that begins after this has printed allows what they gave. */
@Command(
    name = "revoke",
    description = "Remove the direct grants of a principal on a model, or one of them.",
    footer = {
      "",
      "Example:",
      "  modelgate revoke organizations/acme/environments/prod/models/fraud --from group:risk"
    })
final class RevokeCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "MODEL", description = "The full name of the resource.")
  private String model = "";

  @Option(
      names = "--from",
      required = true,
      paramLabel = "PRINCIPAL",
      description = "Whose grants, such as user:ben@acme.com.")
  private String principal = "";

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description = "Only the grants of this role. Default: all direct grants of the principal.")
  private @Nullable String role;

  @Option(
      names = "--condition",
      paramLabel = "CEL",
      description =
          "Only the grant under exactly this condition; needs --role. Default: whatever the"
              + " condition.")
  private String condition = "";

  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  RevokeCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    GrantChange.Builder change =
        GrantChange.newBuilder().setMode(GrantChange.Mode.MODE_REMOVE).setPrincipal(principal);
    if (role != null) {
      change.setRole(role).setCondition(condition);
    } else if (!condition.isEmpty()) {
      throw new ParameterException(common.spec().commandLine(), "--condition needs --role");
    }
    UpdateGrantsRequest request =
        UpdateGrantsRequest.newBuilder()
            .setResource(model)
            .addChanges(change)
            .setReason(mutation.reason())
            .build();
    return mutation.change(
        environment,
        admin,
        common,
        request,
        AdminServiceBlockingV2Stub::updateGrants,
        response ->
            "revoked " + model + " from " + principal + " at revision " + response.getRevision());
  }
}
