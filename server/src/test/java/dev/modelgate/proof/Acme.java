package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.commit.Outcome;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Digest;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.OrgHead;
import dev.modelgate.store.Replica;
import dev.modelgate.store.RequestId;
import dev.modelgate.store.Revision;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.Rows;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.function.Executable;

/**
 * One small organization for tests of single hazards: its owner, Ana and Bo with records and
 * without grants, the environment {@code prod} in it.
 */
final class Acme implements AutoCloseable {
  static final PrincipalName OWNER = PrincipalName.parse("user:owner@acme.com");
  static final PrincipalName ANA = PrincipalName.parse("user:ana@acme.com");
  static final PrincipalName BO = PrincipalName.parse("user:bo@acme.com");
  static final ResourceName ROOT = ResourceName.ofOrganization("acme");
  static final ResourceName PROD = ResourceName.parse("organizations/acme/environments/prod");
  static final Question BO_GETS = gets(BO, ROOT);

  private static final long WAIT_SECONDS = 20;

  final HandClock wall = new HandClock();
  final Replica replica;
  final Bed bed;

  /** Over an empty replica in memory. */
  Acme() {
    this(new MemoryReplica(Rows::check), new Stamps());
  }

  /** Over an empty replica of the test's. */
  Acme(Replica replica, Stamps stamps) {
    this(replica, stamps, 0);
  }

  /**
   * As the other.
   *
   * @param recheckEvery one in how many hits is rechecked; 0 for none
   */
  Acme(Replica replica, Stamps stamps, int recheckEvery) {
    this.replica = replica;
    this.bed = new Bed(replica, stamps, wall, recheckEvery);
    register("acme", OWNER);
    create(PROD, Optional.empty());
    for (PrincipalName name : List.of(ANA, BO)) {
      put(name);
    }
  }

  /** Makes another organization, with that owner. */
  void register(String id, PrincipalName owner) {
    assertEquals(Optional.empty(), bed.commit("system", new Command.RegisterOrganization(id)));
    assertEquals(
        Optional.empty(),
        bed.commit(
            id, new Command.InitializeOrganization(id, "", "modelgate", Optional.of(owner))));
  }

  /** Commits for the system administrator; must be accepted. */
  void commit(Command command) {
    assertEquals(Optional.empty(), bed.commit("acme", command));
  }

  /** Commits for somebody; must be accepted. */
  void commit(PrincipalName actor, Command command) {
    assertEquals(
        Optional.empty(), bed.commit("acme", Requester.onBehalfOf(actor), command), actor + "");
  }

  /** Commits for somebody; must be refused for that. */
  void assertRefused(Fault fault, PrincipalName actor, Command command) {
    assertEquals(
        Optional.of(fault),
        bed.commit("acme", Requester.onBehalfOf(actor), command).map(Refusal::fault));
  }

  /** Commits for the system administrator; must be refused for that. */
  void assertRefused(Fault fault, Command command) {
    assertEquals(Optional.of(fault), bed.commit("acme", command).map(Refusal::fault));
  }

  void put(PrincipalName name) {
    commit(new Command.PutPrincipal(name, Optional.empty(), Optional.empty(), "", "", false));
  }

  void create(ResourceName name, Optional<PrincipalName> owner) {
    commit(new Command.CreateResource(name, "", Map.of(), owner));
  }

  /** Has somebody look at the whole organization. */
  void share(PrincipalName with) {
    commit(grants(ROOT, set(with, "viewer")));
  }

  /** Takes everything on the organization from somebody. */
  void revoke(PrincipalName from) {
    commit(grants(ROOT, remove(from)));
  }

  Answer ask(Question question) {
    return bed.ask(question);
  }

  /** Where the organization is. */
  OrgHead head() {
    return bed.head("acme");
  }

  /** The token of where the organization is. */
  String token() {
    return Revision.of(replica.identity().lineage(), head()).token();
  }

  /** The identity behind a name that has a record. */
  Uid uid(PrincipalName name) {
    return rows(rows -> rows.principal(name)).orElseThrow().uid();
  }

  /** Looks at the rows. */
  <T> T rows(Function<OrgRows, T> reader) {
    StoreSnapshot snapshot = replica.snapshot();
    try {
      return reader.apply(new OrgRows(snapshot.view(head().org())));
    } finally {
      snapshot.release();
    }
  }

  /** An order of the system administrator with a request id, whose command is known by a text. */
  static Order order(String requestId, String command, String baseRevision) {
    byte[] digest = Digest.sha256().digest(command.getBytes(StandardCharsets.UTF_8));
    return new Order(
        Requester.SYSTEM_ADMINISTRATOR, new RequestId(requestId), digest, "why", baseRevision);
  }

  CompletableFuture<Outcome> submit(Order order, Command command) {
    return bed.submit("acme", order, command).toCompletableFuture();
  }

  static Outcome await(CompletableFuture<Outcome> outcome) {
    return outcome.orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
  }

  /** What a commit is refused for. */
  static Refusal refusal(CompletableFuture<Outcome> outcome) {
    try {
      throw new AssertionError("accepted: " + await(outcome).revision());
    } catch (CompletionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        return refused.refusal();
      }
      throw e;
    }
  }

  /** Asks what cannot be answered; what it is refused for. */
  Refusal refusal(Question question) {
    return refusal(bed, question);
  }

  static Refusal refusal(Bed bed, Question question) {
    try {
      throw new AssertionError("answered: " + bed.answer(question).join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        return refused.refusal();
      }
      throw e;
    }
  }

  static Command grants(ResourceName resource, GrantChange... changes) {
    return new Command.UpdateGrants(resource, List.of(changes), "");
  }

  static GrantChange set(PrincipalName with, String role) {
    return change(GrantChange.Mode.SET, with, role, false, Micros.NEVER);
  }

  static GrantChange remove(PrincipalName from) {
    return change(GrantChange.Mode.REMOVE, from, "", false, Micros.NEVER);
  }

  static GrantChange change(
      GrantChange.Mode mode, PrincipalName with, String role, boolean canShare, long expiresAt) {
    return new GrantChange(mode, with, role, List.of(), canShare, false, 0, expiresAt, "");
  }

  static Question gets(PrincipalName principal, ResourceName resource) {
    return asks(principal, resource, "get");
  }

  static Question asks(PrincipalName principal, ResourceName resource, String action) {
    return new Question(
        principal.toString(), resource.toString(), action, List.of(), Consistency.CURRENT);
  }

  /** Waits, bounded, until something is so. */
  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertTrue(condition.getAsBoolean(), what);
  }

  /** Runs something once when the wall clock is read the next time, on the reading thread. */
  void atTheNextReadOfTheClock(Executable action) {
    wall.onRead(
        () -> {
          wall.onRead(() -> {});
          try {
            action.execute();
          } catch (Throwable e) {
            throw new AssertionError(e);
          }
        });
  }

  @Override
  public void close() {
    bed.close();
  }
}
