package dev.modelgate.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.Question;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a running call is looked at, with a sidecar that is not there. */
final class RunningWatchesTest {
  private static final Question QUESTION = Question.of("user:ana@acme.com", "fraud", "predict");

  /** What is to be run later. */
  private record Due(long ms, Runnable task, CompletableFuture<Void> future) {}

  @TempDir Path directory;
  private final List<Due> due = new ArrayList<>();
  private final BlockingQueue<Refusal> cuts = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> parts = new ArrayList<>();

  private Watches.Watch begun(Instant until) {
    ModelgateClient client =
        ModelgateClient.builder()
            .socket(directory.resolve("none.sock"))
            .deadline(Duration.ofSeconds(5))
            .build();
    parts.add(client);
    Watches watches =
        new RunningWatches(
            client,
            (ms, task) -> {
              Due one = new Due(ms, task, new CompletableFuture<>());
              due.add(one);
              return one.future();
            });
    Watches.Watch watch = watches.begin();
    assertTrue(watch.ask(List.of(QUESTION), until).join().isPresent());
    watch.begun(cuts::add);
    return watch;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable part : parts) {
      part.close();
    }
  }

  @Test
  void call_thatEndsSoon_isNotWatched() {
    Watches.Watch watch = begun(Instant.MAX);
    watch.end();
    assertTrue(due.get(0).future().isCancelled());
    due.get(0).task().run();
    assertEquals(1, due.size());
    assertTrue(cuts.isEmpty());
  }

  @Test
  void call_thatRunsOn_isWatchedWithin100Ms_andCutWhenNobodyAnswers() throws Exception {
    Watches.Watch watch = begun(Instant.MAX);
    assertTrue(due.get(0).ms() <= 50, () -> due.get(0).ms() + " ms");
    due.get(0).task().run();
    Refusal cut = cuts.poll(30, TimeUnit.SECONDS);
    assertTrue(cut != null && cut.status().getCode() == Status.Code.UNAVAILABLE, () -> "" + cut);
    watch.end();
  }

  @Test
  void proof_thatEnds_cutsTheCall() {
    Watches.Watch watch = begun(Instant.now().plusSeconds(3_600));
    due.get(0).task().run();
    Due expiry = due.get(1);
    assertTrue(expiry.ms() > 3_500_000 && expiry.ms() <= 3_600_000, () -> expiry.ms() + " ms");
    cuts.clear();
    expiry.task().run();
    assertTrue(
        cuts.stream().anyMatch(cut -> cut.status().getCode() == Status.Code.UNAUTHENTICATED));
    watch.end();
    assertTrue(expiry.future().isCancelled());
  }
}
