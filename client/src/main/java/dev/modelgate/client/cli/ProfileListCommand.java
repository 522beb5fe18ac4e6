package dev.modelgate.client.cli;

import dev.modelgate.v1.ListProfilesRequest;
import dev.modelgate.v1.ListProfilesResponse;
import dev.modelgate.v1.Profile;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists profiles, page after page, up to a limit. */
@Command(
    name = "list",
    description = "List the built-in profiles, and the versions of an organization.",
    footer = {"", "Example:", "  modelgate profile list organizations/acme"})
final class ProfileListCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "ORGANIZATION",
      description = "organizations/ID: its versions, too. Default: the built-in ones only.")
  private String organization = "";

  @Mixin private ListOptions list = new ListOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  ProfileListCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    ListProfilesRequest.Builder request =
        ListProfilesRequest.newBuilder().setOrganization(organization);
    ListProfilesResponse.Builder all = ListProfilesResponse.newBuilder();
    try (AdminConnection connection = admin.connect(environment, common)) {
      all.setNextPageToken(
          list.walk(
              common,
              (size, token) -> {
                ListProfilesResponse page =
                    connection
                        .within(common.timeout())
                        .listProfiles(request.setPageSize(size).setPageToken(token).build());
                all.addAllProfiles(page.getProfilesList());
                return new ListOptions.Page(page.getProfilesCount(), page.getNextPageToken());
              }));
    }
    TextTable table =
        new TextTable(List.of("NAME", "PROFILE", "HOLDS", "CREATED", "DIGEST", "ETAG"));
    for (Profile profile : all.getProfilesList()) {
      table.add(
          List.of(
              profile.getName(),
              profile.getProfile(),
              profile.getCurrent() ? "yes" : "",
              profile.hasCreateTime() ? ListOptions.time(profile.getCreateTime()) : "",
              profile.getDigest(),
              profile.getEtag()));
    }
    list.print(common, all, table, "profiles", all.getNextPageToken());
    return 0;
  }
}
