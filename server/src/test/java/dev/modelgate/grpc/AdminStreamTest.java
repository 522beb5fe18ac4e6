package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.Telemetry;
import dev.modelgate.grpc.StreamedAnswer.Step;
import dev.modelgate.v1.WatchChangesRequest;
import dev.modelgate.v1.WatchChangesResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Streams at the reader's pace: what is not read is not made, what is gone is let go. */
final class AdminStreamTest {
  @Test
  void reader_notReady_getsNothingMade() {
    FakeCall call = new FakeCall(2);
    List<Integer> made = new ArrayList<>();
    var stream =
        new StreamedAnswer<Integer>(
            call,
            Runnable::run,
            new ErrorMapper(),
            () -> {
              made.add(made.size());
              return Step.of(made.size());
            },
            () -> {});
    stream.wake();
    assertEquals(2, made.size());
    call.room(1);
    assertEquals(3, made.size());
  }

  @Test
  void call_cancelled_letsTheSourceGo() {
    FakeCall call = new FakeCall(0);
    int[] closed = {0};
    var stream =
        new StreamedAnswer<Integer>(
            call, Runnable::run, new ErrorMapper(), Step::waiting, () -> closed[0]++);
    stream.wake();
    call.cancel();
    stream.wake();
    assertEquals(1, closed[0]);
  }

  @Test
  void executor_full_shedsTheStream() {
    FakeCall call = new FakeCall(1);
    List<String> limited = new ArrayList<>();
    Telemetry telemetry =
        new Telemetry() {
          @Override
          public void limited(String limit) {
            limited.add(limit);
          }
        };
    var stream =
        new StreamedAnswer<Integer>(
            call,
            task -> {
              throw new RejectedExecutionException("full");
            },
            new ErrorMapper(telemetry),
            Step::waiting,
            () -> {});
    stream.wake();
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, Status.fromThrowable(call.failure()).getCode());
    assertEquals(List.of("admin"), limited);
  }

  @Test
  void watcher_thatReadsNothing_missesNothing() throws Exception {
    try (AdminPlane plane = new AdminPlane().withAcme()) {
      CompletableFuture<ClientCallStreamObserver<WatchChangesRequest>> control =
          new CompletableFuture<>();
      Queue<WatchChangesResponse> read = new ConcurrentLinkedQueue<>();
      CompletableFuture<Void> begun = new CompletableFuture<>();
      CompletableFuture<Void> all = new CompletableFuture<>();
      plane
          .async()
          .watchChanges(
              WatchChangesRequest.newBuilder().setOrganization(ACME).build(),
              new ClientResponseObserver<WatchChangesRequest, WatchChangesResponse>() {
                @Override
                public void beforeStart(ClientCallStreamObserver<WatchChangesRequest> call) {
                  call.disableAutoRequestWithInitial(1);
                  control.complete(call);
                }

                @Override
                public void onNext(WatchChangesResponse message) {
                  read.add(message);
                  begun.complete(null);
                  if (read.size() == 201) {
                    all.complete(null);
                  }
                }

                @Override
                public void onError(Throwable failure) {
                  all.completeExceptionally(failure);
                }

                @Override
                public void onCompleted() {
                  all.complete(null);
                }
              });
      var call = control.get(10, TimeUnit.SECONDS);
      begun.get(10, TimeUnit.SECONDS);
      for (int i = 0; i < 200; i++) {
        plane.principal("user:u" + i + "@acme.com");
      }
      assertEquals(1, read.size());
      call.request(200);
      all.get(10, TimeUnit.SECONDS);
      read.remove();
      for (int i = 0; i < 200; i++) {
        assertEquals(
            "user:u" + i + "@acme.com",
            read.remove().getEvent().getChangesList().stream()
                .filter(change -> change.hasPrincipalPut())
                .findFirst()
                .orElseThrow()
                .getPrincipalPut()
                .getPrincipal());
      }
      assertTrue(read.isEmpty());
    }
  }

  /** A call with room for some answers. */
  private static final class FakeCall extends ServerCallStreamObserver<Integer> {
    private int room;
    private boolean cancelled;
    private Runnable onReady = () -> {};
    private Runnable onCancel = () -> {};
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

    private FakeCall(int room) {
      this.room = room;
    }

    void room(int more) {
      room += more;
      onReady.run();
    }

    void cancel() {
      cancelled = true;
      onCancel.run();
    }

    Throwable failure() {
      return failure.getNow(new AssertionError("the call did not fail"));
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {
      onCancel = handler;
    }

    @Override
    public void setCompression(String compression) {}

    @Override
    public boolean isReady() {
      return room > 0;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      onReady = handler;
    }

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void onNext(Integer value) {
      room--;
    }

    @Override
    public void onError(Throwable thrown) {
      failure.complete(thrown);
    }

    @Override
    public void onCompleted() {}
  }
}
