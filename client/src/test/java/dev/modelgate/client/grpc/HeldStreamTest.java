package dev.modelgate.client.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.ScriptedAuthorization;
import dev.modelgate.client.ScriptedAuthorization.FirstAnswer;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streams over real connections: each message that names a model waits for its own verdict. */
final class HeldStreamTest {
  private final ScriptedAuthorization byName = ScriptedAuthorization.byName();
  private final BlockingQueue<StreamObserver<CheckResponse>> pending = new LinkedBlockingQueue<>();
  private final CountDownLatch checkCancelled = new CountDownLatch(1);
  private final ScriptedAuthorization byHand =
      new ScriptedAuthorization(
          (call, request, observer) -> {
            if (observer instanceof FirstAnswer watched) {
              watched.onEnd(checkCancelled::countDown);
            } else {
              ((ServerCallStreamObserver<?>) observer)
                  .setOnCancelHandler(checkCancelled::countDown);
            }
            pending.add(observer);
          });
  private final List<ProtectedServer> servers = new ArrayList<>();
  private final Received received = new Received();

  @AfterEach
  void stop() {
    servers.forEach(ProtectedServer::close);
  }

  @Test
  void stream_eachModel_isCheckedInOrder() throws Exception {
    ProtectedServer server = server(byName);
    StreamObserver<StreamCheckRequest> requests = open(server);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String model = i % 2 == 0 ? "fraud" : "";
      requests.onNext(message(i, model));
      expected.add(i + " " + model);
    }
    requests.onCompleted();
    expected.add("half-closed");
    assertEquals("OK", received.end());
    assertEquals(expected, server.handled);
    assertEquals(10, byName.requests.size());
  }

  @Test
  void stream_laterDenial_endsItBeforeTheMessage() throws Exception {
    ProtectedServer server = server(byName);
    StreamObserver<StreamCheckRequest> requests = open(server);
    requests.onNext(message(1, "fraud"));
    requests.onNext(message(2, "churn"));
    requests.onNext(message(3, "fraud"));
    assertEquals("PERMISSION_DENIED", received.end());
    assertTrue(server.handled.stream().noneMatch(each -> each.matches("[23].*")));
  }

  @Test
  void stream_withoutAnyMessage_isDeniedAndNotHandled() throws Exception {
    ProtectedServer server = server(byName);
    open(server).onCompleted();
    assertEquals("PERMISSION_DENIED", received.end());
    assertEquals(List.of(), server.handled);
  }

  @Test
  void messagesAndHalfClose_whileOneIsHeld_waitForTheirTurn() throws Exception {
    ProtectedServer server = server(byHand);
    StreamObserver<StreamCheckRequest> requests = open(server);
    List<String> passed = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      requests.onNext(message(i, "m" + i));
    }
    requests.onCompleted();
    for (int i = 1; i <= 3; i++) {
      StreamObserver<CheckResponse> check = nextCheck();
      assertEquals(i, byHand.requests.size());
      assertEquals("m" + i, byHand.requests.get(i - 1).getModel());
      assertEquals(passed, server.handled);
      ScriptedAuthorization.answer(check, ScriptedAuthorization.ALLOW);
      passed.add(i + " m" + i);
    }
    passed.add("half-closed");
    assertEquals("OK", received.end());
    assertEquals(passed, server.handled);
  }

  @Test
  void cancel_whileTheFirstIsHeld_cancelsTheCheckAndStartsNoHandler() throws Exception {
    ProtectedServer server = server(byHand);
    StreamObserver<StreamCheckRequest> requests = open(server);
    requests.onNext(message(1, "fraud"));
    StreamObserver<CheckResponse> check = nextCheck();
    requests.onError(Status.CANCELLED.asRuntimeException());
    assertTrue(checkCancelled.await(20, TimeUnit.SECONDS));
    check.onNext(ScriptedAuthorization.ALLOW);
    // A second call that is handled shows that the first would have been by now.
    StreamObserver<StreamCheckRequest> second = open(server);
    second.onNext(message(2, "fraud"));
    ScriptedAuthorization.answer(nextCheck(), ScriptedAuthorization.ALLOW);
    second.onCompleted();
    assertEquals("CANCELLED", received.end());
    assertEquals("OK", received.end());
    assertEquals(List.of("2 fraud", "half-closed"), server.handled);
  }

  @Test
  void cancel_whileALaterOneIsHeld_reachesTheHandlerAndTheMessageDoesNot() throws Exception {
    ProtectedServer server = server(byHand);
    StreamObserver<StreamCheckRequest> requests = open(server);
    requests.onNext(message(1, "fraud"));
    ScriptedAuthorization.answer(nextCheck(), ScriptedAuthorization.ALLOW);
    requests.onNext(message(2, "fraud"));
    StreamObserver<CheckResponse> held = nextCheck();
    requests.onError(Status.CANCELLED.asRuntimeException());
    assertTrue(checkCancelled.await(20, TimeUnit.SECONDS), held::toString);
    server.awaitCancellation();
    assertEquals(List.of("1 fraud", "cancelled"), server.handled);
  }

  private ProtectedServer server(ScriptedAuthorization authorization) throws Exception {
    ProtectedServer server = new ProtectedServer(authorization);
    servers.add(server);
    return server;
  }

  private StreamObserver<StreamCheckRequest> open(ProtectedServer server) {
    return AuthorizationServiceGrpc.newStub(server.as("user:ana")).streamCheck(received);
  }

  private StreamObserver<CheckResponse> nextCheck() throws InterruptedException {
    return Objects.requireNonNull(pending.poll(20, TimeUnit.SECONDS), "no check was asked");
  }

  private static StreamCheckRequest message(int id, String model) {
    return StreamCheckRequest.newBuilder()
        .setId(id)
        .setCheck(CheckRequest.newBuilder().setModel(model))
        .build();
  }

  /** How streams end, in order. */
  private static final class Received implements StreamObserver<StreamCheckResponse> {
    private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

    String end() throws InterruptedException {
      return String.valueOf(ends.poll(20, TimeUnit.SECONDS));
    }

    @Override
    public void onNext(StreamCheckResponse response) {}

    @Override
    public void onError(Throwable failure) {
      ends.add(Status.fromThrowable(failure).getCode().name());
    }

    @Override
    public void onCompleted() {
      ends.add("OK");
    }
  }
}
