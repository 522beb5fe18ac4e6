package dev.modelgate.client.cli;

import dev.modelgate.v1.ListTypeRightsRequest;
import dev.modelgate.v1.ListTypeRightsResponse;
import dev.modelgate.v1.TypeRight;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists type rights, page after page, up to a limit. */
@Command(
    name = "list",
    description = "List the rights for whole kinds of an organization.",
    footer = {"", "Example:", "  modelgate rights list organizations/acme --principal group:risk"})
final class RightsListCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "ORGANIZATION", description = "organizations/ID.")
  private String organization = "";

  @Option(
      names = "--principal",
      paramLabel = "PRINCIPAL",
      description = "Only those of this principal itself.")
  private String principal = "";

  @Option(names = "--kind", paramLabel = "KIND", description = "Only those for this kind.")
  private String kind = "";

  @Mixin private ListOptions list = new ListOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  RightsListCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    ListTypeRightsRequest.Builder request =
        ListTypeRightsRequest.newBuilder()
            .setOrganization(organization)
            .setPrincipal(principal)
            .setKind(kind);
    ListTypeRightsResponse.Builder all = ListTypeRightsResponse.newBuilder();
    try (AdminConnection connection = admin.connect(environment, common)) {
      all.setNextPageToken(
          list.walk(
              common,
              (size, token) -> {
                ListTypeRightsResponse page =
                    connection
                        .within(common.timeout())
                        .listTypeRights(request.setPageSize(size).setPageToken(token).build());
                all.addAllTypeRights(page.getTypeRightsList()).setEtag(page.getEtag());
                return new ListOptions.Page(page.getTypeRightsCount(), page.getNextPageToken());
              }));
    }
    TextTable table =
        new TextTable(List.of("PRINCIPAL", "KIND", "EFFECTS", "DEPTH", "PERMISSIONS", "BY"));
    for (TypeRight right : all.getTypeRightsList()) {
      table.add(
          List.of(
              right.getPrincipal(),
              right.getKind(),
              String.join(
                  ",",
                  right.getEffectsList().stream()
                      .map(effect -> word(effect.name(), "EFFECT_"))
                      .toList()),
              word(right.getDepth().name(), "DEPTH_"),
              String.join(",", right.getPermissionsList()),
              right.getGrantedBy()));
    }
    list.print(common, all, table, "rights", all.getNextPageToken());
    return 0;
  }

  /** The value as the options of this group take it. */
  private static String word(String name, String prefix) {
    return (name.startsWith(prefix) ? name.substring(prefix.length()) : name)
        .toLowerCase(Locale.ROOT);
  }
}
