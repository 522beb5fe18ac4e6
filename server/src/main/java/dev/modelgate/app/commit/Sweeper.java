package dev.modelgate.app.commit;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Uid;
import dev.modelgate.store.row.OrphanRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
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
 *
 * <p>Principals that were deleted are kept for a while, so that they can be restored: per
 * organization the latest {@value #KEPT_MAX}, for as long as the settings say. What stays for ever
 * is one row per uid and one per name that was ever deleted, by which nobody is taken for them.
 */
public final class Sweeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Sweeper.class);
  private static final int ORPHANS_MAX = 100;

  /** The most deleted principals of one organization that are kept; of more, the oldest go. */
  public static final int KEPT_MAX = 10_000;

  private static final long COMMIT_WAIT_SECONDS = 30;

  private static final Comparator<Orphan> LATEST_LAST =
      Comparator.comparing(Orphan::deletedAtMicros).thenComparing(Orphan::uid);

  private final Publication publication;
  private final Committer committer;
  private final MonotoneClock clock;
  private final Duration keep;
  private final int keptMax;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread sweeping = new Thread(task, "modelgate-sweeper");
            sweeping.setDaemon(true);
            return sweeping;
          });

  /**
   * Something to sweep.
   *
   * @param deletedAtMicros 0 for what cannot be restored
   */
  private record Orphan(Uid uid, long deletedAtMicros) {}

  /**
   * A sweeper that does nothing before {@link #start} or {@link #sweep}.
   *
   * @param keep how long deleted principals can be restored; zero for not at all
   */
  public Sweeper(Publication publication, Committer committer, MonotoneClock clock, Duration keep) {
    this(publication, committer, clock, keep, KEPT_MAX);
  }

  /** The same with another bound on how many are kept. */
  public Sweeper(
      Publication publication,
      Committer committer,
      MonotoneClock clock,
      Duration keep,
      int keptMax) {
    this.publication = publication;
    this.committer = committer;
    this.clock = clock;
    this.keep = keep;
    this.keptMax = keptMax;
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
    for (Orphan orphan : orphans(organizationId)) {
      try {
        committer
            .commit(
                organizationId,
                Order.of(Requester.SWEEPER),
                new Command.Sweep(orphan.uid(), orphan.deletedAtMicros()))
            .toCompletableFuture()
            .get(COMMIT_WAIT_SECONDS, TimeUnit.SECONDS);
        swept++;
      } catch (ExecutionException | TimeoutException e) {
        log.warn(
            "organization {}: {} was not swept and will be later", organizationId, orphan.uid(), e);
        return swept;
      }
    }
    return swept;
  }

  private List<Orphan> orphans(String organizationId) {
    return publication.retained(
        state -> {
          List<Orphan> orphans = new ArrayList<>();
          state.organization(organizationId).ifPresent(org -> collect(state, org, orphans));
          return orphans;
        });
  }

  /** What may go: whatever cannot be restored, what is old, and the oldest of too many. */
  private void collect(Published state, OrgState org, List<Orphan> orphans) {
    long keptFrom = clock.nowMicros() - keep.toSeconds() * 1_000_000;
    NavigableSet<Orphan> kept = new TreeSet<>(LATEST_LAST);
    state
        .rows(org)
        .eachOrphan(
            row -> {
              long deletedAt = row.left().map(OrphanRow.Left::deletedAtMicros).orElse(0L);
              Orphan orphan = new Orphan(row.uid(), deletedAt);
              if (deletedAt <= keptFrom) {
                orphans.add(orphan);
              } else if (kept.add(orphan) && kept.size() > keptMax) {
                orphans.add(Objects.requireNonNull(kept.pollFirst()));
              }
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
