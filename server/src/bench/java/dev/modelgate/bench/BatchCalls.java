package dev.modelgate.bench;

import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.CheckRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCalls;
import java.util.function.Supplier;

/** A hundred questions in a call. */
final class BatchCalls implements Calls {
  private static final int BATCH = 100;

  @Override
  public void begin(Channel channel, Supplier<CheckRequest> questions, LoadRun run) {
    for (int i = 0; i < run.inFlight(); i++) {
      ask(channel, questions, run);
    }
  }

  private void ask(Channel channel, Supplier<CheckRequest> questions, LoadRun run) {
    BatchCheckRequest.Builder batch = BatchCheckRequest.newBuilder();
    for (int i = 0; i < BATCH; i++) {
      batch.addItems(questions.get());
    }
    long begin = System.nanoTime();
    ClientCalls.asyncUnaryCall(
        channel.newCall(AuthorizationServiceGrpc.getBatchCheckMethod(), CallOptions.DEFAULT),
        batch.build(),
        new LoadRun.Observer<BatchCheckResponse>(run) {
          @Override
          public void onNext(BatchCheckResponse response) {}

          @Override
          public void onCompleted() {
            if (run.saw(begin, BATCH, 0)) {
              ask(channel, questions, run);
            } else {
              run.ended();
            }
          }
        });
  }
}
