package dev.modelgate.grpc;

import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.v1.PrincipalTarget;
import dev.modelgate.v1.ResumeRequest;
import dev.modelgate.v1.ResumeResponse;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspendResponse;
import dev.modelgate.v1.SuspensionTarget;
import java.util.function.Function;

/** Reads and answers the requests that switch things off and on. */
final class SuspensionRpcs {
  private static final String SYSTEM_ID = "system";

  private SuspensionRpcs() {}

  static Mutation<SuspendResponse> suspend(SuspendRequest request, Requester requester) {
    return switched(
        request.getTarget(),
        true,
        requester,
        outcome -> SuspendResponse.newBuilder().setRevision(outcome.revision().token()).build());
  }

  static Mutation<ResumeResponse> resume(ResumeRequest request, Requester requester) {
    return switched(
        request.getTarget(),
        false,
        requester,
        outcome -> ResumeResponse.newBuilder().setRevision(outcome.revision().token()).build());
  }

  private static <A> Mutation<A> switched(
      SuspensionTarget target, boolean suspend, Requester requester, Function<Outcome, A> answer) {
    return switch (target.getTargetCase()) {
      case PRINCIPAL -> {
        PrincipalTarget principal = target.getPrincipal();
        String organization =
            Fields.organizationId("target.principal.organization", principal.getOrganization());
        PrincipalName name =
            Fields.recorded("target.principal.principal", principal.getPrincipal());
        yield new Mutation<>(organization, new Command.SuspendPrincipal(name, suspend), answer);
      }
      case RESOURCE -> {
        ResourceName name = Fields.resource("target.resource", target.getResource());
        yield new Mutation<>(
            name.organizationId(), new Command.SuspendResource(name, suspend), answer);
      }
      case ORGANIZATION -> {
        String id = Fields.organizationId("target.organization", target.getOrganization());
        requireSystemAdministrator(id, requester);
        yield new Mutation<>(SYSTEM_ID, new Command.SuspendOrganization(id, suspend), answer);
      }
      case TARGET_NOT_SET ->
          throw Fields.invalid("target", "", "exactly one of principal, resource and organization");
    };
  }

  private static void requireSystemAdministrator(String id, Requester requester) {
    if (!requester.isSystemAdministrator()) {
      throw Refusal.notPermitted(
              "organizations are switched off and on by the system administrator",
              requester.shown(),
              "administrator",
              AdminMessages.organizationName(id),
              "")
          .asException();
    }
  }
}
