package dev.modelgate.client;

import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Checks pipelined on one stream: the cheapest way for a busy server.
 *
 * <p>Answers come in any order and are matched by id. At most {@value #WINDOW_DEFAULT} questions
 * (or the bound given to the builder) are in flight; one more is denied at once as {@code
 * WINDOW_FULL}, so that memory and waiting are bounded. The same bound holds for questions that the
 * transport has not yet sent, answered or not, because the server does not read. Each question has
 * the client's deadline; after it the question is denied and leaves the window.
 *
 * <p>When the stream breaks, every question in flight is denied with the cause, and the next
 * question opens a new stream: at once after the first break, later after a wait that doubles from
 * 10 ms to 5 s, less up to half of it at random, until an answer has come. A question asked during
 * that wait is denied with the cause of the break.
 *
 * <p>Safe for concurrent use; no method blocks. Invariant: a future is in the window exactly as
 * long as it is not complete, and no future completes exceptionally.
 */
public final class CheckStream implements AutoCloseable {
  /** How many questions may be in flight unless the builder says otherwise. */
  public static final int WINDOW_DEFAULT = 1_024;

  /** Stands for a denial that few questions need, and that holds a whole stack trace. */
  private static final Answer LATE = Answer.failed("LATE", new TimeoutException());

  private final Channel channel;
  private final Duration timeout;
  private final int windowMax;
  private final LateAnswers late;

  private final Object lock = new Object();
  // Guarded by lock.
  private final Map<Long, CompletableFuture<Answer>> window = new HashMap<>();
  private long lastId;
  private @Nullable Session session;
  private boolean closed;
  private final Backoff backoff;
  private Throwable broken = Status.UNAVAILABLE.asRuntimeException();

  CheckStream(
      Channel channel, Duration timeout, int windowMax, LateAnswers late, LongSupplier nanoTime) {
    this.late = late;
    this.channel = channel;
    this.timeout = timeout;
    this.windowMax = windowMax;
    this.backoff = new Backoff(nanoTime);
  }

  /**
   * Asks without blocking.
   *
   * @return completed with the answer by the deadline, on the client's executor or that of the
   *     JDK's timeouts, or before this returns; never exceptionally. Cancelling it frees its place
   *     in the window
   */
  public CompletableFuture<Answer> check(Question question) {
    CompletableFuture<Answer> result = new CompletableFuture<>();
    StreamCheckRequest.Builder request =
        StreamCheckRequest.newBuilder().setCheck(WireConverter.toWire(question));
    long id;
    synchronized (lock) {
      Throwable refusal = refusal();
      if (refusal != null) {
        return CompletableFuture.completedFuture(
            refusal instanceof WindowFullException
                ? Answer.failed("WINDOW_FULL", refusal)
                : WireConverter.toAnswer(refusal));
      }
      id = ++lastId;
      window.put(id, result);
      send(request.setId(id).build());
    }
    if (result.isDone()) {
      return result; // By a server in this process.
    }
    long waitNanos = waitNanos();
    late.after(result, LATE, waitNanos);
    // The caller sees the answer when the place in the window is free, and not before.
    CompletableFuture<Answer> freed =
        result.thenApply(
            answer -> {
              forget(id);
              return answer.equals(LATE) ? timedOut(waitNanos) : answer;
            });
    CompletableFuture<Answer> unused =
        freed.whenComplete(
            (answer, failure) -> {
              if (freed.isCancelled()) {
                forget(id);
                result.cancel(false);
              }
            });
    return freed;
  }

  /** Denies what is in flight and ends the stream; later questions are denied. Idempotent. */
  @Override
  public void close() {
    Session open;
    synchronized (lock) {
      closed = true;
      open = session;
    }
    if (open != null) {
      Status closing = Status.CANCELLED.withDescription("the check stream is closed");
      open.cancel(closing.asRuntimeException());
      breakUp(open, closing.asRuntimeException());
    }
  }

  /** How many questions are in flight. */
  int inFlight() {
    synchronized (lock) {
      return window.size();
    }
  }

  /** Why no question can be sent now, or null. Opens the stream where that is due. */
  private @Nullable Throwable refusal() {
    if (closed) {
      return Status.CANCELLED.withDescription("the check stream is closed").asRuntimeException();
    }
    if (window.size() >= windowMax) {
      return new WindowFullException(windowMax);
    }
    if (session == null) {
      if (!backoff.isOver()) {
        return broken;
      }
      session = new Session();
      session.open();
    }
    Session open = session;
    if (open == null) {
      return broken; // While it was being opened, as by an executor that runs callbacks at once.
    }
    return open.isBackedUp() ? new WindowFullException(windowMax) : null;
  }

  private void send(StreamCheckRequest request) {
    Session open = session;
    if (open != null) {
      open.send(request);
    }
  }

  /** The client's deadline, or that of the gRPC call being served here, if it is earlier. */
  private long waitNanos() {
    Deadline served = Context.current().getDeadline();
    return served == null
        ? timeout.toNanos()
        : Math.min(timeout.toNanos(), Math.max(0, served.timeRemaining(TimeUnit.NANOSECONDS)));
  }

  private static Answer timedOut(long waitNanos) {
    return WireConverter.toAnswer(
        Status.DEADLINE_EXCEEDED
            .withDescription("no answer within " + TimeUnit.NANOSECONDS.toMillis(waitNanos) + " ms")
            .asRuntimeException());
  }

  private void forget(long id) {
    synchronized (lock) {
      window.remove(id);
    }
  }

  private void answered(Session from, StreamCheckResponse response) {
    CompletableFuture<Answer> result;
    synchronized (lock) {
      if (from != session) {
        return;
      }
      backoff.succeeded();
      result = window.remove(response.getId());
    }
    if (result != null) {
      result.complete(
          switch (response.getResultCase()) {
            case RESPONSE -> WireConverter.toAnswer(response.getResponse());
            case ERROR -> WireConverter.toAnswer(response.getError());
            case RESULT_NOT_SET -> WireConverter.empty();
          });
    }
  }

  private void breakUp(Session from, Throwable cause) {
    List<CompletableFuture<Answer>> pending;
    synchronized (lock) {
      if (from != session) {
        return;
      }
      session = null;
      broken = cause;
      backoff.failed();
      pending = new ArrayList<>(window.values());
      window.clear();
    }
    pending.forEach(result -> result.complete(WireConverter.toAnswer(cause)));
  }

  /** One stream. Its requests are sent under the lock of the outer object. */
  private final class Session
      implements ClientResponseObserver<StreamCheckRequest, StreamCheckResponse> {
    private @Nullable ClientCallStreamObserver<StreamCheckRequest> requests;
    private int sentSinceReady;

    void open() {
      // Not that of a call being served on this thread: the stream outlives it.
      Context.ROOT.run(() -> AuthorizationServiceGrpc.newStub(channel).streamCheck(this));
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<StreamCheckRequest> requestStream) {
      requests = requestStream;
    }

    /** Whether the transport may hold a whole window of unsent questions. */
    boolean isBackedUp() {
      if (requests != null && requests.isReady()) {
        sentSinceReady = 0;
      }
      return sentSinceReady >= windowMax;
    }

    void send(StreamCheckRequest request) {
      if (requests != null) {
        sentSinceReady++;
        requests.onNext(request);
      }
    }

    void cancel(Throwable cause) {
      synchronized (lock) {
        if (requests != null) {
          requests.onError(cause);
        }
      }
    }

    @Override
    public void onNext(StreamCheckResponse response) {
      answered(this, response);
    }

    @Override
    public void onError(Throwable failure) {
      breakUp(this, failure);
    }

    @Override
    public void onCompleted() {
      breakUp(
          this,
          Status.UNAVAILABLE.withDescription("the server ended the stream").asRuntimeException());
    }
  }

  /** More questions in flight than the window holds. */
  private static final class WindowFullException extends Exception {
    private static final long serialVersionUID = 1;

    WindowFullException(int windowMax) {
      super("in flight: " + windowMax + " questions (expected: fewer than " + windowMax + ")");
    }
  }
}
