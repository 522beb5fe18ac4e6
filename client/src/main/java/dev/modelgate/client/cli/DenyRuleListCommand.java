package dev.modelgate.client.cli;

import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.ListDenyRulesRequest;
import dev.modelgate.v1.ListDenyRulesResponse;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists deny rules, page after page, up to a limit. */
@Command(
    name = "list",
    description = "List the deny rules of an organization.",
    footer = {"", "Example:", "  modelgate deny-rule list organizations/acme"})
final class DenyRuleListCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "ORGANIZATION", description = "organizations/ID.")
  private String organization = "";

  @Option(
      names = "--resource",
      paramLabel = "NAME",
      description = "Only those that stand on this resource itself, or on organizations/ID.")
  private String resource = "";

  @Option(
      names = "--principal",
      paramLabel = "PRINCIPAL",
      description = "Only those that name this principal itself, as an exception, too.")
  private String principal = "";

  @Mixin private ListOptions list = new ListOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  DenyRuleListCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    ListDenyRulesRequest.Builder request =
        ListDenyRulesRequest.newBuilder()
            .setOrganization(organization)
            .setResource(resource)
            .setPrincipal(principal);
    ListDenyRulesResponse.Builder all = ListDenyRulesResponse.newBuilder();
    try (AdminConnection connection = admin.connect(environment, common)) {
      all.setNextPageToken(
          list.walk(
              common,
              (size, token) -> {
                ListDenyRulesResponse page =
                    connection
                        .within(common.timeout())
                        .listDenyRules(request.setPageSize(size).setPageToken(token).build());
                all.addAllDenyRules(page.getDenyRulesList());
                return new ListOptions.Page(page.getDenyRulesCount(), page.getNextPageToken());
              }));
    }
    TextTable table =
        new TextTable(
            List.of(
                "ID", "RESOURCE", "DENIES", "TO", "BUT NOT", "CONDITION", "DESCRIPTION", "ETAG"));
    for (DenyRule rule : all.getDenyRulesList()) {
      table.add(
          List.of(
              rule.getId(),
              rule.getResource(),
              String.join(",", rule.getPermissionsList()),
              String.join(",", rule.getPrincipalsList()),
              String.join(",", rule.getExceptionsList()),
              rule.getCondition(),
              rule.getDescription(),
              rule.getEtag()));
    }
    list.print(common, all, table, "deny rules", all.getNextPageToken());
    return 0;
  }
}
