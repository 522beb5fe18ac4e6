package dev.modelgate.proof;

import dev.modelgate.store.Micros;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A wall clock that a test sets, also backwards. */
final class HandClock extends Clock {
  /** Where it begins: in 2027. */
  static final long BEGIN_MICROS = 1_800_000_000_000_000L;

  private volatile long micros = BEGIN_MICROS;
  private volatile Runnable onRead = () -> {};

  long micros() {
    return micros;
  }

  void set(long newMicros) {
    micros = newMicros;
  }

  /** Has something happen whenever the clock is read, which rules and evaluations do midway. */
  void onRead(Runnable action) {
    onRead = action;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Instant instant() {
    onRead.run();
    return Micros.toInstant(micros);
  }
}
