package dev.modelgate.grpc;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.Stopwatch;
import dev.modelgate.model.Refusal;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.BatchCheckResult;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Collects the results of a batch, which come from several threads, and answers with the last one.
 */
final class Batch {
  private final ServerCallStreamObserver<BatchCheckResponse> call;
  private final CheckMessages messages;
  private final ErrorMapper errors;
  private final Object turn = Connection.turn();
  // Items are asked for in turn, all on one thread.
  private final Stopwatch stopwatch = new Stopwatch();
  // Each place is written once; the last of the writers to count down sees all of them.
  private final @Nullable BatchCheckResult[] results;
  private final AtomicInteger missing;

  Batch(
      int size,
      ServerCallStreamObserver<BatchCheckResponse> call,
      CheckMessages messages,
      ErrorMapper errors) {
    this.call = call;
    this.messages = messages;
    this.errors = errors;
    this.results = new BatchCheckResult[size];
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
      public Stopwatch stopwatch() {
        return stopwatch;
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
    results[index] = result;
    if (missing.decrementAndGet() == 0) {
      BatchCheckResponse.Builder all = BatchCheckResponse.newBuilder();
      for (BatchCheckResult each : results) {
        all.addResults(Objects.requireNonNull(each));
      }
      call.onNext(all.build());
      call.onCompleted();
    }
  }
}
