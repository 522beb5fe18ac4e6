package dev.modelgate.proof;

import com.google.protobuf.Timestamp;
import dev.modelgate.decision.ReferenceEvaluator;
import dev.modelgate.decision.ReferenceWorld.PlainGrant;
import dev.modelgate.decision.Verdict;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the reference evaluator says to a question about a recorded world. */
final class Oracle {
  private final RecordedWorld world;
  private final String defaultParent;

  /** An oracle. It keeps nothing from one question to the next; for use by several threads. */
  Oracle(RecordedWorld world, String defaultParent) {
    this.world = world;
    this.defaultParent = defaultParent;
  }

  /**
   * What has to be answered.
   *
   * @param untilMicros the nearest time ahead at which a grant begins or ends that the evaluation
   *     of any link looked at, for then the answer could be another
   */
  record Expected(Verdict verdict, long untilMicros) {
    boolean agrees(CheckResponse answer) {
      Decision decision = verdict.allowed() ? Decision.DECISION_ALLOW : Decision.DECISION_DENY;
      return answer.getDecision() == decision
          && answer.getReason().equals(verdict.reason())
          && answer.getDeniedLink().equals(verdict.deniedLink())
          && untilMicros == (answer.hasValidUntil() ? micros(answer) : Micros.NEVER);
    }

    private static long micros(CheckResponse answer) {
      Timestamp until = answer.getValidUntil();
      return until.getSeconds() * 1_000_000 + until.getNanos() / 1_000;
    }
  }

  /** What has to be answered at that time. */
  Expected expected(CheckRequest question, long nowMicros) {
    PrincipalName caller = PrincipalName.parse(question.getPrincipal());
    ResourceName resource = ResourceName.complete(question.getModel(), defaultParent);
    List<PrincipalName> chain = new ArrayList<>();
    question.getActingThroughList().forEach(link -> chain.add(PrincipalName.parse(link)));
    long[] until = {Micros.NEVER};
    RecordedWorld watched =
        world.watched(grant -> until[0] = Math.min(until[0], ahead(grant, nowMicros)));
    Verdict verdict =
        ReferenceEvaluator.evaluate(
            watched, caller, chain, resource, question.getAction(), nowMicros);
    if (!verdict.allowed()) {
      // It ends at the first denied link, and the ends of the others count too.
      for (PrincipalName link : chain) {
        ReferenceEvaluator.evaluate(
            watched, link, List.of(), resource, question.getAction(), nowMicros);
      }
    }
    return new Expected(verdict, until[0]);
  }

  /**
   * Why an answer is wrong; empty when it is right at some time between sending and receiving. Of
   * those times only the first and the ends of what held before need be looked at.
   */
  Optional<String> fault(
      CheckRequest question, CheckResponse answer, long sentMicros, long receivedMicros) {
    Expected expected = expected(question, sentMicros);
    Expected first = expected;
    while (!expected.agrees(answer)) {
      if (expected.untilMicros() > receivedMicros) {
        return Optional.of(
            "%sanswered %sbetween %d and %d instead of %s %s until %d:%n%s"
                .formatted(
                    question,
                    answer,
                    sentMicros,
                    receivedMicros,
                    first.verdict().allowed(),
                    first.verdict().reason(),
                    first.untilMicros(),
                    first.verdict().derivation()));
      }
      expected = expected(question, expected.untilMicros());
    }
    return Optional.empty();
  }

  private static long ahead(PlainGrant grant, long nowMicros) {
    if (nowMicros < grant.notBeforeMicros()) {
      return grant.notBeforeMicros();
    }
    return nowMicros < grant.expiresAtMicros() ? grant.expiresAtMicros() : Micros.NEVER;
  }
}
