package dev.modelgate.grpc;

import dev.modelgate.app.identity.Asking;
import dev.modelgate.app.query.ExplainQuery;
import dev.modelgate.app.query.Explanation;
import dev.modelgate.app.query.Lookups;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.ExplainRequest;
import dev.modelgate.v1.ExplainResponse;
import dev.modelgate.v1.ExplainStep;
import dev.modelgate.v1.Granter;

/** Reads and answers the requests for explanations. */
final class ExplainRpcs {
  private final Lookups lookups;

  ExplainRpcs(Lookups lookups) {
    this.lookups = lookups;
  }

  ExplainResponse explain(ExplainRequest request, Requester requester, Asking asking) {
    ExplainQuery query =
        new ExplainQuery(
            Fields.principal("principal", request.getPrincipal()),
            Fields.resource("model", request.getModel()),
            CheckMessages.action(request.getAction()),
            LookupRpcs.context(request.getContext()));
    AskingBounds.require(asking, query.resource(), query.principal());
    Explanation found = lookups.explain(query, requester);
    ExplainResponse.Builder response =
        ExplainResponse.newBuilder()
            .setDecision(decision(found))
            .setReason(found.reason())
            .addAllMissingAttributes(
                LookupRpcs.bounded(
                    found.missing().stream().filter(name -> !name.isEmpty()).toList()))
            .setRevision(found.revision())
            .addAllLackingPermissions(found.lacking())
            .setText(text(query, found));
    found.steps().forEach(step -> response.addSteps(step(step)));
    for (Explanation.Granter granter : found.granters()) {
      response.addGranters(
          Granter.newBuilder()
              .setPrincipal(granter.principal())
              .setResource(granter.resource())
              .setRole(granter.role()));
    }
    if (found.validUntilMicros() != Micros.NEVER) {
      response.setValidUntil(LookupRpcs.timestamp(found.validUntilMicros()));
    }
    return response.build();
  }

  private static Decision decision(Explanation found) {
    if (!found.reason().isEmpty()) {
      return Decision.DECISION_DENY;
    }
    return found.missing().isEmpty() ? Decision.DECISION_ALLOW : Decision.DECISION_CONDITIONAL;
  }

  private static ExplainStep step(Explanation.Step step) {
    return ExplainStep.newBuilder()
        .setKind(ExplainStep.Kind.valueOf("KIND_" + step.kind().name()))
        .setEffect(ExplainStep.Effect.valueOf("EFFECT_" + step.effect().name()))
        .setResource(step.resource())
        .addAllPath(step.path())
        .setName(step.name())
        .addAllPermissions(step.permissions())
        .setCondition(step.condition())
        .setWhy(step.why())
        .build();
  }

  private static String text(ExplainQuery query, Explanation found) {
    StringBuilder text = new StringBuilder();
    text.append(decision(found).name().replace("DECISION_", ""));
    text.append(found.reason().isEmpty() ? "" : " " + found.reason());
    text.append(": ").append(query.principal()).append(' ').append(query.action());
    text.append(" on ").append(query.resource());
    for (Explanation.Step step : found.steps()) {
      text.append("\n- ").append(step.text());
    }
    for (Explanation.Granter granter : found.granters()) {
      text.append("\n? ").append(granter.principal()).append(" could help");
      if (!granter.role().isEmpty()) {
        text.append(": grant `").append(granter.role()).append('`');
      }
      text.append(" on ").append(granter.resource());
    }
    return text.toString();
  }
}
