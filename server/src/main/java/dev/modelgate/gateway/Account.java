package dev.modelgate.gateway;

import java.util.EnumMap;
import java.util.Map;

/**
 * What one call has taken of the {@link Budget}: the two windows of flow control, which either peer
 * may fill without being asked, and every byte of a message from when it is read off the network
 * until the other side's network has room for more.
 *
 * <p>Invariant: after {@link #close} it has nothing and takes nothing. Thread-safe.
 */
final class Account {
  /** Whose messages. */
  enum Side {
    CALLER,
    UPSTREAM
  }

  private final Budget budget;
  private final Map<Side, Long> taken = new EnumMap<>(Side.class);
  private long windows;
  private boolean counted;
  private boolean over;
  private boolean closed;
  private Runnable whenOver = () -> {};

  Account(Budget budget) {
    this.budget = budget;
    for (Side side : Side.values()) {
      taken.put(side, 0L);
    }
  }

  /**
   * Takes a place for the call, and what its windows may hold.
   *
   * @return what there was no room for, as a limit's name; empty if there was
   */
  synchronized String open(long windowBytes) {
    if (closed || over || !budget.take(windowBytes)) {
      return "gateway-bytes";
    }
    windows += windowBytes;
    if (!budget.begin()) {
      return "gateway-calls";
    }
    counted = true;
    return "";
  }

  /** Has somebody told, once, when there is no room; at once if that has happened. */
  void whenOver(Runnable told) {
    boolean now;
    synchronized (this) {
      now = over;
      whenOver = told;
    }
    if (now) {
      told.run();
    }
  }

  /** Bytes of a message were read. */
  void read(Side side, long bytes) {
    Runnable told;
    synchronized (this) {
      if (closed || over) {
        return;
      }
      if (budget.take(bytes)) {
        taken.merge(side, bytes, Long::sum);
        return;
      }
      over = true;
      told = whenOver;
    }
    told.run();
  }

  /** The messages of that side are gone. */
  synchronized void passed(Side side) {
    giveBack(side);
  }

  /** The call has ended. */
  synchronized void close() {
    closed = true;
    for (Side side : Side.values()) {
      giveBack(side);
    }
    budget.giveBack(windows);
    windows = 0;
    if (counted) {
      counted = false;
      budget.end();
    }
  }

  private void giveBack(Side side) {
    Long bytes = taken.put(side, 0L);
    budget.giveBack(bytes == null ? 0 : bytes);
  }
}
