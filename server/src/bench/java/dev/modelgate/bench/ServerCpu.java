package dev.modelgate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The CPU time of this process, from {@code /proc/self/task/<tid>/schedstat}, without the threads
 * that compile and collect: what they do is not the cost of a call, and comes at its own times.
 * Linux only.
 */
final class ServerCpu {
  private static final Path TASKS = Path.of("/proc/self/task");
  private static final List<String> NOT_COUNTED =
      List.of("C1 Compiler", "C2 Compiler", "G1 ", "GC Thread", "VM Thread", "VM Periodic");

  private ServerCpu() {}

  /** So far, in nanoseconds. */
  static long nanos() {
    long total = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
      for (Path task : tasks) {
        total += ofTask(task);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return total;
  }

  private static long ofTask(Path task) {
    try {
      String name = Files.readString(task.resolve("comm"));
      if (NOT_COUNTED.stream().anyMatch(name::startsWith)) {
        return 0;
      }
      return firstNumber(Files.readString(task.resolve("schedstat")));
    } catch (IOException e) {
      return 0; // The thread has ended meanwhile.
    }
  }

  static long firstNumber(String schedstat) {
    return Long.parseLong(schedstat.substring(0, schedstat.indexOf(' ')));
  }
}
