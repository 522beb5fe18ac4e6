package dev.modelgate.gateway;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** How many bytes all calls together may hold, and how many calls there may be. Thread-safe. */
final class Budget {
  private final long bytesMax;
  private final int callsMax;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger calls = new AtomicInteger();

  Budget(long bytesMax, int callsMax) {
    this.bytesMax = bytesMax;
    this.callsMax = callsMax;
  }

  /** Takes bytes, all of them or none; answers whether there was room. */
  boolean take(long taken) {
    if (bytes.addAndGet(taken) <= bytesMax) {
      return true;
    }
    bytes.addAndGet(-taken);
    return false;
  }

  void giveBack(long taken) {
    bytes.addAndGet(-taken);
  }

  /** Takes a place for a call; answers whether there was one. */
  boolean begin() {
    if (calls.incrementAndGet() <= callsMax) {
      return true;
    }
    calls.decrementAndGet();
    return false;
  }

  void end() {
    calls.decrementAndGet();
  }

  /** How many bytes are taken. */
  long bytes() {
    return bytes.get();
  }

  /** How many calls are under way. */
  int calls() {
    return calls.get();
  }
}
