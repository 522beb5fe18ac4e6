package dev.modelgate.client;

import dev.modelgate.v1.CheckRequest;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One access that is watched: its first answer is a check, and every change of it is told until
 * this is closed.
 *
 * <p>Whoever runs something by it ends that with the first answer that does not allow. An answer
 * with a {@link Answer#cause()} is the last one: the access can no longer be told, because the
 * sidecar said so, or because nothing was heard of it for the client's silence.
 */
public final class AccessWatch implements AutoCloseable {
  final long id;
  final CheckRequest question;

  private final WatchStream stream;
  private final Consumer<? super Answer> changes;
  private final CompletableFuture<Answer> first = new CompletableFuture<>();

  // Guarded by the lock of the stream.
  /** What was told last. */
  @Nullable Answer last;

  /** Whether the present stream has answered it. */
  boolean assured;

  /** When it was last known to be as told; only while it is not assured. */
  long assuredNanos;

  AccessWatch(
      WatchStream stream, long id, CheckRequest question, Consumer<? super Answer> changes) {
    this.stream = stream;
    this.id = id;
    this.question = question;
    this.changes = changes;
  }

  /**
   * The first answer.
   *
   * @return completed as {@link ModelgateClient#checkFuture} is; never exceptionally. With a cause
   *     there is nothing to watch any more
   */
  public CompletableFuture<Answer> first() {
    return first.copy();
  }

  /** Ends the watch; nothing that is told afterwards means anything. Idempotent. */
  @Override
  public void close() {
    stream.end(this);
  }

  /** Whether an answer says something else than the last one. Called under the lock. */
  boolean isNews(Answer answer) {
    Answer before = last;
    return before == null
        || before.outcome() != answer.outcome()
        || !before.reason().equals(answer.reason())
        || !before.deniedLink().equals(answer.deniedLink());
  }

  /**
   * Makes a first answer that does not come in time a denial, after which nothing is watched. The
   * deadline of the gRPC call being served here counts too, if it is earlier.
   */
  void endWhenLate(Duration timeout) {
    Deadline served = Context.current().getDeadline();
    long waitNanos =
        served == null
            ? timeout.toNanos()
            : Math.min(timeout.toNanos(), Math.max(0, served.timeRemaining(TimeUnit.NANOSECONDS)));
    Answer late =
        WireConverter.toAnswer(
            Status.DEADLINE_EXCEEDED
                .withDescription(
                    "no answer within " + TimeUnit.NANOSECONDS.toMillis(waitNanos) + " ms")
                .asRuntimeException());
    CompletableFuture<Answer> unused =
        first
            .completeOnTimeout(late, waitNanos, TimeUnit.NANOSECONDS)
            .whenComplete(
                (answer, failure) -> {
                  if (late.equals(answer)) {
                    close();
                  }
                });
  }

  /** Passes an answer on. Called without the lock. */
  void tell(Answer answer, boolean isFirst) {
    if (isFirst) {
      first.complete(answer);
    } else {
      changes.accept(answer);
    }
  }
}
