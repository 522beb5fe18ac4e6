package dev.modelgate.client;

import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceImplBase;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.BatchCheckResult;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.ItemError;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import dev.modelgate.v1.WatchAccessRequest;
import dev.modelgate.v1.WatchAccessResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A sidecar that answers single checks and the first answers of watches by a script, and batches
 * and streams by the model's name: {@code fraud} is allowed, anything else denied as NO_GRANT.
 * {@code silent} is never answered and {@code break} breaks the stream.
 */
public final class ScriptedAuthorization extends AuthorizationServiceImplBase {
  public static final CheckResponse ALLOW =
      CheckResponse.newBuilder().setDecision(Decision.DECISION_ALLOW).setRevision("r1").build();
  public static final CheckResponse DENY =
      CheckResponse.newBuilder()
          .setDecision(Decision.DECISION_DENY)
          .setReason("NO_GRANT")
          .setRevision("r1")
          .build();

  public final List<CheckRequest> requests = new CopyOnWriteArrayList<>();
  public final List<StreamObserver<StreamCheckResponse>> streams = new CopyOnWriteArrayList<>();
  private final Script script;

  /** Answers a single check, or not. */
  @FunctionalInterface
  public interface Script {
    /**
     * Answers one.
     *
     * @param call its number, from 1
     */
    void answer(int call, CheckRequest request, StreamObserver<CheckResponse> observer);
  }

  public ScriptedAuthorization(Script script) {
    this.script = script;
  }

  /** Answers single checks by the model's name, too; {@code malformed} is refused. */
  public static ScriptedAuthorization byName() {
    return new ScriptedAuthorization(
        (call, request, observer) -> {
          switch (request.getModel()) {
            case "silent" -> {}
            case "malformed" ->
                observer.onError(io.grpc.Status.INVALID_ARGUMENT.asRuntimeException());
            default -> answer(observer, byName(request));
          }
        });
  }

  public static ScriptedAuthorization answering(CheckResponse response) {
    return new ScriptedAuthorization((call, request, observer) -> answer(observer, response));
  }

  public static void answer(StreamObserver<CheckResponse> observer, CheckResponse response) {
    observer.onNext(response);
    observer.onCompleted();
  }

  @Override
  public void check(CheckRequest request, StreamObserver<CheckResponse> observer) {
    requests.add(request);
    script.answer(requests.size(), request, observer);
  }

  @Override
  public void batchCheck(BatchCheckRequest request, StreamObserver<BatchCheckResponse> observer) {
    requests.addAll(request.getItemsList());
    BatchCheckResponse.Builder response = BatchCheckResponse.newBuilder();
    request
        .getItemsList()
        .forEach(
            item -> response.addResults(BatchCheckResult.newBuilder().setResponse(byName(item))));
    observer.onNext(response.build());
    observer.onCompleted();
  }

  @Override
  public StreamObserver<StreamCheckRequest> streamCheck(
      StreamObserver<StreamCheckResponse> observer) {
    streams.add(observer);
    return new StreamObserver<>() {
      @Override
      public void onNext(StreamCheckRequest request) {
        switch (request.getCheck().getModel()) {
          case "silent" -> {}
          case "break" -> observer.onError(io.grpc.Status.INTERNAL.asRuntimeException());
          default ->
              observer.onNext(
                  StreamCheckResponse.newBuilder()
                      .setId(request.getId())
                      .setResponse(byName(request.getCheck()))
                      .build());
        }
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {
        observer.onCompleted();
      }
    };
  }

  @Override
  public StreamObserver<WatchAccessRequest> watchAccess(
      StreamObserver<WatchAccessResponse> observer) {
    Map<Long, FirstAnswer> open = new HashMap<>();
    return new StreamObserver<>() {
      @Override
      public void onNext(WatchAccessRequest request) {
        if (request.hasCheck()) {
          FirstAnswer first = new FirstAnswer(request.getId(), observer);
          open.put(request.getId(), first);
          check(request.getCheck(), first);
        } else {
          Objects.requireNonNull(open.remove(request.getId())).end();
        }
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {}
    };
  }

  /** Has the first answer to a watch go where that of a check goes. */
  public static final class FirstAnswer implements StreamObserver<CheckResponse> {
    private final long id;
    private final StreamObserver<WatchAccessResponse> responses;
    private boolean ended;
    private Runnable onEnd = () -> {};

    FirstAnswer(long id, StreamObserver<WatchAccessResponse> responses) {
      this.id = id;
      this.responses = responses;
    }

    /** Has something run when the watch is ended. */
    public synchronized void onEnd(Runnable action) {
      onEnd = action;
    }

    synchronized void end() {
      ended = true;
      onEnd.run();
      say(WatchAccessResponse.newBuilder().setEnded(true));
    }

    @Override
    public synchronized void onNext(CheckResponse response) {
      if (!ended) {
        say(WatchAccessResponse.newBuilder().setResponse(response));
      }
    }

    @Override
    public synchronized void onError(Throwable failure) {
      Status status = Status.fromThrowable(failure);
      say(
          WatchAccessResponse.newBuilder()
              .setError(ItemError.newBuilder().setCode(status.getCode().value())));
    }

    @Override
    public void onCompleted() {}

    private void say(WatchAccessResponse.Builder response) {
      synchronized (responses) {
        responses.onNext(response.setId(id).build());
      }
    }
  }

  private static CheckResponse byName(CheckRequest request) {
    return request.getModel().equals("fraud") ? ALLOW : DENY;
  }
}
