package dev.modelgate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The CPU time that the whole machine has spent, and what of it processes have. */
final class MachineCpu {
  private static final long TICK_NANOS = 10_000_000;

  private MachineCpu() {}

  /** Busy time of all cores so far, in nanoseconds; a tick of 10 ms is the resolution. */
  static long busyNanos() {
    try {
      String[] fields =
          Files.readString(Path.of("/proc/stat")).lines().findFirst().orElse("").split(" +");
      long ticks = 0;
      for (int i = 1; i < fields.length; i++) {
        boolean idle = i == 4 || i == 5;
        boolean guest = i >= 9;
        ticks += idle || guest ? 0 : Long.parseLong(fields[i]);
      }
      return ticks * TICK_NANOS;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The CPU time of processes and of their threads so far, in nanoseconds. */
  static long of(List<ProcessHandle> processes) {
    long nanos = 0;
    for (ProcessHandle process : processes) {
      nanos += ofProcess(process);
    }
    return nanos;
  }

  /** The CPU time of a process that runs and of its threads so far, in nanoseconds. */
  static long ofProcess(ProcessHandle process) {
    return process.info().totalCpuDuration().orElseThrow().toNanos();
  }
}
