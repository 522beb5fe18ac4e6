package dev.modelgate.main;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Gives the sidecar a heap that is right next to a prediction server. {@code java -jar} takes a
 * quarter of the machine, and a jar cannot say otherwise; so the command starts itself once more
 * with a bounded heap, unless the user chose one with {@code -Xmx}. The child ends with its parent,
 * also when the parent is killed.
 */
final class Relaunch {
  private static final String PARENT = "modelgate.parent";

  private Relaunch() {}

  /**
   * Runs the command in a child with that heap and waits for it.
   *
   * @return the child's exit code; empty when this process is the one to do the work
   */
  static OptionalInt withHeap(String heap, String[] args) throws IOException, InterruptedException {
    Optional<Path> jar = jar();
    boolean chosen =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .anyMatch(
                a ->
                    a.startsWith("-Xmx")
                        || a.startsWith("-XX:MaxHeapSize")
                        || a.startsWith("-XX:MaxRAM"));
    if (chosen || jar.isEmpty()) {
      return OptionalInt.empty();
    }
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-XX:+UseSerialGC",
                "-XX:MaxDirectMemorySize=128m",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "-D" + PARENT + "=" + ProcessHandle.current().pid(),
                "-jar",
                jar.get().toString()));
    command.addAll(List.of(args));
    Process child = new ProcessBuilder(command).inheritIO().start();
    Thread stop = new Thread(() -> stop(child), "modelgate-stop");
    Runtime.getRuntime().addShutdownHook(stop);
    return OptionalInt.of(child.waitFor());
  }

  /** In a child: ends this process when the parent is gone. */
  static void endWithParent() {
    String pid = System.getProperty(PARENT);
    if (pid == null) {
      return;
    }
    Optional<ProcessHandle> parent =
        ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive);
    if (parent.isEmpty()) {
      Runtime.getRuntime().halt(1);
    }
    Thread watch =
        new Thread(
            () -> {
              parent.get().onExit().join();
              System.exit(1);
            },
            "modelgate-parent");
    watch.setDaemon(true);
    watch.start();
  }

  private static void stop(Process child) {
    child.destroy();
    try {
      child.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Optional<Path> jar() {
    String classPath = System.getProperty("java.class.path", "");
    return classPath.endsWith(".jar") && !classPath.contains(System.getProperty("path.separator"))
        ? Optional.of(Path.of(classPath))
        : Optional.empty();
  }
}
