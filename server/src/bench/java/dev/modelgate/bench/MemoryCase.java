package dev.modelgate.bench;

import dev.modelgate.main.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The memory of a whole sidecar, as {@code serve} runs it, over the crowd's store. It takes the
 * store away from this process, so it comes last.
 */
final class MemoryCase implements Case {
  private static final long STARTING_SECONDS_MAX = 60;

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String summary() {
    return "resident memory of serve with a heap of 128 MB, the hot pairs cached";
  }

  @Override
  public Form form() {
    return Form.FULL;
  }

  @Override
  public void run(Stage stage) throws Exception {
    Path data = stage.crowd().directory();
    stage.leave(new Crowd(stage.settings().grants()));
    Path socket = data.resolve("serve.sock");
    Process serve =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx128m",
                    "-XX:+UseSerialGC",
                    "-XX:MaxDirectMemorySize=128m",
                    "-classpath",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    "serve",
                    "--data=" + data,
                    "--socket=" + socket,
                    "--port=0",
                    "--admin-port=0",
                    "--http-port=0"))
            .redirectOutput(data.resolve("serve.out").toFile())
            .redirectError(data.resolve("serve.err").toFile())
            .start();
    try {
      awaitSocket(serve, socket, data.resolve("serve.err"));
      String grants = "%,d grants, heap of 128 MB".formatted(stage.settings().grants());
      row(stage, grants + ": resident memory at the start", serve, Target.NONE);
      Subject check =
          Subject.ofProcess("unix:" + socket, CallKinds.CHECK, Questions.HOT, serve.toHandle());
      stage.warmUp(check, 64, stage.settings().warmUpCalls());
      row(stage, grants + ": resident memory, hot pairs cached", serve, Target.value(512, 256));
      stage.warmUp(
          check.asked(CallKinds.CHECK, Questions.MISSES), 64, stage.settings().warmUpCalls());
      row(stage, grants + ": resident memory after 90 % misses", serve, Target.NONE);
    } finally {
      serve.destroy();
      ChildServer.end(serve);
    }
  }

  private static void row(Stage stage, String name, Process serve, Target target)
      throws IOException {
    double megabytes = ChildServer.residentBytes(serve.toHandle()) / 1e6;
    stage.add(Row.figure(name, 64, megabytes, "MB", true, target));
  }

  private static void awaitSocket(Process serve, Path socket, Path errors)
      throws IOException, InterruptedException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(STARTING_SECONDS_MAX);
    while (!Files.exists(socket)) {
      if (!serve.isAlive() || System.nanoTime() > until) {
        throw new IllegalStateException("serve did not start: " + Files.readString(errors));
      }
      Thread.sleep(50);
    }
  }
}
