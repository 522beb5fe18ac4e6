package dev.modelgate.bench;

/**
 * What one round of load has shown.
 *
 * @param checks the checks that were answered, more than none
 * @param allowed how many of them were allowed
 * @param seconds how long it took
 * @param p50Micros what half of the calls took at most, in microseconds
 * @param p99Micros what 99 in 100 of the calls took at most, in microseconds
 * @param cpuMicros the server's CPU time per check, in microseconds
 * @param foreignCores how many cores were busy with what is not part of the benchmark
 */
public record Round(
    long checks,
    long allowed,
    double seconds,
    double p50Micros,
    double p99Micros,
    double cpuMicros,
    double foreignCores) {
  /** Checks per second. */
  public double rate() {
    return checks / seconds;
  }
}
