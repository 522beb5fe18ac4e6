package dev.modelgate.app.commit;

import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Actor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the rows of deleted objects by ordinary change sets, a bounded number at a time (hazard
 * 13). They give nothing any more, so that nothing is lost when it does not run; it only saves
 * room. One change set is under way at a time, and everything else goes ahead of it (hazard 23).
 */
public final class Sweeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Sweeper.class);
  private static final Requester REQUESTER =
      new Requester(Actor.SWEEPER.credential(), Optional.empty());
  private static final int ORPHANS_MAX = 100;
  private static final long COMMIT_WAIT_SECONDS = 30;

  private final Publication publication;
  private final Committer committer;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread sweeping = new Thread(task, "modelgate-sweeper");
            sweeping.setDaemon(true);
            return sweeping;
          });

  /** A sweeper that does nothing before {@link #start} or {@link #sweep}. */
  public Sweeper(Publication publication, Committer committer) {
    this.publication = publication;
    this.committer = committer;
  }

  /** Sweeps again and again, with a pause of that many seconds. */
  public void start(long pauseSeconds) {
    var unused =
        thread.scheduleWithFixedDelay(
            this::sweepQuietly, pauseSeconds, pauseSeconds, TimeUnit.SECONDS);
  }

  /**
   * Sweeps once through all organizations; blocks for commits.
   *
   * @return how many change sets that took, at most {@value #ORPHANS_MAX} per organization
   * @throws InterruptedException when it is interrupted, as by {@link #close}
   */
  public int sweep() throws InterruptedException {
    int swept = 0;
    for (OrgState org : publication.current().organizations()) {
      if (org.isInitialized() && !org.isRestricted()) {
        swept += sweep(org.id());
      }
    }
    return swept;
  }

  private int sweep(String organizationId) throws InterruptedException {
    int swept = 0;
    for (Uid orphan : orphans(organizationId)) {
      try {
        committer
            .commit(organizationId, Order.of(REQUESTER), new Command.Sweep(orphan))
            .toCompletableFuture()
            .get(COMMIT_WAIT_SECONDS, TimeUnit.SECONDS);
        swept++;
      } catch (ExecutionException | TimeoutException e) {
        log.warn("organization {}: {} was not swept and will be later", organizationId, orphan, e);
        return swept;
      }
    }
    return swept;
  }

  private List<Uid> orphans(String organizationId) {
    return publication.retained(
        state -> {
          List<Uid> orphans = new ArrayList<>();
          state.organization(organizationId).ifPresent(org -> collect(state, org, orphans));
          return orphans;
        });
  }

  private static void collect(Published state, OrgState org, List<Uid> orphans) {
    state
        .rows(org)
        .eachOrphan(
            row -> {
              orphans.add(row.uid());
              return orphans.size() < ORPHANS_MAX;
            });
  }

  private void sweepQuietly() {
    try {
      sweep();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.warn("Sweeping failed and goes on later", e);
    }
  }

  /** Stops; what was handed over is committed or not. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
