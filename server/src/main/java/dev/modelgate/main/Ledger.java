package dev.modelgate.main;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.commit.OrganizationCommitter;
import dev.modelgate.app.commit.Sweeper;
import dev.modelgate.app.state.LiveState;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.config.SettingException;
import dev.modelgate.metrics.PrometheusTelemetry;
import dev.modelgate.store.AppendLimits;
import dev.modelgate.store.BatchSink;
import dev.modelgate.store.EmbeddedChangeLog;
import dev.modelgate.store.Micros;
import dev.modelgate.store.rocksdb.RocksOptions;
import dev.modelgate.store.rocksdb.RocksReplica;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a sidecar that remembers: the store, what of it is published to readers, the log that
 * changes it, and the one who validates changes. Everything is kept in the order of start, so that
 * a stop ends the writers before the store.
 */
record Ledger(
    RocksReplica replica,
    Stamps stamps,
    LiveState state,
    MonotoneClock clock,
    EmbeddedChangeLog changeLog,
    OrganizationCommitter committer) {
  private static final Logger log = LoggerFactory.getLogger(Ledger.class);
  private static final long SWEEP_PAUSE_SECONDS = 10;
  private static final Duration CLOCK_BEHIND_MAX = Duration.ofMinutes(5);

  /**
   * Opens the store, publishes it and takes changes.
   *
   * @param restoreWindow how long deleted principals can be restored
   * @throws dev.modelgate.store.UnopenableException in one line, as the store says it
   * @throws SettingException when the clock of the machine is wrong
   */
  static Ledger open(
      RocksOptions options, Duration restoreWindow, PrometheusTelemetry telemetry, Parts parts) {
    RocksReplica replica = parts.keep(RocksReplica.open(options));
    Stamps stamps = new Stamps();
    LiveState state = parts.keep(new LiveState(replica, stamps));
    MonotoneClock clock = clock(state);
    List<Runnable> onFence = new CopyOnWriteArrayList<>(List.of(telemetry::commitFailed));
    EmbeddedChangeLog changeLog =
        parts.keep(
            new EmbeddedChangeLog(
                replica.identity(),
                replica.position(),
                delivery(state, telemetry),
                () -> recover(state),
                () -> onFence.forEach(Runnable::run),
                AppendLimits.DEFAULT));
    OrganizationCommitter committer = new OrganizationCommitter(state, replica, changeLog, clock);
    onFence.add(committer::onFenced);
    parts.keep(new Sweeper(state, committer, clock, restoreWindow)).start(SWEEP_PAUSE_SECONDS);
    return new Ledger(replica, stamps, state, clock, changeLog, committer);
  }

  private static BatchSink delivery(LiveState state, PrometheusTelemetry telemetry) {
    return batch -> {
      long start = System.nanoTime();
      try {
        state.accept(batch);
      } catch (RuntimeException e) {
        // One short line: while a disk is full this comes again and again.
        log.error(
            "a commit failed, its outcome is unknown; checks go on, changes wait for the store: {}",
            e.getMessage());
        log.debug("the failed commit", e);
        throw e;
      }
      telemetry.committed(batch.size(), System.nanoTime() - start);
    };
  }

  private static void recover(LiveState state) {
    try {
      state.recover();
      log.info("the store is open again and takes changes");
    } catch (RuntimeException e) {
      log.debug("the store cannot be opened again yet", e);
      throw e;
    }
  }

  /**
   * The clock, not behind anything that was committed; a wall clock that is behind is alarming
   * (hazard 6).
   */
  private static MonotoneClock clock(LiveState state) {
    MonotoneClock clock = new MonotoneClock(Clock.systemUTC());
    long newest = Micros.of(state.current().system().head().at());
    for (OrgState org : state.current().organizations()) {
      newest = Math.max(newest, Micros.of(org.head().at()));
    }
    long behindMicros = newest - Micros.of(Clock.systemUTC().instant());
    if (behindMicros > CLOCK_BEHIND_MAX.toMillis() * 1_000) {
      throw new SettingException(
          "the clock of this machine is "
              + behindMicros / 1_000_000
              + " s behind the last committed change; set it");
    }
    if (behindMicros > 0) {
      log.warn("the clock of this machine is {} us behind the last committed change", behindMicros);
    }
    clock.notBefore(newest);
    return clock;
  }
}
