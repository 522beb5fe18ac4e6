package dev.modelgate.bench;

import dev.modelgate.bench.peers.RawQuestions;
import dev.modelgate.v1.CheckRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * Requests that were written before the run, in turn, each in a call of its own: for servers that
 * are asked in words of their own. One thread.
 */
final class RawCalls implements Calls {
  private final RawQuestions raw;
  private final MethodDescriptor<byte[], byte[]> method;
  private final CallOptions options;
  private int at;

  /** The questions of that file. */
  RawCalls(Path file) {
    try {
      this.raw = RawQuestions.read(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.method = raw.descriptor();
    this.options = raw.options();
  }

  @Override
  public void begin(Channel channel, Supplier<CheckRequest> questions, LoadRun run) {
    for (int i = 0; i < run.inFlight(); i++) {
      ask(channel, run);
    }
  }

  private void ask(Channel channel, LoadRun run) {
    at = at + 1 == raw.requests().size() ? 0 : at + 1;
    long begin = System.nanoTime();
    ClientCalls.asyncUnaryCall(
        channel.newCall(method, options),
        raw.requests().get(at),
        new LoadRun.Observer<byte[]>(run) {
          private int allows;

          @Override
          public void onNext(byte[] response) {
            allows = raw.allows(response) ? 1 : 0;
          }

          @Override
          public void onCompleted() {
            if (run.saw(begin, 1, allows)) {
              ask(channel, run);
            } else {
              run.ended();
            }
          }
        });
  }
}
