package dev.modelgate.client.cli;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.Policy;
import dev.modelgate.v1.SetPolicyRequest;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the direct grants on a resource those of a policy: who is not in it loses what he has. */
@Command(
    name = "set",
    description = "Make the direct grants on a resource exactly those of a policy.",
    footer = {
      "",
      "Example:",
      "  modelgate policy set organizations/acme/models/fraud --file fraud.json"
    })
final class PolicySetCommand implements Callable<Integer> {
  /** Bounds what is read into memory; the profile bounds the members. */
  private static final int POLICY_BYTES_MAX = 4 << 20;

  @Parameters(
      index = "0",
      paramLabel = "RESOURCE",
      description = "The full name of a resource, or organizations/ID.")
  private String resource = "";

  @Option(
      names = "--file",
      required = true,
      paramLabel = "FILE",
      description =
          "The policy, JSON as policy get prints it, with the etag that was read; - for standard"
              + " input.")
  private String file = "";

  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  PolicySetCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    SetPolicyRequest request =
        SetPolicyRequest.newBuilder()
            .setResource(resource)
            .setPolicy(policy())
            .setReason(mutation.reason())
            .build();
    return mutation.change(
        environment,
        admin,
        common,
        request,
        AdminServiceBlockingV2Stub::setPolicy,
        response -> "set the policy of " + resource + " at revision " + response.getRevision());
  }

  private Policy policy() {
    Policy.Builder policy = Policy.newBuilder();
    String text = SmallFile.readText(file, environment.in(), POLICY_BYTES_MAX);
    if (text.isBlank()) {
      // The parser would take nothing for an empty object, and the policy would take everything.
      throw new CliException(
          "`" + file + "` is empty (expected: a policy as policy get prints it)");
    }
    try {
      Json.parse(text, policy);
    } catch (InvalidProtocolBufferException e) {
      throw new CliException(
          "`"
              + file
              + "` is not a policy (expected: JSON as policy get prints it): "
              + e.getMessage(),
          e);
    }
    return policy.build();
  }
}
