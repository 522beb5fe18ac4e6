package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.app.state.Derived;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Micros;
import dev.modelgate.store.row.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Changes are made and acknowledged between two reads of one evaluation: its answer is that of one
 * version nevertheless, and it leaves nothing in the cache that a later question would believe.
 */
final class MidwayTest {
  private static final long SECONDS = Long.getLong("modelgate.history.seconds", 5);
  private static final long FIRST_SEED = Long.getLong("modelgate.history.seed", 1);
  private static final int READS_MAX = 20;
  private static final PrincipalName ANA = PrincipalName.parse("user:ana@acme.com");
  private static final PrincipalName BO = PrincipalName.parse("user:bo@acme.com");
  private static final PrincipalName RISK = PrincipalName.parse("group:risk");
  private static final ResourceName ROOT = ResourceName.ofOrganization("acme");

  private final HandClock wall = new HandClock();

  @Test
  void answer_whileAGrantMovesToAGroupOfHis_isAlwaysAllow() {
    assertEquals(0, denialsWhileAGrantMoves(false));
  }

  @Test
  void answer_whenReadersSeeTheDatabase_isTornSometimes() {
    assertTrue(denialsWhileAGrantMoves(true) > 0, "torn reads are not found (hazard 1)");
  }

  @Test
  void answer_whileAnythingHappensMidway_isThatOfOneVersionAndNotBelievedLater() {
    long start = System.nanoTime();
    long end = start + TimeUnit.SECONDS.toNanos(SECONDS);
    long seed = FIRST_SEED;
    int midway = 0;
    do {
      Optional<String> wrong = Optional.empty();
      try (Play play = new Play(seed, new HookedStamps())) {
        wrong = play.run();
        midway += play.midway;
      }
      assertEquals(Optional.empty(), wrong);
      seed++;
    } while (System.nanoTime() < end);
    System.out.printf(
        "changes midway: %d seeds in %d ms, %d evaluations changed under%n",
        seed - FIRST_SEED, (System.nanoTime() - start) / 1_000_000, midway);
    assertTrue(midway > 20, "too few changes came midway: " + midway);
  }

  @Test
  void answer_whenLateEntriesAreBelieved_isWrongLater() {
    boolean found = false;
    for (long seed = 1; seed <= 30 && !found; seed++) {
      try (Play play = new Play(seed, new EntryMadeLate())) {
        found = play.run().isPresent();
      }
    }
    assertTrue(found, "an entry put after its invalidation is not found (hazard 3)");
  }

  /** Stamps with which something can happen between the load of the reference and their check. */
  private static class HookedStamps extends Stamps {
    private volatile Runnable onCheck = () -> {};

    void onCheck(Runnable action) {
      onCheck = action;
    }

    @Override
    public boolean hold(Derived derived, long published) {
      onCheck.run();
      return super.hold(derived, published);
    }
  }

  /**
   * Believes what was read two publications ago at most, as a cache that invalidates before a slow
   * evaluation puts its stale entry.
   */
  private static final class EntryMadeLate extends HookedStamps {
    @Override
    public boolean unchangedSince(int[] dependencies, long sequence) {
      return super.unchangedSince(dependencies, sequence + 2);
    }
  }

