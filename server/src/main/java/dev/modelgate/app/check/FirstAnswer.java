package dev.modelgate.app.check;

import dev.modelgate.model.Refusal;
import java.util.Optional;

/** Takes the first answer about a watched access, which is a check like others. */
final class FirstAnswer implements AnswerSink {
  private final AccessWatches watches;
  private final AccessWatch watch;
  private final Grounds grounds = new Grounds();

  FirstAnswer(AccessWatches watches, AccessWatch watch) {
    this.watches = watches;
    this.watch = watch;
  }

  @Override
  public void answered(Answer answer) {
    watches.settle(watch, answer, grounds);
  }

  @Override
  public void refused(Refusal refusal) {
    watches.lose(watch, refusal);
  }

  @Override
  public boolean isCancelled() {
    return watches.isClosed(watch);
  }

  @Override
  public Object caller() {
    return watch.caller;
  }

  @Override
  public boolean isPatient() {
    return true;
  }

  @Override
  public Optional<Grounds> grounds() {
    return Optional.of(grounds);
  }
}
