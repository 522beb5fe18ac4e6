package dev.modelgate.client.cli;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Adds a grant to a model, beside those that its recipient has. */
@Command(
    name = "share",
    description = "Share a model, or change the flags and times of a grant.",
    footer = {
      "",
      "Example:",
      "  modelgate share organizations/acme/environments/prod/models/fraud \\",
      "      --with user:ben@acme.com --role user --expires 30d"
    })
final class ShareCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "MODEL", description = "The full name of the resource.")
  private String model = "";

  @Option(
      names = "--with",
      required = true,
      paramLabel = "PRINCIPAL",
      description = "The recipient, such as user:ben@acme.com or group:risk.")
  private String recipient = "";

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description = "What to grant. Default: the default role of the kind, such as user.")
  private @Nullable String role;

  @Option(names = "--can-share", description = "The recipient may give it on.")
  private boolean canShare;

  @Option(names = "--can-use-data", description = "Data permissions count, too.")
  private boolean canUseData;

  @Option(
      names = "--expires",
      paramLabel = "TIME",
      converter = PointInTime.Converter.class,
      description =
          "Until when, exclusive: 2026-12-31T00:00:00Z or 30d from now. Default: for ever.")
  private @Nullable PointInTime expires;

  @Option(
      names = "--not-before",
      paramLabel = "TIME",
      converter = PointInTime.Converter.class,
      description = "From when, as --expires. Default: at once.")
  private @Nullable PointInTime notBefore;

  @Option(
      names = "--condition",
      paramLabel = "CEL",
      description =
          "Counts only for requests of which this is true, such as 'context.device.trusted'."
              + " Default: for every request.")
  private String condition = "";

  @Option(names = "--note", paramLabel = "TEXT", description = "For people, kept with the grant.")
  private String note = "";

  @Option(
      names = "--notify",
      description = "The recipient is to be told, with the note: an event of WatchEvents.")
  private boolean notifies;

  @Mixin private MutationOptions mutation = new MutationOptions();
  @Mixin private AdminOptions admin = new AdminOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  private final Environment environment;

  ShareCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws Exception {
    GrantChange.Builder change =
        GrantChange.newBuilder()
            .setMode(GrantChange.Mode.MODE_MERGE)
            .setPrincipal(recipient)
            .setCanShare(canShare)
            .setCanUseData(canUseData)
            .setNote(note)
            .setNotify(notifies)
            .setCondition(condition);
    if (role != null) {
      change.setRole(role);
    }
    if (expires != null) {
      change.setExpiresAt(expires.at(environment.clock()));
    }
    if (notBefore != null) {
      change.setNotBefore(notBefore.at(environment.clock()));
    }
    UpdateGrantsRequest request =
        UpdateGrantsRequest.newBuilder()
            .setResource(model)
            .addChanges(change)
            .setReason(mutation.reason())
            .build();
    return mutation.change(
        environment,
        admin,
        common,
        request,
        AdminServiceBlockingV2Stub::updateGrants,
        response ->
            "shared " + model + " with " + recipient + " at revision " + response.getRevision());
  }
}
