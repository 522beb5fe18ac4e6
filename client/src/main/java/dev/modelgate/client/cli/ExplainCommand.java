package dev.modelgate.client.cli;

import dev.modelgate.v1.Decision;
import dev.modelgate.v1.ExplainRequest;
import dev.modelgate.v1.ExplainResponse;
import io.grpc.StatusException;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows why the data plane decides as it does. */
@Command(
    name = "explain",
    description = "Show why a principal may do an action on a model, or why not.",
    footer = {
      "",
      "Exit codes: 0 allowed, 1 denied or conditional, 2 not answered.",
      "",
      "Example:",
      "  modelgate explain user:ana@acme.com organizations/acme/models/fraud predict"
    })
final class ExplainCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      paramLabel = "PRINCIPAL",
      description = "Who acts, as user:ana@acme.com.")
  private String principal = "";

  @Parameters(index = "1", paramLabel = "MODEL", description = "A full resource name.")
  private String model = "";

  @Parameters(index = "2", paramLabel = "ACTION", description = "A verb, such as predict.")
  private String action = "";

  @Mixin private ContextOptions context = new ContextOptions();
  @Mixin private PlaneOptions plane = new PlaneOptions();
  @Mixin private CredentialOptions credential = new CredentialOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  ExplainCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    ExplainRequest request =
        ExplainRequest.newBuilder()
            .setPrincipal(principal)
            .setModel(model)
            .setAction(action)
            .setContext(context.toStruct(common))
            .build();
    ExplainResponse response;
    try (PlaneConnection connection = plane.connect(environment, common, credential)) {
      try {
        response = connection.within(common.timeout()).explain(request);
      } catch (StatusException e) {
        throw connection.placed(e);
      }
    }
    int exitCode =
        switch (response.getDecision()) {
          case DECISION_ALLOW -> 0;
          case DECISION_DENY, DECISION_CONDITIONAL -> ModelgateCli.EXIT_DENIED;
          case DECISION_UNSPECIFIED, UNRECOGNIZED ->
              throw new CliException(
                  "decision: `"
                      + response.getDecisionValue()
                      + "` (expected: one that this client knows)");
        };
    common.print(common.json() ? Json.pretty(response) : toText(response));
    return exitCode;
  }

  /** The server's lines; a note in them must not move the cursor of the terminal. */
  private static String toText(ExplainResponse response) {
    String text =
        response
            .getText()
            .lines()
            .map(line -> line.replaceAll("\\p{Cntrl}", "\uFFFD"))
            .collect(Collectors.joining(System.lineSeparator()));
    return response.getDecision() == Decision.DECISION_CONDITIONAL
        ? text
            + System.lineSeparator()
            + "missing attributes: "
            + String.join(", ", response.getMissingAttributesList())
        : text;
  }
}
