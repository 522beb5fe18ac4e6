package dev.modelgate.proof;

import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceStub;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.BatchCheckResult;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Asks many questions with a bounded number in flight, and hands each answer to a judge. */
final class Asker {
  private static final int BATCH = 1_000;
  private static final int BATCHES_IN_FLIGHT = 4;
  private static final int STREAMED_IN_FLIGHT = 4_000;
  private static final int PATIENCE_SECONDS = 120;

  private final AuthorizationServiceStub stub;

  Asker(AuthorizationServiceStub stub) {
    this.stub = stub;
  }

  /** Looks at the answer to one question; throws when it is wrong. Called by several threads. */
  @FunctionalInterface
  interface Judge {
    void judge(int index, CheckResponse answer);
  }

  /** Asks by BatchCheck. */
  void batches(int from, int to, IntFunction<CheckRequest> questions, Judge judge)
      throws InterruptedException {
    Pending pending = new Pending(BATCHES_IN_FLIGHT);
    for (int begin = from; begin < to; begin += BATCH) {
      BatchCheckRequest.Builder batch = BatchCheckRequest.newBuilder();
      for (int i = begin; i < Math.min(begin + BATCH, to); i++) {
        batch.addItems(questions.apply(i));
      }
      int first = begin;
      pending.begin();
      stub.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
          .batchCheck(
              batch.build(),
              new StreamObserver<BatchCheckResponse>() {
                @Override
                public void onNext(BatchCheckResponse response) {
                  pending.judge(() -> judgeBatch(first, batch.build(), response, judge));
                }

                @Override
                public void onError(Throwable t) {
                  pending.fail(t);
                }

                @Override
                public void onCompleted() {
                  pending.end();
                }
              });
    }
    pending.await();
  }

  private static void judgeBatch(
      int first, BatchCheckRequest batch, BatchCheckResponse response, Judge judge) {
    if (response.getResultsCount() != batch.getItemsCount()) {
      throw new AssertionError(response.getResultsCount() + " results");
    }
    for (int i = 0; i < response.getResultsCount(); i++) {
      BatchCheckResult result = response.getResults(i);
      if (!result.hasResponse()) {
        throw new AssertionError(batch.getItems(i) + ": " + result);
      }
      judge.judge(first + i, result.getResponse());
    }
  }

  /** Asks by one StreamCheck. */
  void stream(int from, int to, IntFunction<CheckRequest> questions, Judge judge)
      throws InterruptedException {
    Pending pending = new Pending(STREAMED_IN_FLIGHT);
    AtomicLong answered = new AtomicLong();
    StreamObserver<StreamCheckRequest> out =
        stub.streamCheck(
            new StreamObserver<StreamCheckResponse>() {
              @Override
              public void onNext(StreamCheckResponse response) {
                int index = (int) response.getId();
                pending.judge(
                    () -> {
                      if (!response.hasResponse()) {
                        throw new AssertionError(questions.apply(index) + ": " + response);
                      }
                      judge.judge(index, response.getResponse());
                    });
                answered.incrementAndGet();
                pending.end();
              }

              @Override
              public void onError(Throwable t) {
                pending.fail(t);
              }

              @Override
              public void onCompleted() {}
            });
    for (int i = from; i < to; i++) {
      pending.begin();
      out.onNext(StreamCheckRequest.newBuilder().setId(i).setCheck(questions.apply(i)).build());
    }
    out.onCompleted();
    pending.await();
    if (answered.get() != to - from) {
      throw new AssertionError(answered + " answers to " + (to - from) + " questions");
    }
  }

  /** What is in flight, and the first failure. */
  private static final class Pending {
    private final int max;
    private final Semaphore free;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Pending(int max) {
      this.max = max;
      this.free = new Semaphore(max);
    }

    /** Runs a judgement; a failure ends the asking. */
    void judge(Runnable judgement) {
      try {
        judgement.run();
      } catch (RuntimeException | AssertionError e) {
        fail(e);
      }
    }

    void begin() throws InterruptedException {
      acquire(1);
    }

    void end() {
      free.release();
    }

    void fail(Throwable t) {
      failure.compareAndSet(null, t);
      free.release(max);
    }

    void await() throws InterruptedException {
      acquire(max);
    }

    private void acquire(int permits) throws InterruptedException {
      boolean acquired = free.tryAcquire(permits, PATIENCE_SECONDS, TimeUnit.SECONDS);
      Throwable failed = failure.get();
      if (failed != null) {
        throw new AssertionError("asking failed", failed);
      }
      if (!acquired) {
        throw new AssertionError("no answer for " + PATIENCE_SECONDS + " s");
      }
    }
  }
}
