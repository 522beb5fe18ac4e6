package dev.modelgate.client.grpc;

import dev.modelgate.client.Answer;
import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.Question;
import dev.modelgate.client.RunningAccess;
import dev.modelgate.client.grpc.CallRules.Asker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Judges the messages of a streaming call by accesses that are watched to its end (hazard 39), and
 * cuts it when one of them or the credential of its caller ends.
 */
final class RunningJudge<ReqT> implements HeldCall.Judge<ReqT> {

  /** What becomes of a message. */
  @FunctionalInterface
  interface Verdicts<ReqT> {
    /**
     * The denial, or empty; never exceptionally.
     *
     * @param ask answers the first answer that does not allow, or empty
     */
    CompletableFuture<Optional<Denial>> verdict(
        ReqT message,
        boolean first,
        Function<List<Question>, CompletableFuture<Optional<Answer>>> ask);
  }

  private final CompletableFuture<Optional<Asker>> asker;
  private final Verdicts<ReqT> verdicts;
  private final RunningAccess access;

  /** Completed with true when the credential ends, with false when the call does. */
  private final CompletableFuture<Boolean> expired = new CompletableFuture<>();

  private volatile Consumer<Denial> cut = denial -> {};

  RunningJudge(
      ModelgateClient client, CompletableFuture<Optional<Asker>> asker, Verdicts<ReqT> verdicts) {
    this.asker = asker;
    this.verdicts = verdicts;
    this.access = new RunningAccess(client, answer -> cut.accept(Denial.of(answer)));
  }

  @Override
  public void begin(Consumer<Denial> cutting) {
    cut = cutting;
    CompletableFuture<Void> ending =
        expired.thenAccept(
            over -> {
              if (over) {
                cut.accept(Denial.unauthenticated());
              }
            });
    CompletableFuture<Void> unused =
        asker.thenAccept(
            proven ->
                proven
                    .map(Asker::until)
                    .filter(until -> until.isBefore(Instant.MAX) && !ending.isDone())
                    .ifPresent(this::expireAt));
  }

  @Override
  public CompletableFuture<Optional<Denial>> judge(ReqT message, boolean first) {
    return verdicts.verdict(message, first, access::require);
  }

  @Override
  public void end() {
    expired.complete(false); // Which frees the timer.
    access.close();
  }

  private void expireAt(Instant until) {
    Duration left = Duration.between(Instant.now(), until);
    // Far ends overflow, and no call lasts a year.
    long nanos =
        Math.max(0, left.compareTo(Duration.ofDays(365)) > 0 ? Long.MAX_VALUE : left.toNanos());
    CompletableFuture<Boolean> unused =
        expired.completeOnTimeout(true, nanos, TimeUnit.NANOSECONDS);
  }
}
