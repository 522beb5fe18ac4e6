package dev.modelgate.app.check;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A bounded queue with a line per caller: callers take turns, whatever the length of their lines,
 * and what is too much is dropped from the end of the longest. So a storm of one caller makes the
 * others wait for one turn each, and never costs them a place.
 *
 * <p>Source: McKenney, Stochastic Fairness Queueing (1990), with one line per caller in place of
 * hashed ones, for callers are bounded by connections. Not thread-safe.
 *
 * @param <C> a caller, by {@code equals}
 * @param <T> what waits
 */
final class FairQueue<C, T> {
  private final int sizeMax;

  /** The lines that are not empty, the one whose turn it is first. */
  private final LinkedHashMap<C, ArrayDeque<T>> lines = new LinkedHashMap<>();

  private int size;

  /**
   * An empty queue.
   *
   * @param sizeMax the most that wait in all lines together, 1 or more
   */
  FairQueue(int sizeMax) {
    this.sizeMax = sizeMax;
  }

  /**
   * Takes one more.
   *
   * @return what has to go for want of room: the last of the longest line, which may be the item
   *     itself
   */
  Optional<T> add(C caller, T item) {
    if (size < sizeMax) {
      put(caller, item);
      return Optional.empty();
    }
    Map.Entry<C, ArrayDeque<T>> longest = longest();
    ArrayDeque<T> own = lines.get(caller);
    if (own != null && own.size() >= longest.getValue().size() || longest.getValue().size() == 1) {
      return Optional.of(item);
    }
    T last = longest.getValue().removeLast();
    size--;
    put(caller, item);
    return Optional.of(last);
  }

  /** The next one, of the caller whose turn it is. */
  Optional<T> poll() {
    var turns = lines.entrySet().iterator();
    if (!turns.hasNext()) {
      return Optional.empty();
    }
    Map.Entry<C, ArrayDeque<T>> turn = turns.next();
    ArrayDeque<T> line = turn.getValue();
    T item = line.remove();
    size--;
    if (line.isEmpty() || lines.size() > 1) {
      C caller = turn.getKey();
      turns.remove();
      if (!line.isEmpty()) {
        lines.put(caller, line); // Behind all others.
      }
    }
    return Optional.of(item);
  }

  int size() {
    return size;
  }

  private void put(C caller, T item) {
    lines.computeIfAbsent(caller, first -> new ArrayDeque<>()).add(item);
    size++;
  }

  /** Looked for only when the queue is full. */
  private Map.Entry<C, ArrayDeque<T>> longest() {
    Map.Entry<C, ArrayDeque<T>> longest = lines.entrySet().iterator().next();
    for (Map.Entry<C, ArrayDeque<T>> line : lines.entrySet()) {
      longest = line.getValue().size() > longest.getValue().size() ? line : longest;
    }
    return longest;
  }
}
