package dev.modelgate.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * What lets one call run on: every access that it was allowed by, watched from its first message to
 * its end. For interceptors and proxies of streaming calls.
 *
 * <p>The first time that something is asked, the first answer of its watch is the check (hazard
 * 39). Asked again, it is checked anew, for what was told may be milliseconds old. As soon as one
 * access is denied or lost, the call is to be cut, once. Safe for concurrent use; nothing blocks.
 */
public final class RunningAccess implements AutoCloseable {
  /** The most accesses that one call is watched by; what it asks beyond is not allowed. */
  public static final int ACCESSES_MAX = 100;

  private final ModelgateClient client;
  private final Consumer<? super Answer> cut;
  private final AtomicBoolean over = new AtomicBoolean();
  // Guarded by itself.
  private final Map<Question, AccessWatch> watches = new HashMap<>();

  /**
   * Nothing is asked yet.
   *
   * @param cut ends the call; called at most once, on a thread of the client, with the answer that
   *     does not allow any more, which has a cause if it is a loss. Must not block
   */
  public RunningAccess(ModelgateClient client, Consumer<? super Answer> cut) {
    this.client = client;
    this.cut = cut;
  }

  /**
   * Asks before a message passes.
   *
   * @param questions all of them must be allowed
   * @return the first answer in their order that does not allow, or empty; never exceptionally
   */
  public CompletableFuture<Optional<Answer>> require(List<Question> questions) {
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    questions.forEach(question -> answers.add(ask(question)));
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
        .thenApply(
            done ->
                answers.stream()
                    .map(CompletableFuture::join)
                    .filter(answer -> !answer.allowed())
                    .findFirst());
  }

  /** The call has ended: nothing is watched any more, and nothing cut. Idempotent. */
  @Override
  public void close() {
    over.set(true);
    List<AccessWatch> all;
    synchronized (watches) {
      all = new ArrayList<>(watches.values());
      watches.clear();
    }
    all.forEach(AccessWatch::close);
  }

  private CompletableFuture<Answer> ask(Question question) {
    AccessWatch watch;
    synchronized (watches) {
      if (watches.containsKey(question)) {
        return client.checkFuture(question);
      }
      if (over.get() || watches.size() >= ACCESSES_MAX) {
        return CompletableFuture.completedFuture(
            Answer.failed(
                "WATCHES_FULL",
                new IllegalStateException(
                    "accesses of a call: more than " + ACCESSES_MAX + ", or it has ended")));
      }
      watch = client.watch(question, answer -> changed(answer));
      watches.put(question, watch);
    }
    if (over.get()) {
      watch.close();
    }
    return watch.first();
  }

  private void changed(Answer answer) {
    if (!answer.allowed() && over.compareAndSet(false, true)) {
      try {
        cut.accept(answer); // Before anything else, for the next call waits to be cut, too.
      } finally {
        close();
      }
    }
  }
}
