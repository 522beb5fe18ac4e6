package dev.modelgate.client.cli;

import dev.modelgate.v1.PrincipalTarget;
import dev.modelgate.v1.SuspensionTarget;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** What to suspend or resume: a principal in an organization, a resource, or an organization. */
final class TargetOptions {
  @Option(
      names = "--principal",
      paramLabel = "PRINCIPAL",
      description = "A principal of --organization; for a group all its members.")
  private @Nullable String principal;

  @Option(
      names = "--organization",
      paramLabel = "NAME",
      description = "organizations/ID: alone everything in it, else the principal's.")
  private @Nullable String organization;

  @Option(
      names = "--resource",
      paramLabel = "NAME",
      description = "A resource and everything below it.")
  private @Nullable String resource;

  /**
   * The one target.
   *
   * @throws ParameterException if the options name none, or more than one
   */
  SuspensionTarget toWire(CommonOptions common) {
    SuspensionTarget.Builder target = SuspensionTarget.newBuilder();
    if (resource != null && principal == null && organization == null) {
      return target.setResource(resource).build();
    }
    if (resource == null && organization != null && principal == null) {
      return target.setOrganization(organization).build();
    }
    if (resource == null && organization != null && principal != null) {
      return target
          .setPrincipal(
              PrincipalTarget.newBuilder().setOrganization(organization).setPrincipal(principal))
          .build();
    }
    throw new ParameterException(
        common.spec().commandLine(),
        "expected: --resource, or --organization with or without --principal");
  }

  @Override
  public String toString() {
    return resource != null
        ? resource
        : (principal == null ? "" : principal + " in ") + organization;
  }
}
