package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.query.Exports;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.ExportRequest;
import dev.modelgate.v1.ExportResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How many exports are open at a time. */
final class ExportBoundTest {
  private static final ExportRequest REQUEST =
      ExportRequest.newBuilder().setOrganization(ACME).build();

  @Test
  void exports_oneTooMany_isRefusedAndCountedUntilOneEnds() {
    try (AdminPlane plane = new AdminPlane().withAcme()) {
      Deque<Unread> open = new ArrayDeque<>();
      for (int i = 0; i < Exports.OPEN_MAX; i++) {
        open.add(Unread.begin(plane));
      }
      assertEquals(List.of(), plane.limited);
      assertEquals(
          "exports", refused(Fault.OVERLOADED, () -> header(plane)).getMetadataOrThrow("queue"));
      assertEquals(List.of("exports"), plane.limited);
      open.remove().cancel();
      awaitAPlace(plane);
      open.forEach(Unread::cancel);
    }
  }

  private static ExportResponse header(AdminPlane plane) {
    return plane.admin().export(REQUEST).next();
  }

  /** That a call was cancelled is heard a moment later. */
  private static void awaitAPlace(AdminPlane plane) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      try {
        assertTrue(header(plane).hasHeader());
        return;
      } catch (StatusRuntimeException e) {
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, e.getStatus().getCode());
        assertTrue(System.nanoTime() < deadline, "an export that ended keeps its place");
      }
    }
  }

  /** An export whose client has read the header, and asks for nothing more. */
  private static final class Unread
      implements ClientResponseObserver<ExportRequest, ExportResponse> {
    private final CompletableFuture<ExportResponse> header = new CompletableFuture<>();
    private @Nullable ClientCallStreamObserver<ExportRequest> call;

    static Unread begin(AdminPlane plane) {
      Unread unread = new Unread();
      plane.async().export(REQUEST, unread);
      unread.header.orTimeout(20, TimeUnit.SECONDS).join();
      return unread;
    }

    void cancel() {
      if (call != null) {
        call.cancel("it has read enough", null);
      }
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ExportRequest> started) {
      call = started;
      started.disableAutoRequestWithInitial(1);
    }

    @Override
    public void onNext(ExportResponse response) {
      header.complete(response);
    }

    @Override
    public void onError(Throwable failure) {
      header.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {}
  }
}
