package dev.modelgate.proof;

import dev.modelgate.store.Micros;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceStub;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.BatchCheckResult;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Asks many questions with a bounded number in flight, and hands each answer to a judge, once; an
 * error instead of an answer, or an answer to nothing, is a failure.
 */
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
    void judge(int index, Sent sent, CheckResponse answer);
  }

  /** A question on its way, and when it set out, in microseconds since 1970. */
  record Sent(CheckRequest question, long atMicros) {}

  /** Asks by BatchCheck. */
  void batches(int from, int to, IntFunction<CheckRequest> questions, Judge judge)
      throws InterruptedException {
    Pending pending = new Pending(BATCHES_IN_FLIGHT);
    for (int begin = from; begin < to; begin += BATCH) {
      BatchCheckRequest.Builder batch = BatchCheckRequest.newBuilder();
      for (int i = begin; i < Math.min(begin + BATCH, to); i++) {
        batch.addItems(questions.apply(i));
      }
      BatchCheckRequest request = batch.build();
      int first = begin;
      pending.begin();
      long sentMicros = nowMicros();
      stub.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
          .batchCheck(
              request,
              new StreamObserver<BatchCheckResponse>() {
                @Override
                public void onNext(BatchCheckResponse response) {
                  pending.judge(() -> judgeBatch(first, request, sentMicros, response, judge));
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
      int first,
      BatchCheckRequest batch,
      long sentMicros,
      BatchCheckResponse response,
      Judge judge) {
    if (response.getResultsCount() != batch.getItemsCount()) {
      throw new AssertionError(response.getResultsCount() + " results");
    }
    for (int i = 0; i < response.getResultsCount(); i++) {
      BatchCheckResult result = response.getResults(i);
      if (!result.hasResponse()) {
        throw new AssertionError(batch.getItems(i) + ": " + result);
      }
      judge.judge(first + i, new Sent(batch.getItems(i), sentMicros), result.getResponse());
    }
  }

  /** Asks by one StreamCheck. */
  void stream(int from, int to, IntFunction<CheckRequest> questions, Judge judge)
      throws InterruptedException {
    Pending pending = new Pending(STREAMED_IN_FLIGHT);
    Map<Long, Sent> open = new ConcurrentHashMap<>();
    StreamObserver<StreamCheckRequest> out =
        stub.streamCheck(
            new StreamObserver<StreamCheckResponse>() {
              @Override
              public void onNext(StreamCheckResponse response) {
                Sent sent = open.remove(response.getId());
                pending.judge(() -> judgeStreamed(sent, response, judge));
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
      CheckRequest question = questions.apply(i);
      pending.begin();
      open.put((long) i, new Sent(question, nowMicros()));
      out.onNext(StreamCheckRequest.newBuilder().setId(i).setCheck(question).build());
    }
    out.onCompleted();
    pending.await();
    if (!open.isEmpty()) {
      throw new AssertionError(open.size() + " questions without an answer");
    }
  }

  private static void judgeStreamed(
      @Nullable Sent sent, StreamCheckResponse response, Judge judge) {
    if (sent == null) {
      throw new AssertionError("an answer to nothing, or a second one: " + response);
    }
    if (!response.hasResponse()) {
      throw new AssertionError(sent.question() + ": " + response);
    }
    judge.judge((int) response.getId(), sent, response.getResponse());
  }

  static long nowMicros() {
    return Micros.of(Instant.now());
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
