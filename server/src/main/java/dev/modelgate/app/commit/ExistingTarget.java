package dev.modelgate.app.commit;

import dev.modelgate.app.sharing.Command;
import java.util.concurrent.CompletionStage;

/** An organization that is there. */
record ExistingTarget(Committer committer) implements ImportTarget {
  @Override
  public CompletionStage<Outcome> commit(String organizationId, Order order, Command command) {
    return committer.commit(organizationId, order, command);
  }

  @Override
  public boolean isImmediate() {
    return true;
  }

  @Override
  public void publish() {
    // Every commit was there when it was acknowledged.
  }

  @Override
  public void close() {
    // What was committed stays.
  }
}
