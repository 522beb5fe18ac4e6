package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.commit.OrganizationLoad;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.ApplyResult;
import dev.modelgate.store.Micros;
import dev.modelgate.store.OutcomeUnknownException;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.rocksdb.RocksOptions;
import dev.modelgate.store.rocksdb.RocksReplica;
import dev.modelgate.store.row.PrincipalRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hazard 25: checks and commits beside an organization that is loaded in bulk. */
final class BulkImportHazardTest {
  private static final PrincipalName ANA = PrincipalName.parse("user:ana@acme.com");
  private static final ResourceName MODEL =
      ResourceName.parse(Bed.DEFAULT_PARENT + "/models/fraud");
  private static final Order ORDER = Order.of(Requester.SYSTEM_ADMINISTRATOR);
  private static final Question PREDICTS = Acme.asks(ANA, MODEL, "predict");
  private static final PrincipalRow.GroupType NONE = PrincipalRow.GroupType.NONE;
  private static final int USERS = 3_000;

  @TempDir private Path directory;

  private RocksReplica open() {
    return open("store");
  }

  private RocksReplica open(String store) {
    return RocksReplica.open(
        RocksOptions.of(directory.resolve(store))
            .withBlockCacheBytes(16 << 20)
            .withLoadBytes(20_000));
  }

  private static GrantChange change(GrantChange.Mode mode) {
    return new GrantChange(mode, ANA, "user", List.of(), false, false, 0, Micros.NEVER, "");
  }

  private static void load(OrganizationLoad load) {
    load(load, ORDER);
  }

  private static void load(OrganizationLoad load, Order order) {
    commit(
        load, order, new Command.InitializeOrganization("acme", "", "modelgate", Optional.empty()));
    List<Command.ImportItem> items = new ArrayList<>();
    items.add(new Command.ImportPrincipal(ANA, PrincipalRow.State.ACTIVE, NONE, ""));
    items.add(new Command.ImportResource(ResourceName.parse(Bed.DEFAULT_PARENT), "", Map.of()));
    items.add(new Command.ImportResource(MODEL, "", Map.of()));
    items.add(new Command.ImportGrant(MODEL, change(GrantChange.Mode.MERGE)));
    for (int i = 0; i < USERS; i++) {
      PrincipalName user = PrincipalName.parse("user:u" + i + "@acme.com");
      items.add(new Command.ImportPrincipal(user, PrincipalRow.State.ACTIVE, NONE, ""));
    }
    for (int from = 0; from < items.size(); from += 300) {
      int to = Math.min(items.size(), from + 300);
      commit(load, order, new Command.ImportItems(items.subList(from, to), from));
    }
  }

  private static void commit(OrganizationLoad load, Order order, Command command) {
    load.commit("acme", order, command).toCompletableFuture().join();
  }

  private static void register(Bed bed) {
    assertEquals(Optional.empty(), bed.commit("system", new Command.RegisterOrganization("acme")));
  }

  private static boolean isAllowed(CompletableFuture<Answer> answer) {
    try {
      return answer.join().allowed();
    } catch (CompletionException e) {
      return false;
    }
  }

  /** Nobody is let in before the head is there; who is then let in can be shut out again. */
  @Test
  void checks_besideALoad_seeAllOfItOrNothing() throws InterruptedException {
    try (RocksReplica replica = open();
        Bed bed = new Bed(replica, new Stamps(), new HandClock(), 0)) {
      register(bed);
      AtomicBoolean publishing = new AtomicBoolean();
      AtomicBoolean early = new AtomicBoolean();
      AtomicBoolean ended = new AtomicBoolean();
      Thread asker =
          new Thread(
              () -> {
                while (!ended.get()) {
                  boolean before = !publishing.get();
                  boolean allowed = isAllowed(bed.answer(PREDICTS));
                  early.compareAndSet(false, allowed && before && !publishing.get());
                }
              });
      asker.start();
      try (OrganizationLoad load = bed.load("acme")) {
        load(load);
        publishing.set(true);
        load.publish();
        assertTrue(isAllowed(bed.answer(PREDICTS)), "published, and not seen");
      }
      ended.set(true);
      asker.join();
      assertFalse(early.get(), "allowed before it was published");
      assertTrue(bed.ask(PREDICTS).allowed());
      assertEquals(
          Optional.empty(),
          bed.commit(
              "acme",
              new Command.UpdateGrants(MODEL, List.of(change(GrantChange.Mode.REMOVE)), "")));
      assertFalse(bed.ask(PREDICTS).allowed(), "revoked");
      replica.verify();
    }
  }

