package dev.modelgate.client.cli;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.BreakGlassRequest;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Gives access in an emergency. */
@Command(
    name = "break-glass",
    description = {
      "Give somebody access in an emergency, for at most four hours and with an alarm.",
      "Needs the right to break glass, and a reason."
    },
    footer = {
      "",
      "Example:",
      "  modelgate break-glass organizations/acme/models/fraud user:ben@acme.com --for 30m \\",
      "      --role editor --reason 'incident 4711'"
    })
final class BreakGlassCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "RESOURCE", description = "Its full name.")
  private String resource = "";

  @Parameters(index = "1", paramLabel = "PRINCIPAL", description = "One user, account or app.")
  private String principal = "";

  @Option(
      names = "--for",
      required = true,
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "How long: such as 30m, at most 4h.")
  private Duration time = Duration.ZERO;

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description = "What it gives. Default: the default role of the kind.")
  private String role = "";

  @Option(names = "--can-use-data", description = "Data permissions of the role count, too.")
  private boolean canUseData;

  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  BreakGlassCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    if (mutation.reason().isBlank()) {
      throw new ParameterException(
          common.spec().commandLine(), "missing --reason (expected: why this is an emergency)");
    }
    BreakGlassRequest request =
        BreakGlassRequest.newBuilder()
            .setResource(resource)
            .setPrincipal(principal)
            .setRole(role)
            .setCanUseData(canUseData)
            .setDuration(
                com.google.protobuf.Duration.newBuilder()
                    .setSeconds(time.getSeconds())
                    .setNanos(time.getNano()))
            .setReason(mutation.reason())
            .build();
    return mutation.change(
        environment,
        admin,
        common,
        request,
        AdminServiceBlockingV2Stub::breakGlass,
        response ->
            "broke glass for "
                + principal
                + " on "
                + resource
                + " at revision "
                + response.getRevision());
  }
}
