package dev.modelgate.grpc;

import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;

/** Begins calls of Import, and bounds how many there are. Thread-safe. */
final class ImportCalls {
  /** The most imports at a time on one node; each may hold a thread of the executor. */
  static final int OPEN_MAX = 4;

  private final ImportOpening opening;
  private final Executor executor;
  private final ErrorMapper errors;
  private final Semaphore free = new Semaphore(OPEN_MAX);

  ImportCalls(ImportOpening opening, Executor executor, ErrorMapper errors) {
    this.opening = opening;
    this.executor = executor;
    this.errors = errors;
  }

  /** What reads a new call; one too many is refused with OVERLOADED and read by nobody. */
  StreamObserver<ImportRequest> start(
      ServerCallStreamObserver<ImportResponse> call, Requester requester) {
    if (free.tryAcquire()) {
      return new ImportCall(opening, requester, call, executor, errors, free::release);
    }
    Refusal refusal =
        new Refusal(Fault.OVERLOADED, "too many imports are open", "", Map.of("queue", "imports"));
    call.onError(errors.toException(refusal));
    return new Unread();
  }

  /** Takes what still arrives of a call that was refused. */
  private static final class Unread implements StreamObserver<ImportRequest> {
    @Override
    public void onNext(ImportRequest message) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }
}
