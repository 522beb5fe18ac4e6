package dev.modelgate.client;

import dev.modelgate.client.internal.RpcError;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;

/**
 * When a check may be asked again. Checks change nothing, so repeating one is safe; the bound is
 * one repetition and the deadline of the first.
 */
final class RetryRule {
  private RetryRule() {}

  /**
   * How long to wait before the one repetition.
   *
   * <p>UNAVAILABLE is repeated at once, or after the server's RetryInfo; RESOURCE_EXHAUSTED only
   * after a RetryInfo, for a busy server must not be asked sooner. Nothing else is repeated.
   *
   * @param attempt the attempt that failed, from 1
   * @param remaining until the deadline
   * @return empty if the failure is final or the wait does not end before the deadline
   */
  static Optional<Duration> delay(Throwable failure, int attempt, Duration remaining) {
    if (attempt > 1 || remaining.isNegative() || remaining.isZero()) {
      return Optional.empty();
    }
    RpcError error = RpcError.of(failure);
    Optional<Duration> delay =
        error.code() == Status.Code.UNAVAILABLE
            ? Optional.of(error.retryAfter().orElse(Duration.ZERO))
            : error.retryAfter().filter(after -> error.code() == Status.Code.RESOURCE_EXHAUSTED);
    return delay.filter(after -> after.compareTo(remaining) < 0);
  }
}
