package dev.modelgate.app.check;

import dev.modelgate.model.Refusal;

/** Passes on that a question was refused before it was asked. */
final class RefusedSink implements AnswerSink {
  private final AccessListener listener;

  RefusedSink(AccessListener listener) {
    this.listener = listener;
  }

  @Override
  public void answered(Answer answer) {
    throw new IllegalStateException("a refused question was answered");
  }

  @Override
  public void refused(Refusal refusal) {
    listener.lost(refusal);
  }
}
