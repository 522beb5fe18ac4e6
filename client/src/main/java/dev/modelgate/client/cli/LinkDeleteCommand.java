package dev.modelgate.client.cli;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.DeleteExternalLinkRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Deletes an external link, whose secret then opens nothing. */
@Command(
    name = "delete",
    description = "Delete an external link; its secret ends at once.",
    footer = {
      "",
      "Example:",
      "  modelgate link delete organizations/acme/applications/scoring partner"
    })
final class LinkDeleteCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "RESOURCE", description = "Its full name.")
  private String resource = "";

  @Parameters(index = "1", paramLabel = "ID", description = "The link's.")
  private String id = "";

  @Option(
      names = "--etag",
      paramLabel = "ETAG",
      description = "Only if the link is as it was read. Default: no test.")
  private String etag = "";

  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  LinkDeleteCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    DeleteExternalLinkRequest request =
        DeleteExternalLinkRequest.newBuilder()
            .setResource(resource)
            .setId(id)
            .setEtag(etag)
            .setReason(mutation.reason())
            .build();
    return mutation.change(
        environment,
        admin,
        common,
        request,
        AdminServiceBlockingV2Stub::deleteExternalLink,
        response ->
            "deleted link:" + id + " to " + resource + " at revision " + response.getRevision());
  }
}
