package dev.modelgate.proxy;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.check.Request;
import dev.modelgate.client.protect.Target;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.proxy.Verdict.Outcome;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The checks of all models that one request names; their answers come from several threads, and the
 * last one decides: all are allowed, or the first that is not says why.
 */
final class TargetChecks {
  private final List<Target> targets;
  private final Proven who;
  private final Gate.Asker asker;
  private final Gate.Sink sink;
  private final AtomicReferenceArray<Verdict> verdicts;
  private final AtomicInteger missing;

  TargetChecks(List<Target> targets, Proven who, Gate.Asker asker, Gate.Sink sink) {
    this.targets = targets;
    this.who = who;
    this.asker = asker;
    this.sink = sink;
    this.verdicts = new AtomicReferenceArray<>(targets.size());
    this.missing = new AtomicInteger(targets.size());
  }

  void begin(Authorizer authorizer) {
    for (int i = 0; i < targets.size(); i++) {
      Target target = targets.get(i);
      authorizer.check(
          new Question(
              who.principal(),
              target.resource(),
              target.action(),
              who.actingThrough(),
              Consistency.CURRENT,
              Request.EMPTY.with(who.claims())),
          new One(i));
    }
  }

  private void put(int index, Verdict verdict) {
    verdicts.set(index, verdict);
    if (missing.decrementAndGet() > 0) {
      return;
    }
    Verdict first = verdicts.get(0);
    for (int i = 0; i < verdicts.length(); i++) {
      if (!verdicts.get(i).allowed()) {
        sink.decided(verdicts.get(i));
        return;
      }
    }
    // Of several there is none to name, and no revision that holds for all of them.
    sink.decided(
        targets.size() == 1
            ? first
            : new Verdict(
                Outcome.ALLOWED, "", "", who.principal(), "", targets.get(0).action(), ""));
  }

  private Verdict verdict(int index, Outcome outcome, String reason, String revision) {
    Target target = targets.get(index);
    return new Verdict(
        outcome, reason, reason, who.principal(), target.resource(), target.action(), revision);
  }

  private final class One implements AnswerSink {
    private final int index;

    One(int index) {
      this.index = index;
    }

    @Override
    public void answered(Answer answer) {
      if (answer.allowed()) {
        put(index, verdict(index, Outcome.ALLOWED, "", answer.revision()));
      } else {
        String reason = answer.reason().isEmpty() ? "CONDITIONAL" : answer.reason();
        put(index, verdict(index, Outcome.DENIED, reason, answer.revision()));
      }
    }

    /** A question that is refused is a denial: asking again does not help. */
    @Override
    public void refused(Refusal refusal) {
      put(
          index,
          refusal.fault().category() == Fault.Category.INVALID
              ? verdict(index, Outcome.DENIED, refusal.fault().name(), "")
              : Verdict.unavailable());
    }

    @Override
    public boolean isCancelled() {
      return asker.isCancelled().getAsBoolean();
    }

    @Override
    public Object caller() {
      return asker.turn();
    }

    /** Not whoever is proven by the proxy's request, who is the principal. */
    @Override
    public String asking() {
      return asker.credential();
    }
  }
}
