package dev.modelgate.client.cli;

import dev.modelgate.v1.GrantableRole;
import dev.modelgate.v1.ListGrantableRolesRequest;
import dev.modelgate.v1.ListGrantableRolesResponse;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the roles that can be given on a resource. */
@Command(
    name = "roles",
    description = "List the roles that you can give on a resource.",
    footer = {
      "",
      "Example:",
      "  modelgate roles organizations/acme/models/fraud --on-behalf-of user:ben@acme.com"
    })
final class RolesCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "RESOURCE",
      description = "The full name of a resource, or organizations/ID.")
  private String resource = "";

  @Option(names = "--all", description = "Also those of the kind that you could not give.")
  private boolean all;

  @Mixin private ListOptions list = new ListOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  RolesCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    ListGrantableRolesRequest.Builder request =
        ListGrantableRolesRequest.newBuilder().setResource(resource).setIncludeOthers(all);
    ListGrantableRolesResponse.Builder roles = ListGrantableRolesResponse.newBuilder();
    try (AdminConnection connection = admin.connect(environment, common)) {
      roles.setNextPageToken(
          list.walk(
              common,
              (size, token) -> {
                ListGrantableRolesResponse page =
                    connection
                        .within(common.timeout())
                        .listGrantableRoles(request.setPageSize(size).setPageToken(token).build());
                roles.addAllRoles(page.getRolesList());
                return new ListOptions.Page(page.getRolesCount(), page.getNextPageToken());
              }));
    }
    list.print(common, roles, toTable(roles.getRolesList()), "roles", roles.getNextPageToken());
    return 0;
  }

  private static TextTable toTable(List<GrantableRole> roles) {
    TextTable table = new TextTable(List.of("ROLE", "RANK", "GRANTABLE", "FLAGS", "PERMISSIONS"));
    for (GrantableRole role : roles) {
      table.add(
          List.of(
              role.getRole(),
              "" + role.getRank(),
              role.getGrantable() ? "yes" : "no",
              (role.getOwner() ? "owner" : "")
                  + (role.getOwner() && role.getByDefault() ? "," : "")
                  + (role.getByDefault() ? "default" : ""),
              String.join(",", role.getPermissionsList())));
    }
    return table;
  }
}
