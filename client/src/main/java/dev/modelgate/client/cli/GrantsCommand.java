package dev.modelgate.client.cli;

import dev.modelgate.v1.Grant;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ListGrantsResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Lists grants, page after page, up to a limit. */
@Command(
    name = "grants",
    description = "List the grants on a model, or those of a principal in an organization.",
    footer = {
      "",
      "Examples:",
      "  modelgate grants organizations/acme/environments/prod/models/fraud --inherited",
      "  modelgate grants --principal user:ben@acme.com --organization organizations/acme"
    })
final class GrantsCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "MODEL",
      description = "The full name of a resource.")
  private @Nullable String model;

  @Option(
      names = "--principal",
      paramLabel = "PRINCIPAL",
      description = "Only the grants to this principal itself.")
  private @Nullable String principal;

  @Option(
      names = "--organization",
      paramLabel = "NAME",
      description = "organizations/ID, instead of MODEL: everywhere in it. Needs --principal.")
  private @Nullable String organization;

  @Option(names = "--inherited", description = "With MODEL: those that it inherits, too.")
  private boolean inherited;

  @Mixin private ListOptions list = new ListOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  GrantsCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    ListGrantsRequest.Builder request = request();
    ListGrantsResponse.Builder all = ListGrantsResponse.newBuilder();
    try (AdminConnection connection = admin.connect(environment, common)) {
      all.setNextPageToken(
          list.walk(
              common,
              (size, token) -> {
                ListGrantsResponse page =
                    connection
                        .within(common.timeout())
                        .listGrants(request.setPageSize(size).setPageToken(token).build());
                all.addAllGrants(page.getGrantsList()).setEtag(page.getEtag());
                return new ListOptions.Page(page.getGrantsCount(), page.getNextPageToken());
              }));
    }
    list.print(common, all, toTable(all.getGrantsList()), "grants", all.getNextPageToken());
    return 0;
  }

  private ListGrantsRequest.Builder request() {
    if ((model == null) == (organization == null) || organization != null && principal == null) {
      throw new ParameterException(
          common.spec().commandLine(), "expected: MODEL, or --principal with --organization");
    }
    ListGrantsRequest.Builder request =
        ListGrantsRequest.newBuilder().setIncludeInherited(inherited);
    if (model != null) {
      request.setResource(model);
    }
    if (organization != null) {
      request.setOrganization(organization);
    }
    if (principal != null) {
      request.setPrincipal(principal);
    }
    return request;
  }

  private static TextTable toTable(List<Grant> grants) {
    TextTable table =
        new TextTable(
            List.of(
                "RESOURCE", "PRINCIPAL", "GRANTS", "FLAGS", "FROM", "UNTIL", "CONDITION", "NOTE"));
    for (Grant grant : grants) {
      table.add(
          List.of(
              grant.getResource(),
              grant.getPrincipal(),
              grant.hasRole()
                  ? grant.getRole()
                  : String.join(",", grant.getPermissions().getPermissionsList()),
              flags(grant),
              grant.hasNotBefore() ? ListOptions.time(grant.getNotBefore()) : "",
              grant.hasExpiresAt() ? ListOptions.time(grant.getExpiresAt()) : "",
              grant.getCondition(),
              grant.getNote()));
    }
    return table;
  }

  private static String flags(Grant grant) {
    List<String> flags = new ArrayList<>();
    if (grant.getCanShare()) {
      flags.add("can_share");
    }
    if (grant.getCanUseData()) {
      flags.add("can_use_data");
    }
    return String.join(",", flags);
  }
}
