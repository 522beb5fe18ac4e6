package dev.modelgate.decision;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What the answer to a question has to be, by {@link ReferenceEvaluator}.
 *
 * @param allowed whether every link may do it
 * @param conditional whether it turns on attributes that the request does not have
 * @param reason the first denied link's reason, from {@link Reason} or a gate; else empty
 * @param deniedLink the first denied link; empty when none is, or when it is the principal itself
 * @param steps how it came about; put into words only when somebody reads it
 */
public record Verdict(
    boolean allowed,
    boolean conditional,
    String reason,
    String deniedLink,
    List<Supplier<String>> steps) {
  /** Copies the list. */
  public Verdict {
    steps = List.copyOf(steps);
  }

  /** How it came about, one step per line, for people. */
  public String derivation() {
    return steps.stream().map(Supplier::get).collect(Collectors.joining("\n"));
  }
}
