package dev.modelgate.app.commit;

import dev.modelgate.app.Telemetry;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.model.Fault;
import dev.modelgate.model.RefusedException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises the alarm when glass is broken, or may have been. A request that is repeated raises it
 * again: better twice than never.
 */
public final class AlarmingCommitter implements Committer {
  private static final Logger log = LoggerFactory.getLogger(AlarmingCommitter.class);

  private final Committer committer;
  private final Telemetry telemetry;

  /** Commits by another committer. */
  public AlarmingCommitter(Committer committer, Telemetry telemetry) {
    this.committer = committer;
    this.telemetry = telemetry;
  }

  @Override
  public CompletionStage<Outcome> commit(String organizationId, Order order, Command command) {
    CompletionStage<Outcome> outcome = committer.commit(organizationId, order, command);
    return command instanceof Command.BreakGlass broken
        ? outcome.whenComplete((done, failure) -> alarm(order, broken, failure))
        : outcome;
  }

  /** The reason is the caller's text, which a line of the log cannot be broken by. */
  private void alarm(Order order, Command.BreakGlass broken, @Nullable Throwable failure) {
    if (failure != null && !isUnknown(failure)) {
      return;
    }
    telemetry.glassBroken();
    log.warn(
        "BREAK GLASS{}: {} gave {} the role `{}` on {} for {} s: {}",
        failure == null ? "" : " (outcome unknown)",
        order.requester().shown(),
        broken.principal(),
        broken.role(),
        broken.resource(),
        broken.seconds(),
        order.reason().replaceAll("\\p{Cntrl}", " "));
  }

  private static boolean isUnknown(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return cause instanceof RefusedException refused
        && refused.refusal().fault() == Fault.OUTCOME_UNKNOWN;
  }
}
