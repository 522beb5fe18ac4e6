package dev.modelgate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The CPU time of a process, from {@code /proc/<pid>/task/<tid>/schedstat}, without the threads
 * that compile and collect: what they do is not the cost of a call, and comes at its own times.
 * Linux only.
 */
final class ServerCpu {
  /** How the names begin that HotSpot 17 to 25 gives to them; Linux cuts names after 15 bytes. */
  private static final List<String> NOT_COUNTED =
      List.of("C1 Compiler", "C2 Compiler", "G1 ", "GC Thread", "VM Thread", "VM Periodic", "Z");

  private static final List<String> COMPILERS = List.of("C1 Compiler", "C2 Compiler");

  private ServerCpu() {}

  /** Of this process so far, in nanoseconds. */
  static long nanos() {
    return nanos(ProcessHandle.current().pid());
  }

  /** Of a process so far, in nanoseconds. */
  static long nanos(long pid) {
    return nanos(pid, NOT_COUNTED);
  }

  /** Of a process so far with the threads that collect, in nanoseconds. */
  static long withCollector(long pid) {
    return nanos(pid, COMPILERS);
  }

  private static long nanos(long pid, List<String> notCounted) {
    long total = 0;
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path task : tasks) {
        total += ofTask(task, notCounted);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return total;
  }

  private static long ofTask(Path task, List<String> notCounted) {
    try {
      String name = Files.readString(task.resolve("comm"));
      if (notCounted.stream().anyMatch(name::startsWith)) {
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
