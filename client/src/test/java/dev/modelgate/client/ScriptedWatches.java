package dev.modelgate.client;

import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceImplBase;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.WatchAccessRequest;
import dev.modelgate.v1.WatchAccessResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A sidecar whose first answers are {@code ALLOW} for the model {@code fraud}, none for {@code
 * silent}, and denials for others, and which says what a test says after that. Checks are answered
 * alike. No heartbeats but the test's.
 */
public final class ScriptedWatches extends AuthorizationServiceImplBase {
  public final List<Stream> streams = new CopyOnWriteArrayList<>();
  public final List<CheckRequest> checks = new CopyOnWriteArrayList<>();

  /** What {@code fraud} is answered. */
  public volatile CheckResponse fraud = ScriptedAuthorization.ALLOW;

  /** One stream as the sidecar sees it. */
  public static final class Stream {
    public final Map<Long, CheckRequest> open = new ConcurrentHashMap<>();
    public volatile boolean cancelled;
    private final StreamObserver<WatchAccessResponse> responses;

    private Stream(StreamObserver<WatchAccessResponse> responses) {
      this.responses = responses;
    }

    public synchronized void say(WatchAccessResponse response) {
      responses.onNext(response);
    }

    /** Tells every watch. */
    public void tell(CheckResponse response) {
      open.keySet()
          .forEach(
              id -> say(WatchAccessResponse.newBuilder().setId(id).setResponse(response).build()));
    }

    public void heartbeat() {
      say(WatchAccessResponse.getDefaultInstance());
    }

    public synchronized void fail(Throwable failure) {
      responses.onError(failure);
    }
  }

  public Stream last() {
    return streams.get(streams.size() - 1);
  }

  @Override
  public void check(CheckRequest request, StreamObserver<CheckResponse> observer) {
    checks.add(request);
    ScriptedAuthorization.answer(observer, answer(request));
  }

  @Override
  public StreamObserver<WatchAccessRequest> watchAccess(
      StreamObserver<WatchAccessResponse> observer) {
    Stream stream = new Stream(observer);
    ((ServerCallStreamObserver<WatchAccessResponse>) observer)
        .setOnCancelHandler(() -> stream.cancelled = true);
    streams.add(stream);
    return new StreamObserver<>() {
      @Override
      public void onNext(WatchAccessRequest request) {
        long id = request.getId();
        if (!request.hasCheck()) {
          stream.open.remove(id);
          stream.say(WatchAccessResponse.newBuilder().setId(id).setEnded(true).build());
          return;
        }
        stream.open.put(id, request.getCheck());
        if (!request.getCheck().getModel().equals("silent")) {
          stream.say(
              WatchAccessResponse.newBuilder()
                  .setId(id)
                  .setResponse(answer(request.getCheck()))
                  .build());
        }
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {}
    };
  }

  private CheckResponse answer(CheckRequest request) {
    return request.getModel().equals("fraud") ? fraud : ScriptedAuthorization.DENY;
  }
}
