package dev.modelgate.bench;

import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import java.util.function.Supplier;

/** One question in a call of its own. */
final class UnaryCalls implements Calls {
  private final MethodDescriptor<CheckRequest, CheckResponse> method;

  /** By a method that has the messages of Check. */
  UnaryCalls(String method) {
    this.method = PlaneService.method(method);
  }

  @Override
  public void begin(Channel channel, Supplier<CheckRequest> questions, LoadRun run) {
    for (int i = 0; i < run.inFlight(); i++) {
      ask(channel, questions, run);
    }
  }

  private void ask(Channel channel, Supplier<CheckRequest> questions, LoadRun run) {
    CheckRequest question = questions.get();
    long begin = System.nanoTime();
    ClientCalls.asyncUnaryCall(
        channel.newCall(method, CallOptions.DEFAULT),
        question,
        new LoadRun.Observer<CheckResponse>(run) {
          private int allows;

          @Override
          public void onNext(CheckResponse response) {
            allows = response.getDecision() == Decision.DECISION_ALLOW ? 1 : 0;
          }

          @Override
          public void onError(Throwable t) {
            if (Status.fromThrowable(t).getCode() == Status.Code.RESOURCE_EXHAUSTED) {
              next(run.wasRefused());
            } else {
              super.onError(t);
            }
          }

          @Override
          public void onCompleted() {
            next(run.saw(begin, 1, allows));
          }

          private void next(boolean another) {
            if (another) {
              ask(channel, questions, run);
            } else {
              run.ended();
            }
          }
        });
  }
}
