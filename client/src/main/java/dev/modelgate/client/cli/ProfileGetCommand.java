package dev.modelgate.client.cli;

import dev.modelgate.v1.GetProfileRequest;
import dev.modelgate.v1.GetProfileResponse;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Shows the document of a profile, so that it can be redirected to a file. */
@Command(
    name = "get",
    description = "Print the document of an organization's profile, or of a built-in one.",
    footer = {
      "",
      "Examples:",
      "  modelgate profile get organizations/acme > acme.yaml",
      "  modelgate profile get --built-in modelgate"
    })
final class ProfileGetCommand implements Callable<Integer> {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "ORGANIZATION",
      description = "organizations/ID.")
  private @Nullable String organization;

  @Option(
      names = "--built-in",
      paramLabel = "NAME",
      description = "A built-in profile, instead of ORGANIZATION.")
  private @Nullable String builtIn;

  @Option(
      names = "--profile-version",
      paramLabel = "NUMBER",
      description = "With ORGANIZATION: which version, from 1. Default: the one that holds.")
  private long version;

  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  ProfileGetCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    if ((organization == null) == (builtIn == null)) {
      throw new ParameterException(
          common.spec().commandLine(), "expected: ORGANIZATION, or --built-in");
    }
    GetProfileRequest.Builder request = GetProfileRequest.newBuilder().setVersion(version);
    if (organization != null) {
      request.setOrganization(organization);
    }
    if (builtIn != null) {
      request.setBuiltIn(builtIn);
    }
    GetProfileResponse response;
    try (AdminConnection connection = admin.connect(environment, common)) {
      response = connection.within(common.timeout()).getProfile(request.build());
    }
    common.print(
        common.json()
            ? Json.pretty(response)
            : response.getProfile().getDocument().stripTrailing());
    return 0;
  }
}
