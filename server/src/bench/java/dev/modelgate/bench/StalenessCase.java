package dev.modelgate.bench;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A pair whose grant comes and goes while it is asked without pause. Every question that began
 * after a revocation was acknowledged, and was answered before the next grant began, has to be
 * denied; those that began earlier may see either, and keep the cache busy with answers from
 * before.
 */
final class StalenessCase implements Case {
  private static final int JUDGED = 1_000_000;
  private static final int ANSWERS_REVOKED = 400;
  private static final int ANSWERS_GIVEN = 100;
  private static final int IN_FLIGHT = 64;
  private static final long SECONDS_MAX = 240;
  private static final long ANSWER_SECONDS_MAX = 60;

  /** What is known: odd while it changes, then 4n for revoked and 4n + 2 for given. */
  private final AtomicLong phase = new AtomicLong(1);

  private final AtomicLong revoked = new AtomicLong();
  private final AtomicLong given = new AtomicLong();
  private final AtomicLong stale = new AtomicLong();
  private final AtomicLong unseen = new AtomicLong();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final CountDownLatch ended = new CountDownLatch(IN_FLIGHT);
  private volatile boolean open = true;

  @Override
  public String name() {
    return "staleness";
  }

  @Override
  public String summary() {
    return "answers after an acknowledged revocation that still allow, in a million";
  }

  @Override
  public Form form() {
    return Form.FULL;
  }

  @Override
  public void run(Stage stage) throws Exception {
    BenchServer server = stage.crowd();
    String user = Crowd.user(Crowd.USERS - 1);
    String model = Scene.model("revoked");
    server.commit(Scene.ORGANIZATION, Filling.create(model)).toCompletableFuture().join();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    long revocations;
    try {
      CheckRequest question = Questions.predict(user, model).build();
      for (int i = 0; i < IN_FLIGHT; i++) {
        ask(channel, question);
      }
      revocations = alternate(server, user, model);
    } finally {
      open = false;
      if (!ended.await(ANSWER_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new IllegalStateException("questions are still open");
      }
      channel.shutdownNow();
    }
    stage.add(row("answers after a revocation", revoked, false, Target.value(JUDGED, JUDGED)));
    stage.add(row("revoked and still allowed", stale, true, Target.value(0, 0)));
    stage.add(row("granted and not yet allowed", unseen, true, Target.value(0, 0)));
    System.out.printf("# %,d revocations%n", revocations);
  }

  private static Row row(String name, AtomicLong answers, boolean atMost, Target target) {
    return Row.figure(name, IN_FLIGHT, answers.get(), "", atMost, target);
  }

  /** Gives and takes until enough is judged or time is up; how often it took. */
  private long alternate(BenchServer server, String user, String model)
      throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
    long revocations = 0;
    for (; revoked.get() < JUDGED && System.nanoTime() < until; revocations++) {
      change(server, Filling.give(true, model, user), 4 * revocations + 2);
      await(given, ANSWERS_GIVEN);
      change(server, Filling.give(false, model, user), 4 * revocations + 4);
      await(revoked, ANSWERS_REVOKED);
    }
    return revocations;
  }

  private void change(BenchServer server, Command command, long next) {
    phase.set(next - 1);
    server.commit(Scene.ORGANIZATION, command).toCompletableFuture().join();
    phase.set(next);
  }

  private void await(AtomicLong answers, int more) throws InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS_MAX);
    for (long enough = answers.get() + more; answers.get() < enough; ) {
      Throwable failed = failure.get();
      if (failed != null || System.nanoTime() > until) {
        throw new IllegalStateException("asked in vain", failed);
      }
      TimeUnit.MICROSECONDS.sleep(100);
    }
  }

  private void ask(ManagedChannel channel, CheckRequest question) {
    long began = phase.get();
    ClientCalls.asyncUnaryCall(
        channel.newCall(PlaneService.method("Check"), CallOptions.DEFAULT),
        question,
        new StreamObserver<CheckResponse>() {
          @Override
          public void onNext(CheckResponse response) {
            judge(began, response.getDecision() == Decision.DECISION_ALLOW);
          }

          @Override
          public void onError(Throwable t) {
            failure.compareAndSet(null, t);
            ended.countDown();
          }

          @Override
          public void onCompleted() {
            if (open) {
              ask(channel, question);
            } else {
              ended.countDown();
            }
          }
        });
  }

  private void judge(long began, boolean allowed) {
    if (began % 2 != 0 || began != phase.get()) {
      return; // Something changed meanwhile: both answers are right.
    }
    if (began % 4 == 2) {
      given.incrementAndGet();
      unseen.addAndGet(allowed ? 0 : 1);
    } else {
      revoked.incrementAndGet();
      stale.addAndGet(allowed ? 1 : 0);
    }
  }
}
