package dev.modelgate.app.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.store.Micros;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which checks are told, and what is told of them. */
final class LoggedAuthorizerTest {
  private static final MonotoneClock CLOCK =
      new MonotoneClock(Clock.fixed(Instant.ofEpochSecond(7), ZoneOffset.UTC));
  private static final Question QUESTION =
      new Question("user:ana", "fraud", "predict", List.of("app:portal"), Consistency.CURRENT);

  private final List<Decision> told = new ArrayList<>();
  private final List<Object> outcomes = new ArrayList<>();

  @Test
  void everyOutcome_isToldAsItWas() {
    Answer allowed = new Answer("", "", Set.of(), "r1", Micros.NEVER);
    Answer denied = new Answer("NO_GRANT", "app:portal", Set.of(), "r2", Micros.NEVER);
    Answer conditional = new Answer("", "", Set.of("context.a"), "r3", Micros.NEVER);
    Refusal refusal = Refusal.of(Fault.OVERLOADED, "too many");
    for (Answer answer : List.of(allowed, denied, conditional)) {
      logged(1, answering(answer)).check(QUESTION, sink());
    }
    logged(1, refusing(refusal)).check(QUESTION, sink());
    assertEquals(List.of(allowed, denied, conditional, refusal), outcomes);
    assertEquals(
        List.of(
            "allow  r1  []",
            "deny NO_GRANT r2 app:portal []",
            "conditional  r3  [context.a]",
            "error OVERLOADED   []"),
        told.stream()
            .map(
                d ->
                    String.join(
                        " ",
                        d.outcome(),
                        d.reason(),
                        d.revision(),
                        d.deniedLink(),
                        d.missing().toString()))
            .toList());
    for (Decision decision : told) {
      assertEquals("user:ana", decision.principal());
      assertEquals(List.of("app:portal"), decision.actingThrough());
      assertEquals("fraud", decision.resource());
      assertEquals("predict", decision.action());
      assertEquals("jwt:corp:1", decision.caller());
      assertEquals(7_000_000, decision.atMicros());
      assertTrue(decision.nanos() >= 0);
    }
  }

  @Test
  void refusalOfWhatMayNotBeAsked_isToldAndAnsweredByTheOther() {
    List<Refusal> seen = new ArrayList<>();
    Authorizer other =
        new Checks() {
          @Override
          public void check(Question question, AnswerSink sink) {
            throw new AssertionError("it may not be asked");
          }

          @Override
          public void refuse(Question question, Refusal refusal, AnswerSink sink) {
            seen.add(refusal);
            sink.refused(refusal);
          }
        };
    Refusal refusal = Refusal.of(Fault.NOT_PERMITTED, "not this one");
    logged(1, other).refuse(QUESTION, refusal, sink());
    assertEquals(List.of(refusal), seen);
    assertEquals(List.of(refusal), outcomes);
    assertEquals("error NOT_PERMITTED", told.get(0).outcome() + " " + told.get(0).reason());
    logged(Integer.MAX_VALUE, other).refuse(QUESTION, refusal, sink());
    assertEquals(1, told.size());
  }

  @Test
  void checkThatIsNotSampled_goesOnAsItCame() {
    List<AnswerSink> sinks = new ArrayList<>();
    AnswerSink mine = sink();
    Authorizer logged = logged(Integer.MAX_VALUE, (Checks) (question, sink) -> sinks.add(sink));
    logged.check(QUESTION, mine);
    assertSame(mine, sinks.get(0));
  }

  /** Nothing is read, made or told for it: neither its caller nor the time, and no memory taken. */
  @Test
  void checkThatIsNotSampled_doesNoWorkForTheLog() {
    AnswerSink mine = sink();
    List<AnswerSink> last = new ArrayList<>(List.of(mine));
    Clock noClock =
        new Clock() {
          @Override
          public ZoneOffset getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            throw new AssertionError("the time was read");
          }
        };
    Authorizer logged =
        new LoggedAuthorizer(
            (Checks) (question, sink) -> last.set(0, sink),
            decision -> {
              throw new AssertionError("a decision was told");
            },
            Integer.MAX_VALUE,
            () -> {
              throw new AssertionError("the caller was asked for");
            },
            new MonotoneClock(noClock));
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int checks = 100_000;
    long took = 0;
    for (int round = 0; round < 2; round++) { // The first makes what is made once.
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < checks; i++) {
        logged.check(QUESTION, mine);
      }
      took = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertSame(mine, last.get(0));
    assertTrue(took < checks, "bytes for " + checks + " checks: " + took);
  }

  @Test
  void sampling_tellsAboutOneInN() {
    Authorizer logged = logged(10, answering(new Answer("", "", Set.of(), "r1", Micros.NEVER)));
    for (int i = 0; i < 100_000; i++) {
      logged.check(QUESTION, sink());
    }
    // Ten standard deviations: sqrt(100,000 * 0.1 * 0.9) is 95.
    assertTrue(Math.abs(told.size() - 10_000) < 950, "told " + told.size());
  }

  @Test
  void loggedCheck_isAskedByWhoAsksAndAsPatiently() {
    List<Object> seen = new ArrayList<>();
    Checks asking = (question, sink) -> seen.addAll(List.of(sink.caller(), sink.isPatient()));
    logged(1, asking).check(QUESTION, sink());
    assertEquals(List.of("ana", true), seen);
  }

  private Authorizer logged(int every, Authorizer checks) {
    return new LoggedAuthorizer(checks, told::add, every, () -> "jwt:corp:1", CLOCK);
  }

  private static Checks answering(Answer answer) {
    return (question, sink) -> sink.answered(answer);
  }

  private static Checks refusing(Refusal refusal) {
    return (question, sink) -> sink.refused(refusal);
  }

  private AnswerSink sink() {
    return new AnswerSink() {
      @Override
      public void answered(Answer answer) {
        outcomes.add(answer);
      }

      @Override
      public void refused(Refusal refusal) {
        outcomes.add(refusal);
      }

      @Override
      public Object caller() {
        return "ana";
      }

      @Override
      public boolean isPatient() {
        return true;
      }
    };
  }

  /** An authorizer that only checks. */
  @FunctionalInterface
  private interface Checks extends Authorizer {
    @Override
    default Actions listActions(Question question) {
      throw new UnsupportedOperationException("not asked here");
    }
  }
}
