package dev.modelgate.grpc;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.model.Refusal;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.BatchCheckResult;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Collects the results of a batch, which come from several threads, and answers with the last one.
 */
final class Batch {
  private final ServerCallStreamObserver<BatchCheckResponse> call;
  private final CheckMessages messages;
  private final ErrorMapper errors;
  private final Object turn = Connection.turn();
  private final AtomicReferenceArray<BatchCheckResult> results;
  private final AtomicInteger missing;

  Batch(
      int size,
      ServerCallStreamObserver<BatchCheckResponse> call,
      CheckMessages messages,
      ErrorMapper errors) {
    this.call = call;
    this.messages = messages;
    this.errors = errors;
    this.results = new AtomicReferenceArray<>(size);
    this.missing = new AtomicInteger(size);
  }

  /** The sink of the item at that place. */
  AnswerSink item(int index) {
    return new AnswerSink() {
      @Override
      public void answered(Answer answer) {
        put(index, messages.result(answer));
      }

      @Override
      public void refused(Refusal refusal) {
        put(index, BatchCheckResult.newBuilder().setError(errors.toItemError(refusal)).build());
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
    };
  }

  private void put(int index, BatchCheckResult result) {
    results.set(index, result);
    if (missing.decrementAndGet() == 0) {
      List<BatchCheckResult> all = new java.util.ArrayList<>(results.length());
      for (int i = 0; i < results.length(); i++) {
        all.add(results.get(i));
      }
      call.onNext(BatchCheckResponse.newBuilder().addAllResults(all).build());
      call.onCompleted();
    }
  }
}
