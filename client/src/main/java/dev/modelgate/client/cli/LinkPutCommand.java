package dev.modelgate.client.cli;

import dev.modelgate.v1.PutExternalLinkRequest;
import dev.modelgate.v1.PutExternalLinkResponse;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Creates an external link, or replaces what is said of one. A secret that the answer brings goes
 * to standard output, alone on its line, and nowhere else.
 */
@Command(
    name = "put",
    description = {
      "Create an external link to a resource, or change it.",
      "A new secret is shown this once: alone on standard output."
    },
    footer = {
      "",
      "Example:",
      "  umask 077",
      "  modelgate link put organizations/acme/applications/scoring partner --expires 30d \\",
      "      > partner.secret"
    })
final class LinkPutCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "RESOURCE", description = "Its full name.")
  private String resource = "";

  @Parameters(
      index = "1",
      paramLabel = "ID",
      description = "The link's; whoever uses it is link:ID.")
  private String id = "";

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description =
          "What it gives. Default: what it gives already; for a new link the lowest role of the kind.")
  private String role = "";

  @Option(
      names = "--expires",
      paramLabel = "TIME",
      converter = PointInTime.Converter.class,
      description =
          "Until when, exclusive: 2026-12-31T00:00:00Z or 30d from now. Default: for ever; with"
              + " --rotate-secret as it is.")
  private @Nullable PointInTime expires;

  @Option(
      names = "--rotate-secret",
      description = "A new secret for a link that exists; the old one ends at once.")
  private boolean rotateSecret;

  @Option(
      names = "--etag",
      paramLabel = "ETAG",
      description = "Only if the link is as it was read. Default: no test.")
  private String etag = "";

  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;
  private int attempts;

  LinkPutCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    PutExternalLinkRequest.Builder request =
        PutExternalLinkRequest.newBuilder()
            .setResource(resource)
            .setId(id)
            .setRole(role)
            .setRotateSecret(rotateSecret)
            .setEtag(etag)
            .setReason(mutation.reason());
    if (expires != null) {
      // Once: a repeated request must be the same.
      request.setExpiresAt(expires.at(environment.clock()));
    }
    PutExternalLinkRequest put = request.build();
    return mutation.change(
        environment,
        admin,
        common,
        put,
        (stub, attempt) -> {
          attempts++;
          return stub.putExternalLink(attempt);
        },
        this::toText);
  }

  /** The secret alone, so that it can be redirected to a file; then the rest is for the reader. */
  private String toText(PutExternalLinkResponse response) {
    String done = "put link:" + id + " to " + resource + " at revision " + response.getRevision();
    if (!response.getSecret().isEmpty()) {
      common.err().println(done + "; its secret is not shown again");
      common.err().flush();
      return response.getSecret();
    }
    if (rotateSecret || attempts > 1) {
      common
          .err()
          .println(
              "no secret came with this answer: if a new one was lost, rotate with another request id");
      common.err().flush();
    }
    return done;
  }
}
