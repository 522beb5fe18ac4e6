package dev.modelgate.gateway;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import java.util.concurrent.Executor;

/**
 * Runs on an event loop: at once on its own thread, so that an answer that is there is heard
 * without a change of threads; else when the loop comes to it, so that who answers waits for
 * nobody.
 */
public record OnLoop(EventLoop loop) implements Executor {
  @Override
  public void execute(Runnable task) {
    if (loop.inEventLoop()) {
      task.run();
    } else {
      loop.execute(task);
    }
  }
}
