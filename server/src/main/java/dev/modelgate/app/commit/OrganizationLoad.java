package dev.modelgate.app.commit;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Publication;
import dev.modelgate.model.RefusedException;
import dev.modelgate.store.BulkLoad;
import dev.modelgate.store.ChangeLog;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.OrgView;
import dev.modelgate.store.Revision;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.Table;
import dev.modelgate.store.UndecodableException;
import dev.modelgate.store.Urgency;
import dev.modelgate.store.row.OrgRows;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills a new organization in bulk (hazard 25): the same admission, rules, change sets and digests
 * as with {@link OrganizationCommitter}, one after the other by one thread, and nobody sees any of
 * it before {@link #publish}. So a commit is complete when it returns, and is durable later.
 */
public final class OrganizationLoad implements ImportTarget {
  private static final Logger log = LoggerFactory.getLogger(OrganizationLoad.class);

  private final Publication publication;
  private final ChangeLog changeLog;
  private final MonotoneClock clock;
  private final long epoch;
  private final BulkLoad load;
  private final Runnable ended;
  private final RowMemory memory;
  private OrgState org;

  /** Of the last change set, for its credential is looked at again when all become visible. */
  private @Nullable Order lastOrder;

  private @Nullable ChangeSet last;
  private boolean broken;
  private boolean published;
  private boolean closed;

  /**
   * A load that has begun.
   *
   * @param org as it is registered
   * @param epoch of the log, from before the load began
   * @param ended run once, when this was closed
   */
  OrganizationLoad(
      Publication publication,
      ChangeLog changeLog,
      MonotoneClock clock,
      OrgState org,
      long epoch,
      BulkLoad load,
      Runnable ended) {
    this.publication = publication;
    this.changeLog = changeLog;
    this.clock = clock;
    this.org = org;
    this.epoch = epoch;
    this.load = load;
    this.ended = ended;
    this.memory = new RowMemory(load.view().head());
  }

  @Override
  public boolean isImmediate() {
    return false;
  }

  @Override
  public CompletionStage<Outcome> commit(String organizationId, Order order, Command command) {
    if (!organizationId.equals(org.id()) || published || closed) {
      throw new IllegalStateException("a load of " + org.id() + ", published " + published);
    }
    try {
      Admission.open(publication.current(), organizationId, order);
      Admission.requireStanding(order.requester());
      return CompletableFuture.completedFuture(add(order, command));
    } catch (RefusedException e) {
      return CompletableFuture.failedFuture(e);
    } catch (StoreException e) {
      log.warn("organization {} cannot be loaded: {}", organizationId, e.getMessage());
      broken = true;
      return CompletableFuture.failedFuture(OrganizationCommitter.unavailable().asException());
    }
  }

  private Outcome add(Order order, Command command) {
    OrgView view = load.view();
    OrgHead head = view.head();
    memory.moveTo(head);
    long at = Math.max(clock.nowMicros(), Micros.of(head.at()));
    clock.notBefore(at);
    List<Mutation> mutations;
    try {
      mutations = Validation.validate(org, new ImportView(view, memory), order, command, at);
    } catch (UndecodableException e) {
      throw new StoreException("a loaded row cannot be read: " + e.getMessage(), e);
    }
    if (mutations.isEmpty() && !order.requestId().isPresent()) {
      return new Outcome(revision(head.version()), Optional.empty());
    }
    ChangeSet changeSet = Admission.changeSet(org, head, order, mutations, at);
    LogRecord record = LogRecord.of(changeSet);
    Admission.requireFits(record);
    load.add(changeSet, record);
    OrgView next = load.view();
    memory.follow(head, changeSet, next.head());
    last = changeSet;
    lastOrder = order;
    if (mutations.stream().anyMatch(mutation -> mutation.table() == Table.SETTINGS)) {
      org = org.with(new OrgRows(next), mutations); // Its profile is compiled once.
    }
    return new Outcome(revision(changeSet.version()), Optional.of(changeSet));
  }

  private Revision revision(long version) {
    return new Revision(org.revision().lineage(), org.uid(), version);
  }

  @Override
  public void publish() {
    ChangeSet completing = last;
    Order order = lastOrder;
    if (published || completing == null || order == null) {
      return;
    }
    if (broken) {
      throw OrganizationCommitter.unavailable().asException();
    }
    Admission.open(publication.current(), org.id(), order);
    Admission.requireStanding(order.requester());
    published = true;
    try {
      changeLog.append(load.seal(), epoch, Urgency.PRESSING).toCompletableFuture().join();
    } catch (StoreException e) {
      log.warn("organization {} cannot be loaded: {}", org.id(), e.getMessage());
      throw OrganizationCommitter.unavailable().asException();
    } catch (CompletionException e) {
      throw OrganizationCommitter.asRefusal(e, org, completing).asException();
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        load.close();
      } finally {
        ended.run();
      }
    }
  }
}
