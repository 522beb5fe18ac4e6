package dev.modelgate.bench;

import dev.modelgate.app.check.Actions;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.model.Refusal;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The authorizer without gRPC: an answer from the cache, and one that is evaluated. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CacheBenchmark {
  private final Question[] hot = new Question[Crowd.HOT_USERS * Crowd.HOT_MODELS];
  private final Kept kept = new Kept();
  private final SplittableRandom random = new SplittableRandom(3);
  private int at;

  /** Asks each of the hot pairs once, so that all are cached. */
  @Setup
  public void fill(MicroStore store) {
    CachingAuthorizer authorizer = store.server().authorizer();
    for (int i = 0; i < hot.length; i++) {
      hot[i] = question(i % Crowd.HOT_USERS, i / Crowd.HOT_USERS);
      CompletableFuture<Answer> answered = new CompletableFuture<>();
      authorizer.check(hot[i], new Waiting(answered));
      boolean granted = i % 2 == 0;
      if (granted && !answered.join().allowed()) {
        throw new IllegalStateException("not allowed: " + hot[i]);
      }
    }
  }

  /** One of 4,096 cached pairs, in turn. */
  @Benchmark
  public @Nullable Answer hit(MicroStore store) {
    at = at + 1 == hot.length ? 0 : at + 1;
    store.server().authorizer().check(hot[at], kept);
    return kept.answer;
  }

  /** All actions of a pair anywhere in the crowd, from the store; no answer is kept. */
  @Benchmark
  public Actions evaluate(MicroStore store) {
    Question question = question(random.nextInt(Crowd.USERS), random.nextInt(Crowd.MODELS));
    return store.server().authorizer().listActions(question);
  }

  private static Question question(int user, int model) {
    return new Question(
        Crowd.user(user), Crowd.model(model), "predict", List.of(), Consistency.CURRENT);
  }

  /** The last answer. */
  private static final class Kept implements AnswerSink {
    private @Nullable Answer answer;

    @Override
    public void answered(Answer given) {
      answer = given;
    }

    @Override
    public void refused(Refusal refusal) {
      throw new IllegalStateException(refusal.toString());
    }
  }

  private record Waiting(CompletableFuture<Answer> answer) implements AnswerSink {
    @Override
    public void answered(Answer given) {
      answer.complete(given);
    }

    @Override
    public void refused(Refusal refusal) {
      answer.completeExceptionally(new IllegalStateException(refusal.toString()));
    }
  }
}
