package dev.modelgate.app.check;

import dev.modelgate.model.Refusal;

/**
 * Answers checks. Thread-safe.
 *
 * <p>{@link #check} never blocks: an answer in the cache is given on the calling thread, everything
 * else on a bounded pool that sheds with OVERLOADED when it is full. An error is given as a refusal
 * and never as an allow.
 */
public interface Authorizer {
  /**
   * Answers one question.
   *
   * @param sink takes the answer, or a refusal: INVALID_FIELD and KIND_NOT_ALLOWED for a name,
   *     UNKNOWN_ACTION, LIMIT_EXCEEDED for a chain, REVISION_INVALID, REVISION_OTHER_LINEAGE,
   *     REVISION_FUTURE, OVERLOADED, STORE_UNAVAILABLE
   */
  void check(Question question, AnswerSink sink);

  /**
   * Takes note of a question that who asks it may not ask, and gives the refusal to the sink; never
   * blocks.
   */
  default void refuse(Question question, Refusal refusal, AnswerSink sink) {
    sink.refused(refusal);
  }

  /**
   * Everything that a chain may do on a resource; blocks for reads, so not for event loops.
   *
   * @param question its action is not looked at
   * @throws dev.modelgate.model.RefusedException as {@link #check}
   */
  Actions listActions(Question question);

  /** Who asks on this thread, for whoever keeps decisions; empty where nobody does. */
  default String asking() {
    return "";
  }

  /**
   * An answer has become another without being asked for again, for whoever keeps decisions.
   *
   * @param asking who asked, as {@link #asking} said then
   * @param nanos from the change to the answer
   */
  default void changed(Question question, String asking, Answer answer, long nanos) {}
}
