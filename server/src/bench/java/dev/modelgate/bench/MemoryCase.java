package dev.modelgate.bench;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The memory of a whole sidecar, as {@code serve} runs it, over the crowd's store. It takes the
 * store away from this process, so it comes last.
 */
final class MemoryCase implements Case {
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
  public void run(Stage stage) throws IOException {
    Path data = stage.crowd().directory();
    stage.leave(new Crowd(stage.settings().grants()));
    try (ServeProcess serve = ServeProcess.start(data)) {
      String grants = "%,d grants, heap of 128 MB".formatted(stage.settings().grants());
      row(stage, grants + ": resident memory at the start", serve, Target.NONE);
      stage.warmUp(serve.subject(Questions.HOT), 64, stage.settings().warmUpCalls());
      row(stage, grants + ": resident memory, hot pairs cached", serve, Target.value(512, 256));
      stage.warmUp(serve.subject(Questions.MISSES), 64, stage.settings().warmUpCalls());
      row(stage, grants + ": resident memory after 90 % misses", serve, Target.NONE);
    }
  }

  private static void row(Stage stage, String name, ServeProcess serve, Target target)
      throws IOException {
    stage.add(Row.figure(name, 64, serve.residentMegabytes(), "MB", true, target));
  }
}