  @Test
  void load_thatIsLetGo_isSeenByNoCheckAndTheNextOneIsWhole() {
    try (RocksReplica replica = open();
        Bed bed = new Bed(replica, new Stamps(), new HandClock(), 0)) {
      register(bed);
      try (OrganizationLoad load = bed.load("acme")) {
        load(load);
        Optional<Refusal> begun =
            bed.commit(
                "acme",
                new Command.InitializeOrganization("acme", "", "modelgate", Optional.empty()));
        assertEquals(Optional.of(Fault.STORE_UNAVAILABLE), begun.map(Refusal::fault));
      }
      assertFalse(isAllowed(bed.answer(PREDICTS)));
      assertEquals(
          Optional.empty(),
          bed.commit(
              "acme",
              new Command.InitializeOrganization("acme", "", "modelgate", Optional.empty())));
      assertFalse(isAllowed(bed.answer(PREDICTS)), "a row of the load that was let go");
      replica.verify();
    }
  }

  /** A load that began before a commit failed is not published on what was found after it. */
  @Test
  void load_overAStoreThatWasOpenedAgain_isNotPublished() {
    try (RocksReplica replica = open();
        Bed bed = new Bed(replica, new Stamps(), new HandClock(), 0)) {
      register(bed);
      try (OrganizationLoad load = bed.load("acme")) {
        load(load);
        bed.recover();
        var e = assertThrows(RefusedException.class, load::publish);
        assertEquals(Fault.STORE_UNAVAILABLE, e.refusal().fault());
      }
      assertFalse(isAllowed(bed.answer(PREDICTS)));
      try (OrganizationLoad load = bed.load("acme")) {
        load(load);
        load.publish();
      }
      replica.verify();
      assertTrue(bed.ask(PREDICTS).allowed());
      replica.verify();
    }
  }

  /** Hazard 34: what a credential that has ended brought is not there later than it ended. */
  @Test
  void load_whoseCredentialEndsBeforeItIsPublished_isNot() {
    try (RocksReplica replica = open();
        Bed bed = new Bed(replica, new Stamps(), new HandClock(), 0)) {
      register(bed);
      AtomicBoolean holds = new AtomicBoolean(true);
      Order order = Order.of(Requester.SYSTEM_ADMINISTRATOR.standing(holds::get));
      try (OrganizationLoad load = bed.load("acme")) {
        load(load, order);
        holds.set(false);
        RefusedException e = assertThrows(RefusedException.class, load::publish);
        assertEquals(Fault.UNAUTHENTICATED, e.refusal().fault());
      }
      assertFalse(isAllowed(bed.answer(PREDICTS)));
      replica.verify();
    }
  }

  /** Fails the next write when told to: before it is there, or when it is. */
  private static final class Unsure extends ForwardingReplica {
    private enum Failure {
      NONE,
      BEFORE,
      AFTER
    }

    private volatile Failure next = Failure.NONE;

    Unsure(RocksReplica inner) {
      super(inner);
    }

    @Override
    public ApplyResult apply(List<Positioned> batch) {
      Failure failure = next;
      next = Failure.NONE;
      if (failure == Failure.BEFORE) {
        throw new OutcomeUnknownException("nothing was written", new StoreException("disk"));
      }
      ApplyResult result = super.apply(batch);
      if (failure == Failure.AFTER) {
        throw new OutcomeUnknownException("the sync failed", new StoreException("disk"));
      }
      return result;
    }
  }

  /** Hazard 21: when the head may or may not be durable, what is found decides, all or nothing. */
  @Test
  void load_whoseLastWriteFails_isThereWhenItsHeadIs() {
    for (Unsure.Failure failure : List.of(Unsure.Failure.BEFORE, Unsure.Failure.AFTER)) {
      try (RocksReplica replica = open("store-" + failure)) {
        Unsure unsure = new Unsure(replica);
        try (Bed bed = new Bed(unsure, new Stamps(), new HandClock(), 0)) {
          register(bed);
          try (OrganizationLoad load = bed.load("acme")) {
            load(load);
            unsure.next = failure;
            var e = assertThrows(RefusedException.class, load::publish);
            assertEquals(Fault.OUTCOME_UNKNOWN, e.refusal().fault());
            bed.awaitRecovery();
          }
          boolean there = failure == Unsure.Failure.AFTER;
          assertEquals(there, isAllowed(bed.answer(PREDICTS)));
          if (!there) {
            try (OrganizationLoad load = bed.load("acme")) {
              load(load);
              load.publish();
            }
          }
          assertTrue(bed.ask(PREDICTS).allowed());
          replica.verify();
        }
      }
    }
  }
}
