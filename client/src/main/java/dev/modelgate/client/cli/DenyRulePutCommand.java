package dev.modelgate.client.cli;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.DenyRuleChange;
import dev.modelgate.v1.UpdateDenyRulesRequest;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a deny rule what the options say, whether it was there or not. */
@Command(
    name = "put",
    description = "Create or replace a deny rule: it denies, whatever is granted.",
    footer = {
      "",
      "Example:",
      "  modelgate deny-rule put organizations/acme freeze --principal organization:acme \\",
      "      --permission predict --except group:oncall"
    })
final class DenyRulePutCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "ORGANIZATION", description = "organizations/ID.")
  private String organization = "";

  @Parameters(index = "1", paramLabel = "ID", description = "The rule's: 1 to 63 of a-z, 0-9, -.")
  private String id = "";

  @Option(
      names = "--principal",
      required = true,
      split = ",",
      paramLabel = "PRINCIPAL",
      description = "Whom it denies; may be repeated.")
  private List<String> principals = List.of();

  @Option(
      names = "--permission",
      required = true,
      split = ",",
      paramLabel = "PERMISSION",
      description = "What it denies; may be repeated.")
  private List<String> permissions = List.of();

  @Option(
      names = "--except",
      split = ",",
      paramLabel = "PRINCIPAL",
      description = "Whom of them it does not deny; may be repeated.")
  private List<String> exceptions = List.of();

  @Option(
      names = "--resource",
      paramLabel = "NAME",
      description = "Where, and below. Default: in the whole organization.")
  private @Nullable String resource;

  @Option(
      names = "--condition",
      paramLabel = "CEL",
      description = "Denies only requests of which this is true. Default: every request.")
  private String condition = "";

  @Option(names = "--description", paramLabel = "TEXT", description = "For people.")
  private String description = "";

  @Option(
      names = "--etag",
      paramLabel = "ETAG",
      description = "Only if the rule is as it was read. Default: no test.")
  private String etag = "";

  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  DenyRulePutCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    DenyRule rule =
        DenyRule.newBuilder()
            .setId(id)
            .setDescription(description)
            .addAllPrincipals(principals)
            .addAllExceptions(exceptions)
            .addAllPermissions(permissions)
            .setResource(resource == null ? organization : resource)
            .setCondition(condition)
            .setEtag(etag)
            .build();
    UpdateDenyRulesRequest request =
        UpdateDenyRulesRequest.newBuilder()
            .setOrganization(organization)
            .addChanges(
                DenyRuleChange.newBuilder()
                    .setOperation(DenyRuleChange.Operation.OPERATION_PUT)
                    .setRule(rule))
            .setReason(mutation.reason())
            .build();
    return mutation.change(
        environment,
        admin,
        common,
        request,
        AdminServiceBlockingV2Stub::updateDenyRules,
        response -> "put deny rule " + id + " at revision " + response.getRevision());
  }
}
