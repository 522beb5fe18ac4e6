package dev.modelgate.client.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Every step of a held call, in a given order of events. */
final class HeldCallTest {
  private static final CheckRequest FIRST = CheckRequest.newBuilder().setModel("1").build();
  private static final CheckRequest SECOND = CheckRequest.newBuilder().setModel("2").build();

  private final Transport transport = new Transport();
  private final List<String> events = new ArrayList<>();
  private final List<CompletableFuture<Optional<Denial>>> verdicts = new ArrayList<>();
  private int demand = 100;
  private final HeldCall<CheckRequest, CheckResponse> held =
      new HeldCall<>(
          transport,
          new Metadata(),
          (call, headers) -> {
            events.add("started");
            call.request(demand);
            return new Handler(call);
          },
          (message, first) -> {
            CompletableFuture<Optional<Denial>> verdict = new CompletableFuture<>();
            verdicts.add(verdict);
            return verdict;
          },
          Runnable::run);

  @Test
  void message_held_isTheOnlyOneAskedFor() {
    held.start();
    assertEquals(1, transport.requested);
    held.onMessage(FIRST);
    assertEquals(1, transport.requested);
    assertEquals(List.of(), events);
    pass(0);
    assertEquals(2, transport.requested);
    held.onMessage(SECOND);
    assertEquals(2, transport.requested);
    pass(1);
    assertEquals(3, transport.requested);
    assertEquals(List.of("started", "message 1", "message 2"), events);
  }

  @Test
  void message_allowedButNotWanted_waitsForTheHandler() {
    demand = 1;
    start(FIRST);
    pass(0);
    assertEquals(List.of("started", "message 1"), events);
    assertEquals(1, transport.requested);
    transport.given.request(1);
    assertEquals(2, transport.requested);
  }

  @Test
  void events_whileHeld_comeInOrderAfterTheMessage() {
    start(FIRST);
    held.onReady();
    held.onHalfClose();
    assertEquals(List.of(), events);
    pass(0);
    assertEquals(List.of("started", "ready", "message 1", "half-closed"), events);
  }

  @Test
  void cancel_whileHeld_startsNoHandlerWhateverTheVerdict() {
    start(FIRST);
    held.onCancel();
    pass(0);
    assertEquals(List.of(), events);
    assertEquals(Optional.empty(), transport.status);
  }

  @Test
  void cancel_withTheHandlerRunning_isPassedOnOnce() {
    start(FIRST);
    pass(0);
    held.onMessage(SECOND);
    held.onCancel();
    pass(1);
    assertEquals(List.of("started", "message 1", "cancelled"), events);
  }

  @Test
  void denial_ofTheFirst_closesAndStartsNoHandler() {
    start(FIRST);
    verdicts.get(0).complete(Optional.of(Denial.unmapped()));
    held.onHalfClose();
    held.onComplete();
    assertEquals(List.of(), events);
    assertEquals(Optional.of(Status.Code.PERMISSION_DENIED), transport.status);
  }

  @Test
  void denial_ofALaterOne_silencesTheHandler() {
    start(FIRST);
    pass(0);
    held.onMessage(SECOND);
    verdicts.get(1).complete(Optional.of(Denial.unmapped()));
    transport.given.sendMessage(CheckResponse.getDefaultInstance());
    transport.given.close(Status.OK, new Metadata());
    assertTrue(transport.given.isCancelled(), "a handler at work goes on");
    assertEquals(List.of("started", "message 1", "cancelled"), events);
    assertEquals(Optional.of(Status.Code.PERMISSION_DENIED), transport.status);
    assertEquals(0, transport.sent);
  }

  @Test
  void verdict_thatFails_isADenial() {
    start(FIRST);
    verdicts.get(0).completeExceptionally(new IllegalStateException("a judge that fails"));
    assertEquals(List.of(), events);
    assertEquals(Optional.of(Status.Code.PERMISSION_DENIED), transport.status);
  }

  private void start(CheckRequest first) {
    held.start();
    held.onMessage(first);
  }

  private void pass(int message) {
    verdicts.get(message).complete(Optional.empty());
  }

  /** Tells what it hears, and shows the call that it was given. */
  private final class Handler extends ServerCall.Listener<CheckRequest> {
    Handler(ServerCall<CheckRequest, CheckResponse> call) {
      transport.given = call;
    }

    @Override
    public void onMessage(CheckRequest message) {
      events.add("message " + message.getModel());
    }

    @Override
    public void onHalfClose() {
      events.add("half-closed");
    }

    @Override
    public void onReady() {
      events.add("ready");
    }

    @Override
    public void onCancel() {
      events.add("cancelled");
    }

    @Override
    public void onComplete() {
      events.add("completed");
    }
  }

  /** Counts what it is told to do. */
  private static final class Transport extends ServerCall<CheckRequest, CheckResponse> {
    private ServerCall<CheckRequest, CheckResponse> given = this;
    private int requested;
    private int sent;
    private Optional<Status.Code> status = Optional.empty();

    @Override
    public void request(int messages) {
      requested += messages;
    }

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(CheckResponse message) {
      sent++;
    }

    @Override
    public void close(Status ended, Metadata trailers) {
      status = Optional.of(ended.getCode());
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<CheckRequest, CheckResponse> getMethodDescriptor() {
      return AuthorizationServiceGrpc.getCheckMethod();
    }
  }
}
