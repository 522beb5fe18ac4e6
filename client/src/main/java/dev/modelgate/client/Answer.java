package dev.modelgate.client;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the sidecar decided, or that it could not be asked.
 *
 * <p>Invariant: {@link #allowed()} is true only for an explicit decision to allow. A failure, a
 * timeout and a decision that this version does not know are {@link Outcome#DENIED} with a {@link
 * #cause()}.
 *
 * @param outcome the decision
 * @param reason why not, a string in UPPER_SNAKE such as {@code NO_GRANT}; empty on allow. With a
 *     cause it is the sidecar's error reason or, if it gave none, the name of the gRPC status such
 *     as {@code DEADLINE_EXCEEDED}
 * @param revision the answer holds at this revision; opaque, empty where there is none
 * @param validUntil the earliest time at which the same question could be answered otherwise with
 *     no change made; empty: none is known. No promise: a revoke ends it at once
 * @param deniedLink which member of {@link Question#actingThrough()} was denied; empty: none
 * @param missingAttributes with {@link Outcome#CONDITIONAL} the attributes that the context lacks,
 *     sorted; otherwise empty
 * @param cause why no decision was read; for a failed call an {@code io.grpc.StatusException} or
 *     {@code io.grpc.StatusRuntimeException}. Present only with {@link Outcome#DENIED}
 */
public record Answer(
    Outcome outcome,
    String reason,
    String revision,
    Optional<Instant> validUntil,
    String deniedLink,
    List<String> missingAttributes,
    Optional<Throwable> cause) {

  /** What a check decides. */
  public enum Outcome {
    /** Allowed. */
    ALLOWED,
    /** Denied, or not decided: see {@link Answer#cause()}. */
    DENIED,
    /** Would turn on attributes that the context lacks. Read it as a denial, or ask with them. */
    CONDITIONAL
  }

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there is a cause with an outcome other than denied
   */
  public Answer {
    missingAttributes = List.copyOf(missingAttributes);
    if (cause.isPresent() && outcome != Outcome.DENIED) {
      throw new IllegalArgumentException(
          "outcome: `" + outcome + "` (expected: DENIED with a cause)");
    }
  }

  /** Whether the action may go ahead: an explicit decision to allow, and nothing else. */
  public boolean allowed() {
    return outcome == Outcome.ALLOWED;
  }

  /** A denial because no decision was read. */
  static Answer failed(String reason, Throwable cause) {
    return new Answer(
        Outcome.DENIED, reason, "", Optional.empty(), "", List.of(), Optional.of(cause));
  }
}
