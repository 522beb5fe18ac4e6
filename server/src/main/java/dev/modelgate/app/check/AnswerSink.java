package dev.modelgate.app.check;

import dev.modelgate.model.Refusal;
import java.util.Optional;

/**
 * Takes the one outcome of a check, on the asking thread for an answer from memory, else on a
 * thread of the miss pool.
 */
public interface AnswerSink {
  /** The question was answered. */
  void answered(Answer answer);

  /** The question could not be answered; never an allow. */
  void refused(Refusal refusal);

  /** Whether nobody waits for the outcome any longer; work not yet begun is then left out. */
  default boolean isCancelled() {
    return false;
  }

  /** Has been running since the question was asked; called once, on the asking thread. */
  default Stopwatch stopwatch() {
    return new Stopwatch();
  }

  /**
   * Who asks, to take turns with others for the store; called on the asking thread. Told apart by
   * {@code equals}; by default all are one.
   */
  default Object caller() {
    return AnswerSink.class;
  }

  /**
   * The credential of who asks, where it is known better than from the thread that asks; empty
   * where it is not.
   */
  default String asking() {
    return "";
  }

  /**
   * Whether who asks would rather wait for the store than be refused in an overload: his own flow
   * control bounds what he has asked and was not answered, and his turn bounds what he takes.
   */
  default boolean isPatient() {
    return false;
  }

  /** Where to write what the answer stands on, before it is given; by default nowhere. */
  default Optional<Grounds> grounds() {
    return Optional.empty();
  }
}
