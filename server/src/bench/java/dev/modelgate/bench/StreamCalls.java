package dev.modelgate.bench;

import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.Channel;
import io.grpc.stub.StreamObserver;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Questions on one stream. */
final class StreamCalls implements Calls {
  @Override
  public void begin(Channel channel, Supplier<CheckRequest> questions, LoadRun run) {
    Streamed observer = new Streamed(questions, run);
    observer.begin(AuthorizationServiceGrpc.newStub(channel).streamCheck(observer));
  }

  /** One stream; the caller's thread and the event loop take turns in sending. */
  private static final class Streamed extends LoadRun.Observer<StreamCheckResponse> {
    private final Supplier<CheckRequest> questions;
    private final LoadRun run;
    private final long[] begun;
    private int open;
    private @Nullable StreamObserver<StreamCheckRequest> out;

    Streamed(Supplier<CheckRequest> questions, LoadRun run) {
      super(run);
      this.questions = questions;
      this.run = run;
      this.begun = new long[run.inFlight()];
      this.open = run.inFlight();
    }

    synchronized void begin(StreamObserver<StreamCheckRequest> requests) {
      out = requests;
      for (int slot = 0; slot < begun.length; slot++) {
        send(requests, slot);
      }
    }

    @Override
    public synchronized void onNext(StreamCheckResponse response) {
      StreamObserver<StreamCheckRequest> requests = Objects.requireNonNull(out);
      int slot = (int) response.getId();
      if (run.saw(begun[slot], 1, 0)) {
        send(requests, slot);
      } else if (--open == 0) {
        requests.onCompleted();
      }
    }

    @Override
    public void onCompleted() {
      for (int slot = 0; slot < run.inFlight(); slot++) {
        run.ended();
      }
    }

    private void send(StreamObserver<StreamCheckRequest> requests, int slot) {
      begun[slot] = System.nanoTime();
      requests.onNext(
          StreamCheckRequest.newBuilder().setId(slot).setCheck(questions.get()).build());
    }
  }
}
