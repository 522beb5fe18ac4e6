package dev.modelgate.client.cli;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.PutProfileRequest;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Puts the next version of an organization's profile. */
@Command(
    name = "put",
    description = "Make another profile hold in an organization.",
    footer = {"", "Example:", "  modelgate profile put organizations/acme --file acme.yaml"})
final class ProfilePutCommand implements Callable<Integer> {
  private static final int DOCUMENT_BYTES_MAX = 262_144;

  @Parameters(index = "0", paramLabel = "ORGANIZATION", description = "organizations/ID.")
  private String organization = "";

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "The document, YAML in UTF-8, at most 262144 bytes; - for standard input.")
  private @Nullable String file;

  @Option(
      names = "--built-in",
      paramLabel = "NAME",
      description = "The document of a built-in profile, instead of --file.")
  private @Nullable String builtIn;

  @Option(
      names = "--etag",
      paramLabel = "ETAG",
      description = "Only if the profile is as it was read. Default: no test.")
  private String etag = "";

  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  ProfilePutCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    if ((file == null) == (builtIn == null)) {
      throw new ParameterException(common.spec().commandLine(), "expected: --file or --built-in");
    }
    PutProfileRequest.Builder put =
        PutProfileRequest.newBuilder()
            .setOrganization(organization)
            .setEtag(etag)
            .setReason(mutation.reason());
    if (file != null) {
      put.setDocument(SmallFile.readText(file, environment.in(), DOCUMENT_BYTES_MAX));
    }
    if (builtIn != null) {
      put.setBuiltIn(builtIn);
    }
    PutProfileRequest request = put.build();
    return mutation.change(
        environment,
        admin,
        common,
        request,
        AdminServiceBlockingV2Stub::putProfile,
        response ->
            "put "
                + response.getProfile().getName()
                + " ("
                + response.getProfile().getProfile()
                + ") at revision "
                + response.getRevision());
  }
}
