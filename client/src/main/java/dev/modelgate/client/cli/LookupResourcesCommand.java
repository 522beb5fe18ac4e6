package dev.modelgate.client.cli;

import dev.modelgate.v1.ConditionalResource;
import dev.modelgate.v1.LookupResourcesRequest;
import dev.modelgate.v1.LookupResourcesResponse;
import io.grpc.StatusException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists what a principal may do an action on. */
@Command(
    name = "resources",
    description = "List the resources on which a principal may do an action.",
    footer = {
      "",
      "Example:",
      "  modelgate lookup resources user:ana@acme.com predict organizations/acme --kind model"
    })
final class LookupResourcesCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "PRINCIPAL",
      description = "Who acts, as user:ana@acme.com.")
  private String principal = "";

  @Parameters(index = "1", paramLabel = "ACTION", description = "A verb, such as predict.")
  private String action = "";

  @Parameters(
      index = "2",
      paramLabel = "PARENT",
      description = "Below which resource, or organizations/ID.")
  private String parent = "";

  @Option(names = "--kind", paramLabel = "KIND", description = "Only of this kind.")
  private String kind = "";

  @Mixin private ContextOptions context = new ContextOptions();
  @Mixin private ListOptions list = new ListOptions();
  @Mixin private PlaneOptions plane = new PlaneOptions();
  @Mixin private CredentialOptions credential = new CredentialOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  LookupResourcesCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    LookupResourcesRequest.Builder request =
        LookupResourcesRequest.newBuilder()
            .setPrincipal(principal)
            .setAction(action)
            .setParent(parent)
            .setKind(kind)
            .setContext(context.toStruct(common));
    LookupResourcesResponse.Builder all = LookupResourcesResponse.newBuilder();
    try (PlaneConnection connection = plane.connect(environment, common, credential)) {
      try {
        list.walk(
            common,
            (size, token) -> {
              LookupResourcesResponse page =
                  connection
                      .within(common.timeout())
                      .lookupResources(request.setPageSize(size).setPageToken(token).build());
              // The names add up; for the rest the last page speaks for all.
              all.clearComplete().clearValidUntil().clearNextPageToken().mergeFrom(page);
              return new ListOptions.Page(
                  page.getResourcesCount() + page.getConditionalResourcesCount(),
                  page.getNextPageToken());
            });
      } catch (StatusException e) {
        throw connection.placed(e);
      }
    }
    TextTable table = new TextTable(List.of("RESOURCE", "DECISION", "MISSING"));
    all.getResourcesList().forEach(name -> table.add(List.of(name, "ALLOWED", "")));
    for (ConditionalResource resource : all.getConditionalResourcesList()) {
      table.add(
          List.of(
              resource.getResource(),
              "CONDITIONAL",
              String.join(",", resource.getMissingAttributesList())));
    }
    list.print(common, all, table, "resources", all.getNextPageToken());
    LookupCompleteness.warn(common, all.getNextPageToken(), all.getComplete());
    return 0;
  }
}
