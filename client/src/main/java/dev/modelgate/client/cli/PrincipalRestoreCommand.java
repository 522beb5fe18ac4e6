package dev.modelgate.client.cli;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.RestorePrincipalRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Brings a deleted principal back with what it had. */
@Command(
    name = "restore",
    description = "Bring a deleted principal back with everything that it had.",
    footer = {
      "",
      "Example:",
      "  modelgate principal restore organizations/acme 'deleted:user:ben@acme.com?uid=8388612'"
    })
final class PrincipalRestoreCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "ORGANIZATION", description = "organizations/ID.")
  private String organization = "";

  @Parameters(
      index = "1",
      paramLabel = "PRINCIPAL",
      description =
          "As a policy shows a deleted member, in quotes for the shell; or its name, with --uid.")
  private String principal = "";

  @Option(
      names = "--uid",
      paramLabel = "UID",
      description = "Which of those who had the name, as GetPrincipal says. Only with a name.")
  private String uid = "";

  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  PrincipalRestoreCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    RestorePrincipalRequest request =
        RestorePrincipalRequest.newBuilder()
            .setOrganization(organization)
            .setPrincipal(principal)
            .setUid(uid)
            .setReason(mutation.reason())
            .build();
    return mutation.change(
        environment,
        admin,
        common,
        request,
        AdminServiceBlockingV2Stub::restorePrincipal,
        response ->
            "restored "
                + response.getPrincipal().getPrincipal()
                + " at revision "
                + response.getRevision());
  }
}
