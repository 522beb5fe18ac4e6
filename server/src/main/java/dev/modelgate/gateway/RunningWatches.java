package dev.modelgate.gateway;

import dev.modelgate.client.Answer;
import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.Question;
import dev.modelgate.client.RunningAccess;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks a sidecar, and watches what a call was let pass by once it has run for {@value #AFTER_MS}
 * ms.
 *
 * <p>Bytes do not tell a stream from a short call, and a watch of each short call would cost as
 * much again as its check. So a call begins with checks; if it still runs after that time, every
 * access that it has asked for is watched, and the first answers of these watches are checks again:
 * what was revoked in between is found then, well within 100 ms.
 */
public final class RunningWatches implements Watches {
  static final long AFTER_MS = 25;

  private static final Refusal ENDED =
      Refusal.of(
          Status.Code.UNAUTHENTICATED, "the proof of who calls has ended", "UNAUTHENTICATED");

  private final ModelgateClient client;
  private final Timer timer;

  /** Runs something later; on Netty's event loops, their own. */
  @FunctionalInterface
  public interface Timer {
    /** Runs it after that time, unless it is cancelled before. */
    Future<?> after(long ms, Runnable task);
  }

  /**
   * @param client stays the caller's to close
   */
  public RunningWatches(ModelgateClient client, Timer timer) {
    this.client = client;
    this.timer = timer;
  }

  @Override
  public Watch begin() {
    return new Running();
  }

  private final class Running implements Watch {
    // Guarded by this.
    private final List<Question> asked = new ArrayList<>(1);
    private Instant until = Instant.MAX;
    private @Nullable Consumer<Refusal> cut;
    private @Nullable RunningAccess access;
    private @Nullable Future<?> due;
    private @Nullable Future<?> expiry;
    private boolean ended;

    @Override
    public CompletableFuture<Optional<Answer>> ask(List<Question> questions, Instant proofEnds) {
      RunningAccess running;
      synchronized (this) {
        until = proofEnds;
        running = access;
        if (running == null) {
          for (Question question : questions) {
            // One more than are watched, so that too many are seen to be too many.
            if (asked.size() <= RunningAccess.ACCESSES_MAX && !asked.contains(question)) {
              asked.add(question);
            }
          }
        }
      }
      if (running != null) {
        return running.require(questions);
      }
      return questions.size() == 1
          ? client.checkFuture(questions.get(0)).thenApply(Running::denial)
          : all(questions);
    }

    private CompletableFuture<Optional<Answer>> all(List<Question> questions) {
      List<CompletableFuture<Answer>> answers = new ArrayList<>(questions.size());
      questions.forEach(question -> answers.add(client.checkFuture(question)));
      return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
          .thenApply(
              done ->
                  answers.stream()
                      .map(CompletableFuture::join)
                      .filter(answer -> !answer.allowed())
                      .findFirst());
    }

    private static Optional<Answer> denial(Answer answer) {
      return answer.allowed() ? Optional.empty() : Optional.of(answer);
    }

    @Override
    public synchronized void begun(Consumer<Refusal> cutter) {
      cut = cutter;
      due = timer.after(AFTER_MS, this::watch);
    }

    private void watch() {
      RunningAccess running;
      List<Question> questions;
      synchronized (this) {
        Consumer<Refusal> cutter = cut;
        if (ended || cutter == null) {
          return;
        }
        running = new RunningAccess(client, answer -> cut(cutter, answer));
        access = running;
        questions = List.copyOf(asked);
        asked.clear();
        if (until.isBefore(Instant.MAX)) {
          long leftMs = Math.max(0, Duration.between(Instant.now(), until).toMillis());
          expiry = timer.after(leftMs, () -> cutter.accept(ENDED));
        }
      }
      CompletableFuture<Void> unused =
          running
              .require(questions)
              .thenAccept(
                  denied ->
                      denied.ifPresent(
                          answer -> {
                            Consumer<Refusal> cutter = cutter();
                            if (cutter != null) {
                              cut(cutter, answer);
                            }
                          }));
    }

    private synchronized @Nullable Consumer<Refusal> cutter() {
      return ended ? null : cut;
    }

    private static void cut(Consumer<Refusal> cutter, Answer answer) {
      ProtectedAdmission.refusal(answer).ifPresent(cutter);
    }

    @Override
    public void end() {
      RunningAccess running;
      synchronized (this) {
        ended = true;
        running = access;
        cancel(due);
        cancel(expiry);
      }
      if (running != null) {
        running.close();
      }
    }

    private static void cancel(@Nullable Future<?> task) {
      if (task != null) {
        task.cancel(false);
      }
    }
  }
}
