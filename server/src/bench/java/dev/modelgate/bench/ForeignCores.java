package dev.modelgate.bench;

import java.util.List;

/** How many cores were busy with what is not part of the benchmark, from the making of this on. */
final class ForeignCores {
  private final long begin = System.nanoTime();
  private final long foreign;

  /**
   * @param own the processes of the benchmark that run by now and work until the end
   */
  ForeignCores(List<ProcessHandle> own) {
    this.foreign = MachineCpu.busyNanos() - MachineCpu.of(own);
  }

  /**
   * The mean until now.
   *
   * @param own the same processes, and those of the benchmark that were started since
   */
  double until(List<ProcessHandle> own) {
    long now = MachineCpu.busyNanos() - MachineCpu.of(own);
    return (now - foreign) / (double) (System.nanoTime() - begin);
  }
}
