package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import dev.modelgate.store.Acceptance;
import dev.modelgate.store.ApplyResult;
import dev.modelgate.store.BatchSink;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.ChangeSetCodec;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.Replica;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.StoreSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies what the log delivers and publishes it: apply durably, raise the stamps of all that
 * changed to the next publication, replace the reference, tell watchers (hazard 1). The log
 * acknowledges after that.
 *
 * <p>One publication at a time; readers never wait for one.
 */
public final class LiveState implements Publication, BatchSink, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LiveState.class);

  private final Replica replica;
  private final Stamps stamps;
  private final OrgLoader loader;
  private final Map<String, Set<Runnable>> watchers = new ConcurrentHashMap<>();
  private final List<PublicationListener> listeners = new CopyOnWriteArrayList<>();
  private final Map<Uid, String> restricted = new HashMap<>();
  private volatile Published published;

  /**
   * Reads the whole directory of organizations and publishes the first state.
   *
   * @param replica what was applied before; owned by the caller
   */
  public LiveState(Replica replica, Stamps stamps) {
    this.replica = replica;
    this.stamps = stamps;
    this.loader = new OrgLoader(replica.identity());
    StoreSnapshot snapshot = replica.snapshot();
    this.published = new Published(1, snapshot, loader.loadAll(snapshot, restricted));
  }

  @Override
  public Published current() {
    return published;
  }

  @Override
  public Published retain() {
    Published seen = published;
    while (!seen.tryRetain()) {
      Published newer = published;
      if (newer == seen) {
        throw new StoreException("the store is being opened again");
      }
      seen = newer;
    }
    return seen;
  }

  @Override
  public <T> T retained(Function<Published, T> reader) {
    Published state = retain();
    try {
      return reader.apply(state);
    } finally {
      state.release();
    }
  }

  @Override
  public AutoCloseable onChange(String organizationId, Runnable action) {
    watchers.computeIfAbsent(organizationId, id -> new CopyOnWriteArraySet<>()).add(action);
    return () -> {
      Set<Runnable> actions = watchers.get(organizationId);
      if (actions != null) {
        actions.remove(action);
      }
    };
  }

  @Override
  public AutoCloseable onPublication(PublicationListener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public synchronized void accept(List<Positioned> batch) {
    ApplyResult result = replica.apply(batch);
    Map<Uid, List<Mutation>> changes = new LinkedHashMap<>();
    for (int i = 0; i < batch.size(); i++) {
      Acceptance acceptance = result.outcomes().get(i).acceptance();
      Uid org = batch.get(i).record().org();
      switch (acceptance) {
        case ACCEPTED -> {
          ChangeSet changeSet = ChangeSetCodec.decode(batch.get(i).record().stored());
          changes.computeIfAbsent(org, uid -> new ArrayList<>()).addAll(changeSet.mutations());
        }
        case STALE -> log.info("organization {}: a change set lost its race or is a copy", org);
        case GAP, DIVERGED, UNDECODABLE -> {
          restricted.putIfAbsent(org, "a change set is " + acceptance);
          changes.computeIfAbsent(org, uid -> new ArrayList<>());
        }
      }
    }
    publish(changes);
  }

  @Override
  public synchronized void restrict(Uid org, String why) {
    if (restricted.putIfAbsent(org, why) == null) {
      log.error("organization {} is restricted: {}", org, why);
      publish(Map.of(org, List.of()));
    }
  }

  /**
   * Opens the replica again after an apply whose outcome is unknown, and publishes what is really
   * there.
   *
   * @throws StoreException when that is not possible yet
   */
  public synchronized void recover() {
    replica.reopen();
    StoreSnapshot snapshot = replica.snapshot();
    Published old = published;
    long sequence = old.sequence() + 1;
    OrgIndex index = loader.loadAll(snapshot, restricted);
    stamps.raiseAll(sequence);
    published = new Published(sequence, snapshot, index);
    old.release();
    watchers.values().forEach(actions -> actions.forEach(Runnable::run));
    listeners.forEach(listener -> listener.recovered(published));
  }

  /** Lets go of the published state. */
  @Override
  public synchronized void close() {
    published.release();
  }

  /** Whether an organization works from now on, be it with more than the last change set says. */
  private static boolean begins(OrgState org, Published before) {
    return org.isInitialized()
        && !before.organization(org.id()).filter(OrgState::isInitialized).isPresent();
  }

  private void publish(Map<Uid, List<Mutation>> changes) {
    StoreSnapshot snapshot = replica.snapshot();
    Published old = published;
    long sequence = old.sequence() + 1;
    List<OrgState> changed = loader.reload(old.index(), snapshot, changes, restricted);
    IntStream.Builder stripes = IntStream.builder();
    changes.forEach(
        (org, mutations) ->
            mutations.forEach(mutation -> Stripes.changedBy(org, mutation, stripes)));
    for (OrgState org : changed) {
      if (org.isRestricted() || begins(org, old)) {
        stripes.add(Stripes.organization(org.uid()));
      }
    }
    int[] raised = stripes.build().toArray();
    for (int stripe : raised) {
      stamps.raise(stripe, sequence);
    }
    published = new Published(sequence, snapshot, old.index().with(changed));
    old.release();
    for (OrgState org : changed) {
      watchers.getOrDefault(org.id(), Set.of()).forEach(Runnable::run);
    }
    listeners.forEach(listener -> listener.published(published, changed, raised));
  }
}
