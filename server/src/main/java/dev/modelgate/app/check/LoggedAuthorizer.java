package dev.modelgate.app.check;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.model.Refusal;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/**
 * Tells the decision log of one in N checks. A check that is not told costs one random number, and
 * allocates nothing; who wants no log puts the other authorizer in its place, and pays nothing.
 */
public final class LoggedAuthorizer implements Authorizer {
  private final Authorizer authorizer;
  private final DecisionLog log;
  private final int every;
  private final Supplier<String> caller;
  private final MonotoneClock clock;

  /**
   * Tells of the answers of another one.
   *
   * @param every one in how many checks is told, 1 for all
   * @param caller the credential of who asks, where the sink does not say; called on the asking
   *     thread
   */
  public LoggedAuthorizer(
      Authorizer authorizer,
      DecisionLog log,
      int every,
      Supplier<String> caller,
      MonotoneClock clock) {
    if (every < 1) {
      throw new IllegalArgumentException("every: " + every + " (expected: 1 or more)");
    }
    this.authorizer = authorizer;
    this.log = log;
    this.every = every;
    this.caller = caller;
    this.clock = clock;
  }

  @Override
  public void check(Question question, AnswerSink sink) {
    authorizer.check(question, isTold() ? new Told(question, sink, asking(sink)) : sink);
  }

  @Override
  public void refuse(Question question, Refusal refusal, AnswerSink sink) {
    authorizer.refuse(question, refusal, isTold() ? new Told(question, sink, asking(sink)) : sink);
  }

  @Override
  public Actions listActions(Question question) {
    return authorizer.listActions(question);
  }

  @Override
  public String asking() {
    return caller.get();
  }

  @Override
  public void changed(Question question, String asking, Answer answer, long nanos) {
    if (isTold()) {
      record(question, asking, answer, nanos);
    }
  }

  private String asking(AnswerSink sink) {
    String known = sink.asking();
    return known.isEmpty() ? caller.get() : known;
  }

  private void record(Question question, String asking, Answer answer, long nanos) {
    String outcome =
        answer.allowed() ? "allow" : answer.reason().isEmpty() ? "conditional" : "deny";
    log.record(
        decision(
            question,
            asking,
            outcome,
            answer.reason(),
            answer.deniedLink(),
            answer.missing(),
            answer.revision(),
            nanos));
  }

  private Decision decision(
      Question question,
      String asking,
      String outcome,
      String reason,
      String deniedLink,
      Set<String> missing,
      String revision,
      long nanos) {
    return new Decision(
        clock.nowMicros(),
        question.principal(),
        question.actingThrough(),
        question.model(),
        question.action(),
        outcome,
        reason,
        deniedLink,
        missing,
        revision,
        asking,
        nanos);
  }

  private boolean isTold() {
    return every == 1 || ThreadLocalRandom.current().nextInt(every) == 0;
  }

  /** Tells what becomes of one check, after whoever waits for it knows. */
  private final class Told implements AnswerSink {
    private final Question question;
    private final AnswerSink sink;
    private final String asking;
    private final long start = System.nanoTime();

    Told(Question question, AnswerSink sink, String asking) {
      this.question = question;
      this.sink = sink;
      this.asking = asking;
    }

    @Override
    public void answered(Answer answer) {
      long nanos = System.nanoTime() - start;
      sink.answered(answer);
      record(question, asking, answer, nanos);
    }

    @Override
    public void refused(Refusal refusal) {
      long nanos = System.nanoTime() - start;
      sink.refused(refusal);
      log.record(
          decision(question, asking, "error", refusal.fault().name(), "", Set.of(), "", nanos));
    }

    @Override
    public boolean isCancelled() {
      return sink.isCancelled();
    }

    @Override
    public Stopwatch stopwatch() {
      return sink.stopwatch();
    }

    @Override
    public Object caller() {
      return sink.caller();
    }

    @Override
    public String asking() {
      return asking;
    }

    @Override
    public boolean isPatient() {
      return sink.isPatient();
    }

    @Override
    public Optional<Grounds> grounds() {
      return sink.grounds();
    }
  }
}
