package dev.modelgate.main;

import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.WatchAccessRequest;
import dev.modelgate.v1.WatchAccessResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One WatchAccess as its client sees it. */
final class WatchingStream
    implements ClientResponseObserver<WatchAccessRequest, WatchAccessResponse> {
  private final List<WatchAccessResponse> told = new CopyOnWriteArrayList<>();
  private final AtomicInteger heartbeats = new AtomicInteger();
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private final CompletableFuture<Boolean> completed = new CompletableFuture<>();
  private final boolean reads;
  private final AtomicReference<@Nullable ClientCallStreamObserver<WatchAccessRequest>> requests =
      new AtomicReference<>();

  private WatchingStream(boolean reads) {
    this.reads = reads;
  }

  static WatchingStream open(Channel channel) {
    return open(channel, true);
  }

  /** As the other; who does not read asks for no response. */
  static WatchingStream open(Channel channel, boolean reads) {
    WatchingStream stream = new WatchingStream(reads);
    var unused = AuthorizationServiceGrpc.newStub(channel).watchAccess(stream);
    return stream;
  }

  ClientCallStreamObserver<WatchAccessRequest> requests() {
    return Objects.requireNonNull(requests.get());
  }

  void watch(long id, CheckRequest question) {
    requests().onNext(WatchAccessRequest.newBuilder().setId(id).setCheck(question).build());
  }

  void watch(long id, String principal, String model, String action) {
    watch(
        id,
        CheckRequest.newBuilder()
            .setPrincipal(principal)
            .setModel(model)
            .setAction(action)
            .build());
  }

  void end(long id) {
    requests().onNext(WatchAccessRequest.newBuilder().setId(id).build());
  }

  /** What was told under an id, a word each. */
  List<String> said(long id) {
    return told.stream()
        .filter(response -> response.getId() == id)
        .map(WatchingStream::word)
        .toList();
  }

  /** Waits until exactly that was told under an id. */
  void await(long id, String... words) {
    Probe.await(id + " is told " + List.of(words), () -> said(id).size() >= words.length);
    org.junit.jupiter.api.Assertions.assertEquals(List.of(words), said(id));
  }

  int answers() {
    return told.size();
  }

  int heartbeats() {
    return heartbeats.get();
  }

  boolean hasEnded() {
    return failure.isDone() || completed.isDone();
  }

  boolean hasCompleted() {
    return completed.isDone();
  }

  /** Waits for the end, which must be a failure. */
  Throwable failure() {
    Probe.await("the end of the stream", failure::isDone);
    return failure.join();
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchAccessRequest> stream) {
    requests.set(stream);
    if (!reads) {
      stream.disableAutoRequestWithInitial(0);
    }
  }

  @Override
  public void onNext(WatchAccessResponse response) {
    if (response.equals(WatchAccessResponse.getDefaultInstance())) {
      heartbeats.incrementAndGet();
    } else {
      told.add(response);
    }
  }

  @Override
  public void onError(Throwable thrown) {
    failure.complete(thrown);
  }

  @Override
  public void onCompleted() {
    completed.complete(true);
  }

  static Status.Code code(Throwable thrown) {
    return Status.fromThrowable(thrown).getCode();
  }

  private static String word(WatchAccessResponse response) {
    return switch (response.getResultCase()) {
      case RESPONSE ->
          response.getResponse().getReason().isEmpty()
              ? response.getResponse().getDecision().name().replace("DECISION_", "")
              : response.getResponse().getReason();
      case ERROR -> response.getError().getReason().name().replace("ERROR_REASON_", "");
      case ENDED -> "ended";
      case RESULT_NOT_SET -> "nothing";
    };
  }
}