  /** How often Bo is denied although a grant of his or of his group is there all the time. */
  private int denialsWhileAGrantMoves(boolean showsNewest) {
    MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), showsNewest);
    int denials = 0;
    try (Bed bed = new Bed(replica, new Stamps(), wall, 0)) {
      Stream.of(
              new Command.InitializeOrganization("acme", "", "modelgate", Optional.of(ANA)),
              new Command.PutPrincipal(RISK, Optional.empty(), Optional.empty(), "", "", false),
              new Command.UpdateMemberships(List.of(new MembershipChange(true, RISK, BO))),
              move(List.of(set(RISK))))
          .forEach(
              command -> {
                if (command instanceof Command.InitializeOrganization) {
                  accept(bed, "system", new Command.RegisterOrganization("acme"));
                }
                accept(bed, "acme", command);
              });
      boolean hisGroups = true;
      Question question =
          new Question(BO.toString(), ROOT.toString(), "get", List.of(), Consistency.CURRENT);
      for (int read = 0; read < 2 * READS_MAX; read++) {
        Command move =
            hisGroups ? move(List.of(remove(RISK), set(BO))) : move(List.of(remove(BO), set(RISK)));
        AtomicInteger left = new AtomicInteger(read / 2);
        replica.onRead(
            () -> {
              if (left.getAndDecrement() == 0) {
                replica.onRead(() -> {});
                accept(bed, "acme", move);
              }
            });
        denials += bed.ask(question).allowed() ? 0 : 1;
        replica.onRead(() -> {});
        if (left.get() >= 0) {
          accept(bed, "acme", move);
        }
        denials += bed.ask(question).allowed() ? 0 : 1;
        // The next round shall miss.
        accept(bed, "acme", new Command.SuspendPrincipal(BO, true));
        accept(bed, "acme", new Command.SuspendPrincipal(BO, false));
        hisGroups = !hisGroups;
      }
    }
    return denials;
  }

  private static Command move(List<GrantChange> changes) {
    return new Command.UpdateGrants(ROOT, changes, "");
  }

  private static GrantChange set(PrincipalName name) {
    return new GrantChange(
        GrantChange.Mode.SET, name, "user", List.of(), false, false, 0, Micros.NEVER, "");
  }

  private static GrantChange remove(PrincipalName name) {
    return new GrantChange(
        GrantChange.Mode.REMOVE, name, "", List.of(), false, false, 0, Micros.NEVER, "");
  }

  private static void accept(Bed bed, String organization, Command command) {
    assertEquals(Optional.empty(), bed.commit(organization, command));
  }

  /** A random history in which changes come midway. */
  private static final class Play implements AutoCloseable {
    private static final int ROUNDS = 150;

    private final long seed;
    private final HandClock wall = new HandClock();
    private final MidwayReplica replica = new MidwayReplica(new MemoryReplica(Rows::check), false);
    private final HookedStamps stamps;
    private final Bed bed;
    private final Narrator narrator;
    private final List<PlainModel> models = new ArrayList<>(List.of(new PlainModel()));
    private int midway;

    Play(long seed, HookedStamps stamps) {
      this.seed = seed;
      this.stamps = stamps;
      this.bed = new Bed(replica, stamps, wall, 0);
      this.narrator = new Narrator(seed, "acme");
    }

    Optional<String> run() {
      accept(bed, "system", new Command.RegisterOrganization("acme"));
      narrator.opening().forEach(this::change);
      for (int round = 0; round < ROUNDS; round++) {
        change(narrator.command(last(), bed.nowMicros()));
        Question question = narrator.question();
        int first = models.size() - 1;
        AtomicInteger left = new AtomicInteger(round % 2 == 0 ? 0 : round % READS_MAX);
        midway(
            () -> {
              if (left.getAndDecrement() == 0) {
                midway(() -> {});
                change(narrator.command(last(), bed.nowMicros()));
                change(narrator.command(last(), bed.nowMicros()));
                midway++;
              }
            });
        Answer answer = bed.ask(question);
        midway(() -> {});
        long now = bed.nowMicros();
        boolean right =
            models.subList(first, models.size()).stream()
                .anyMatch(model -> History.agree(answer, History.verdict(model, question, now)));
        Answer later = bed.ask(question);
        if (!right || !History.agree(later, History.verdict(last(), question, now))) {
          return Optional.of(
              "seed " + seed + " round " + round + ": " + question + "\n" + answer + "\n" + later);
        }
      }
      return Optional.empty();
    }

    @Override
    public void close() {
      bed.close();
    }

    /** Has that happen at the next read of a row or check of the stamps. */
    private void midway(Runnable action) {
      replica.onRead(action);
      stamps.onCheck(action);
    }

    private PlainModel last() {
      return models.get(models.size() - 1);
    }

    private void change(Command command) {
      String to = command instanceof Command.SystemCommand ? "system" : "acme";
      if (bed.commit(to, command).isEmpty()) {
        models.add(last().after(command, bed.nowMicros()));
      }
    }
  }
}
