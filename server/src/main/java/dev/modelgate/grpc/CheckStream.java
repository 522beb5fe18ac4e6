package dev.modelgate.grpc;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.check.Claims;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.identity.Asking;
import dev.modelgate.model.Refusal;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * One stream of questions. Up to {@value #IN_FLIGHT_MAX} are taken in before one is answered; a
 * question is asked for only when an answer was written and the caller reads what is written, so a
 * slow reader holds back only itself.
 */
final class CheckStream implements StreamObserver<StreamCheckRequest> {
  /** The most questions of one stream that are taken in and not answered. */
  static final int IN_FLIGHT_MAX = 1_024;

  /**
   * Questions are asked for in such portions, for each time costs as much as a message. What is not
   * asked for yet is less than one, so some always are while few are unanswered.
   */
  private static final int PORTION = 64;

  private final Authorizer authorizer;
  private final CheckMessages messages;
  private final AskingBounds bounds;
  private final CheckTrail trail;
  private final Asking asking = CallerContext.ASKING.get();
  private final Claims claims = CheckMessages.claims();
  private final ErrorMapper errors;
  private final Object turn = Connection.turn();
  private final ServerCallStreamObserver<StreamCheckResponse> call;

  /** Written by the one thread at a time that takes in; of use to others once it is all in. */
  private long asked;

  // Guarded by this.
  private long answered;
  private int owed;
  private boolean halfClosed;
  private boolean ended;

  CheckStream(
      Authorizer authorizer,
      CheckMessages messages,
      AskingBounds bounds,
      CheckTrail trail,
      ErrorMapper errors,
      ServerCallStreamObserver<StreamCheckResponse> call) {
    this.authorizer = authorizer;
    this.messages = messages;
    this.bounds = bounds;
    this.trail = trail;
    this.errors = errors;
    this.call = call;
    call.disableAutoRequest();
    call.setOnReadyHandler(this::ready);
    call.setOnCancelHandler(this::end);
    call.request(IN_FLIGHT_MAX);
  }

  @Override
  public void onNext(StreamCheckRequest request) {
    asked++;
    AnswerSink sink = trail.item(request.getCheck(), new Sink(request.getId()));
    try {
      Question question = messages.question(request.getCheck(), Consistency.CURRENT, claims);
      bounds.check(authorizer, asking, question, sink);
    } catch (RuntimeException e) {
      sink.refused(errors.toRefusal(e));
    }
  }

  @Override
  public void onError(Throwable thrown) {
    end();
  }

  @Override
  public synchronized void onCompleted() {
    halfClosed = true;
    completeWhenDone();
  }

  private synchronized void end() {
    ended = true;
  }

  private synchronized void ready() {
    if (owed > 0 && !ended && !halfClosed) {
      call.request(owed);
      owed = 0;
    }
  }

  private synchronized void write(StreamCheckResponse response) {
    answered++;
    if (ended || call.isCancelled()) {
      return;
    }
    call.onNext(response);
    owed++;
    if (owed >= PORTION && call.isReady()) {
      ready();
    }
    completeWhenDone();
  }

  private void completeWhenDone() {
    if (halfClosed && answered == asked && !ended) {
      ended = true;
      call.onCompleted();
    }
  }

  private final class Sink implements AnswerSink {
    private final long id;

    Sink(long id) {
      this.id = id;
    }

    @Override
    public void answered(Answer answer) {
      write(
          StreamCheckResponse.newBuilder()
              .setId(id)
              .setResponse(messages.response(answer))
              .build());
    }

    @Override
    public void refused(Refusal refusal) {
      write(
          StreamCheckResponse.newBuilder().setId(id).setError(errors.toItemError(refusal)).build());
    }

    @Override
    public boolean isCancelled() {
      return call.isCancelled();
    }

    @Override
    public Object caller() {
      return turn;
    }

    @Override
    public boolean isPatient() {
      return true;
    }
  }
}
