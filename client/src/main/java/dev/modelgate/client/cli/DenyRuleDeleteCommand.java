package dev.modelgate.client.cli;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.DenyRuleChange;
import dev.modelgate.v1.UpdateDenyRulesRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes a deny rule. */
@Command(
    name = "delete",
    description = "Delete a deny rule.",
    footer = {"", "Example:", "  modelgate deny-rule delete organizations/acme freeze"})
final class DenyRuleDeleteCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "ORGANIZATION", description = "organizations/ID.")
  private String organization = "";

  @Parameters(index = "1", paramLabel = "ID", description = "The rule's.")
  private String id = "";

  @Option(
      names = "--etag",
      paramLabel = "ETAG",
      description = "Only if the rule is as it was read. Default: no test.")
  private String etag = "";

  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  DenyRuleDeleteCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    UpdateDenyRulesRequest request =
        UpdateDenyRulesRequest.newBuilder()
            .setOrganization(organization)
            .addChanges(
                DenyRuleChange.newBuilder()
                    .setOperation(DenyRuleChange.Operation.OPERATION_DELETE)
                    .setRule(DenyRule.newBuilder().setId(id).setEtag(etag)))
            .setReason(mutation.reason())
            .build();
    return mutation.change(
        environment,
        admin,
        common,
        request,
        AdminServiceBlockingV2Stub::updateDenyRules,
        response -> "deleted deny rule " + id + " at revision " + response.getRevision());
  }
}
