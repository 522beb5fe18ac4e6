package dev.modelgate.client.cli;

import dev.modelgate.v1.ConditionalPrincipal;
import dev.modelgate.v1.LookupPrincipalsRequest;
import dev.modelgate.v1.LookupPrincipalsResponse;
import io.grpc.StatusException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists who may do an action on a resource. */
@Command(
    name = "principals",
    description = "List the principals who may do an action on a resource.",
    footer = {
      "",
      "Example:",
      "  modelgate lookup principals organizations/acme/models/fraud predict --expand-groups"
    })
final class LookupPrincipalsCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "RESOURCE", description = "A full resource name.")
  private String resource = "";

  @Parameters(index = "1", paramLabel = "ACTION", description = "A verb, such as predict.")
  private String action = "";

  @Option(
      names = "--expand-groups",
      description = "The accounts, in place of the groups and domains that they are in.")
  private boolean expandGroups;

  @Mixin private ContextOptions context = new ContextOptions();
  @Mixin private ListOptions list = new ListOptions();
  @Mixin private PlaneOptions plane = new PlaneOptions();
  @Mixin private CredentialOptions credential = new CredentialOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  LookupPrincipalsCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    LookupPrincipalsRequest.Builder request =
        LookupPrincipalsRequest.newBuilder()
            .setResource(resource)
            .setAction(action)
            .setExpandGroups(expandGroups)
            .setContext(context.toStruct(common));
    LookupPrincipalsResponse.Builder all = LookupPrincipalsResponse.newBuilder();
    try (PlaneConnection connection = plane.connect(environment, common, credential)) {
      try {
        list.walk(
            common,
            (size, token) -> {
              LookupPrincipalsResponse page =
                  connection
                      .within(common.timeout())
                      .lookupPrincipals(request.setPageSize(size).setPageToken(token).build());
              // The names add up; for the rest the last page speaks for all.
              all.clearComplete().clearValidUntil().clearNextPageToken().mergeFrom(page);
              return new ListOptions.Page(
                  page.getPrincipalsCount() + page.getConditionalPrincipalsCount(),
                  page.getNextPageToken());
            });
      } catch (StatusException e) {
        throw connection.placed(e);
      }
    }
    TextTable table = new TextTable(List.of("PRINCIPAL", "DECISION", "MISSING"));
    all.getPrincipalsList().forEach(name -> table.add(List.of(name, "ALLOWED", "")));
    for (ConditionalPrincipal principal : all.getConditionalPrincipalsList()) {
      table.add(
          List.of(
              principal.getPrincipal(),
              "CONDITIONAL",
              String.join(",", principal.getMissingAttributesList())));
    }
    list.print(common, all, table, "principals", all.getNextPageToken());
    LookupCompleteness.warn(common, all.getNextPageToken(), all.getComplete());
    return 0;
  }
}
