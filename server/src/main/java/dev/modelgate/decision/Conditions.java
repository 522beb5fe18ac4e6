package dev.modelgate.decision;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the conditions of grants and deny rules come to for one request: its attributes and its
 * time. Pure for one request; an implementation never throws.
 */
@FunctionalInterface
public interface Conditions {
  /** What every condition comes to where no request is at hand: nothing is known. */
  Conditions UNKNOWN = condition -> new Result(Truth.MISSING, Set.of(), false);

  /** What a condition comes to. */
  Result evaluate(String condition);

  /** The same for many questions in a row by one thread: each condition is evaluated once. */
  default Conditions remembering() {
    Map<String, Result> results = new HashMap<>();
    return condition -> results.computeIfAbsent(condition, this::evaluate);
  }

  /** The outcomes. */
  enum Truth {
    TRUE,
    FALSE,
    /** It turns on attributes that the request does not have. */
    MISSING,
    /** It cannot be evaluated: a grant does not count then, a deny rule does (hazard 7). */
    ERROR
  }

  /**
   * One outcome.
   *
   * @param truth what it comes to
   * @param missing the attributes that the request lacks, sorted, when it is {@link Truth#MISSING}
   * @param usesTime whether it looked at the time, so that it may come to something else at any
   *     later one
   */
  record Result(Truth truth, Set<String> missing, boolean usesTime) {
    /** Copies the set; the copy is in the order of the names, so that all callers tell the same. */
    public Result {
      missing =
          missing.isEmpty() ? Set.of() : Collections.unmodifiableSortedSet(new TreeSet<>(missing));
    }
  }
}
