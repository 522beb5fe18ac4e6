package dev.modelgate.grpc;

import com.google.protobuf.Duration;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.model.ResourceName;
import dev.modelgate.v1.BreakGlassRequest;
import dev.modelgate.v1.BreakGlassResponse;

/** Reads and answers the requests for access in an emergency. */
final class BreakGlassRpcs {
  private BreakGlassRpcs() {}

  static Mutation<BreakGlassResponse> breakGlass(BreakGlassRequest request) {
    ResourceName resource = Fields.resource("resource", request.getResource());
    Duration duration = request.getDuration();
    if (duration.getSeconds() < 1
        || duration.getSeconds() > Command.BreakGlass.SECONDS_MAX
        || duration.getNanos() != 0) {
      throw Fields.invalid(
          "duration",
          duration.getSeconds() + "s",
          "1s to " + Command.BreakGlass.SECONDS_MAX + "s, in whole seconds");
    }
    if (request.getReason().isBlank()) {
      throw Fields.invalid("reason", request.getReason(), "why");
    }
    return new Mutation<>(
        resource.organizationId(),
        new Command.BreakGlass(
            resource,
            Fields.principal("principal", request.getPrincipal()),
            request.getRole(),
            request.getCanUseData(),
            duration.getSeconds()),
        outcome -> BreakGlassResponse.newBuilder().setRevision(outcome.revision().token()).build());
  }
}
