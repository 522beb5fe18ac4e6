package dev.modelgate.grpc;

import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.audit.TrailEvent.Kind;
import dev.modelgate.app.check.AccessListener;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.Grounds;
import dev.modelgate.app.check.Stopwatch;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.decision.Reason;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.v1.CheckRequest;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Reports to the audit trail what the end of a call does not tell: a refused item of a batch or
 * stream, as the same question alone is reported, and a link that is unknown or shows a wrong
 * secret, which is a denial to who asks and a failed login to who looks for attempts. What one
 * caller may write in a time is bounded by the trail.
 */
final class CheckTrail {
  private static final String SERVICE = "modelgate.v1.AuthorizationService/";
  private static final String LINK = "link:";

  private final AuditTrail trail;
  private final String method;
  private final Caller caller = CallerContext.KEY.get();
  private final String peer = Connection.peer();

  /**
   * That of the present call.
   *
   * @param method its name
   */
  CheckTrail(AuditTrail trail, String method) {
    this.trail = trail;
    this.method = SERVICE + method;
  }

  /** Whether the principal of a question is an external link, which its secret authenticates. */
  static boolean isLink(CheckRequest question) {
    return question.getPrincipal().startsWith(LINK);
  }

  /** Watches what becomes of a question that is one of many in its call. */
  AnswerSink item(CheckRequest question, AnswerSink sink) {
    return new Watching(question, sink, true);
  }

  /** Watches what becomes of the one question of a call, whose refusals its end tells of. */
  AnswerSink alone(CheckRequest question, AnswerSink sink) {
    return new Watching(question, sink, false);
  }

  /** Watches what the first answer to a watched question is; changes of it are no attempts. */
  AccessListener first(CheckRequest question, AccessListener listener) {
    return new FirstAnswer(question, listener);
  }

  private void refused(CheckRequest question, Refusal refusal) {
    switch (ErrorMapper.code(refusal.fault())) {
      case PERMISSION_DENIED ->
          record(Kind.REFUSAL, refusal.fault().name(), refusal.metadata(), question);
      case UNAUTHENTICATED ->
          record(Kind.LOGIN_FAILURE, refusal.fault().name(), refusal.metadata(), question);
      default -> {
        // No attempt at anything.
      }
    }
  }

  private void answered(CheckRequest question, Answer answer) {
    if (answer.reason().equals(Reason.PRINCIPAL_UNKNOWN)
        && answer.deniedLink().isEmpty()
        && isLink(question)) {
      record(Kind.LOGIN_FAILURE, "LINK_UNKNOWN", Map.of(), question);
    }
  }

  private void record(Kind kind, String what, Map<String, String> told, CheckRequest question) {
    RequestFacts facts = RequestFacts.of(question);
    boolean known = caller.isAuthenticated();
    trail.record(
        TrailEvent.of(kind, what)
            .by(
                known ? caller.credential() : "",
                caller.principal().map(PrincipalName::toString).orElse(""),
                known ? caller.peer() : peer)
            .through(method)
            .on(facts.organization(), facts.resource())
            .about(facts.principals())
            .changing(Map.of(), told)
            .build());
  }

  private final class Watching implements AnswerSink {
    private final CheckRequest question;
    private final AnswerSink sink;
    private final boolean isItem;

    Watching(CheckRequest question, AnswerSink sink, boolean isItem) {
      this.question = question;
      this.sink = sink;
      this.isItem = isItem;
    }

    /** The event is on its way before the caller knows. */
    @Override
    public void answered(Answer answer) {
      CheckTrail.this.answered(question, answer);
      sink.answered(answer);
    }

    @Override
    public void refused(Refusal refusal) {
      if (isItem) {
        CheckTrail.this.refused(question, refusal);
      }
      sink.refused(refusal);
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
    public boolean isPatient() {
      return sink.isPatient();
    }

    @Override
    public Optional<Grounds> grounds() {
      return sink.grounds();
    }
  }

  private final class FirstAnswer implements AccessListener {
    private final CheckRequest question;
    private final AccessListener listener;
    private final AtomicBoolean isAnswered = new AtomicBoolean();

    FirstAnswer(CheckRequest question, AccessListener listener) {
      this.question = question;
      this.listener = listener;
    }

    @Override
    public void told(Answer answer) {
      if (isAnswered.compareAndSet(false, true)) {
        CheckTrail.this.answered(question, answer);
      }
      listener.told(answer);
    }

    @Override
    public void lost(Refusal refusal) {
      if (isAnswered.compareAndSet(false, true)) {
        CheckTrail.this.refused(question, refusal);
      }
      listener.lost(refusal);
    }
  }
}
