package dev.modelgate.bench;

import dev.modelgate.v1.CheckRequest;
import io.grpc.Channel;
import java.util.function.Supplier;

/**
 * A way of asking a server; it runs in the load process, on the channel's one event loop. An
 * implementation answers for nothing but speed: what it does itself takes CPU from the server.
 */
public interface Calls {
  /**
   * Begins {@link LoadRun#inFlight} calls. Each answer is told to {@link LoadRun#saw} and begins
   * the next call, or ends the slot with {@link LoadRun#ended}; a failure ends the run.
   */
  void begin(Channel channel, Supplier<CheckRequest> questions, LoadRun run);
}
