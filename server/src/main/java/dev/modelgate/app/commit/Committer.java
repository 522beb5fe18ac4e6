package dev.modelgate.app.commit;

import dev.modelgate.app.sharing.Command;
import java.util.concurrent.CompletionStage;

/** The only mutation path. */
public interface Committer {
  /**
   * Commits one command to one organization.
   *
   * <p>Validates on the calling thread, which may read from disk and wait for other commands of the
   * same organization being validated (not for their sync), so not for event loops.
   *
   * @param organizationId the id of the organization; {@code system} for a {@link
   *     Command.SystemCommand}
   * @return completes when the change is durable and every later check sees it. Completes
   *     exceptionally with {@link dev.modelgate.model.RefusedException}: a fault of a rule,
   *     NOT_FOUND for an unknown organization, REQUEST_ID_REUSED, REQUEST_EXPIRED, OVERLOADED,
   *     STORE_UNAVAILABLE when it surely was not applied, OUTCOME_UNKNOWN with the metadata {@code
   *     baseRevision} when that is not known (hazards 20 and 21)
   */
  CompletionStage<Outcome> commit(String organizationId, Order order, Command command);
}
