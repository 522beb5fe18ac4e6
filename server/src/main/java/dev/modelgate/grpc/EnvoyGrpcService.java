package dev.modelgate.grpc;

import dev.modelgate.envoy.v3.AuthorizationGrpc;
import dev.modelgate.envoy.v3.CheckRequest;
import dev.modelgate.envoy.v3.CheckResponse;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.proxy.Gate;
import dev.modelgate.proxy.ProxiedRequest;
import dev.modelgate.proxy.Verdict;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Envoy's external authorization on the data plane: an Envoy is a caller that asks about others, by
 * the protection document.
 *
 * <p>Every request is answered with a response, a denial too; the call fails only where Envoy
 * itself is refused, and Envoy denies then. Runs on the event loop, where nothing blocks; requests
 * with much to read go to an executor.
 */
public final class EnvoyGrpcService extends AuthorizationGrpc.AuthorizationImplBase {
  /** What is read on the event loop, in bytes: tens of microseconds. */
  private static final int INLINE_BYTES_MAX = 16_384;

  private final Gate gate;
  private final Executor reading;
  private final ErrorMapper errors;

  /**
   * The service.
   *
   * @param reading reads large requests; bounded
   */
  public EnvoyGrpcService(Gate gate, Executor reading, ErrorMapper errors) {
    this.gate = gate;
    this.reading = reading;
    this.errors = errors;
  }

  @Override
  public void check(CheckRequest request, StreamObserver<CheckResponse> observer) {
    var call = (ServerCallStreamObserver<CheckResponse>) observer;
    call.setOnCancelHandler(() -> {}); // So that an answer that comes too late is no error.
    Gate.Asker asker =
        new Gate.Asker(
            Authentication.presentCredential(),
            Connection.peer(),
            CallerContext.ASKING.get(),
            Connection.turn(),
            call::isCancelled);
    if (request.getSerializedSize() <= INLINE_BYTES_MAX) {
      decide(request, asker, call);
      return;
    }
    try {
      reading.execute(Context.current().wrap(() -> decide(request, asker, call)));
    } catch (RejectedExecutionException e) {
      call.onError(
          errors.toException(
              Refusal.of(Fault.OVERLOADED, "too many calls wait").with("queue", "proxies")));
    }
  }

  private void decide(
      CheckRequest request, Gate.Asker asker, ServerCallStreamObserver<CheckResponse> call) {
    boolean isGrpc = EnvoyRequests.isGrpc(request.getAttributes());
    ProxiedRequest read;
    try {
      read = EnvoyRequests.read(request.getAttributes());
    } catch (IllegalArgumentException e) {
      answer(call, Verdict.malformed(String.valueOf(e.getMessage())), isGrpc);
      return;
    }
    try {
      gate.decide(read, asker, new Answering(call, isGrpc));
    } catch (RuntimeException e) {
      call.onError(errors.toException(e));
    }
  }

  private void answer(
      ServerCallStreamObserver<CheckResponse> call, Verdict verdict, boolean isGrpc) {
    call.onNext(EnvoyAnswers.answer(verdict, isGrpc, gate.challenge()));
    call.onCompleted();
  }

  private final class Answering implements Gate.Sink {
    private final ServerCallStreamObserver<CheckResponse> call;
    private final boolean isGrpc;

    Answering(ServerCallStreamObserver<CheckResponse> call, boolean isGrpc) {
      this.call = call;
      this.isGrpc = isGrpc;
    }

    @Override
    public void decided(Verdict verdict) {
      answer(call, verdict, isGrpc);
    }

    @Override
    public void refused(RefusedException refusal) {
      call.onError(errors.toException(refusal));
    }
  }
}
