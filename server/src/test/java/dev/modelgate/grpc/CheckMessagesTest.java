package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.app.check.Answer;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.BatchCheckResult;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is written once and used again is what each answer says. */
final class CheckMessagesTest {
  private static final List<String> REASONS = List.of("", "", "NO_GRANT", "ACCESS", "CEILING");
  private static final int REVISIONS = 3_000;
  private static final int ANSWERS = 100_000;
  private static final long UNTIL_SECONDS = 2_000_000_000;

  private final SplittableRandom random = new SplittableRandom(1);
  private final CheckMessages messages = new CheckMessages();

  @Test
  void responses_ofManyAnswersInTurn_areThoseOfEach() {
    for (int i = 0; i < ANSWERS; i++) {
      Answer answer = answer();
      CheckResponse response = messages.response(answer);
      assertEquals(decision(answer), response.getDecision(), answer.toString());
      assertEquals(answer.reason(), response.getReason(), answer.toString());
      assertEquals(answer.revision(), response.getRevision(), answer.toString());
      assertEquals(answer.deniedLink(), response.getDeniedLink(), answer.toString());
      assertEquals(answer.missing(), Set.copyOf(response.getMissingAttributesList()));
      assertEquals(answer.validUntilMicros() != Micros.NEVER, response.hasValidUntil());
      assertEquals(
          BatchCheckResult.newBuilder().setResponse(response).build(), messages.result(answer));
    }
  }

  private Answer answer() {
    String reason = REASONS.get(random.nextInt(REASONS.size()));
    Set<String> missing =
        reason.isEmpty() && random.nextInt(8) == 0 ? Set.of("request.ip") : Set.of();
    String link = !reason.isEmpty() && random.nextInt(8) == 0 ? "app:a" + random.nextInt(3) : "";
    String revision = "revision" + random.nextInt(random.nextBoolean() ? 3 : REVISIONS);
    long until = random.nextInt(8) == 0 ? UNTIL_SECONDS * 1_000_000 : Micros.NEVER;
    return new Answer(reason, link, missing, revision, until);
  }

  private static Decision decision(Answer answer) {
    if (answer.allowed()) {
      return Decision.DECISION_ALLOW;
    }
    return answer.reason().isEmpty() ? Decision.DECISION_CONDITIONAL : Decision.DECISION_DENY;
  }
}
