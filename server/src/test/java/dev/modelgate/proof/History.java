package dev.modelgate.proof;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.decision.ReferenceEvaluator;
import dev.modelgate.decision.Verdict;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.LineageId;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Replica;
import dev.modelgate.store.row.Rows;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One history from one seed, by one thread: something happens to one of two organizations, then
 * questions are asked, each answer being compared with the reference on the plain model.
 *
 * <p>Two organizations with the same names share publications and stripes, so publication numbers
 * and versions differ.
 */
final class History implements AutoCloseable {
  private static final int STEPS = 40;
  private static final int STEPS_OF_LONG_ONE = 300;
  private static final int LONG_ONE_IN = 25;
  private static final int QUESTIONS = 6;
  private static final int TOLD_MAX = 25;

  /** What no command may ever be refused for. */
  private static final Set<Fault> OURS =
      EnumSet.of(
          Fault.INTERNAL, Fault.STORE_UNAVAILABLE, Fault.STORE_DAMAGED, Fault.OUTCOME_UNKNOWN);

  private final long seed;
  private final HandClock wall = new HandClock();
  private final Bed bed;
  private final List<Side> sides = new ArrayList<>();
  private final Deque<String> told = new ArrayDeque<>();
  private final CommitFailures failures = new CommitFailures();
  private final int failOneIn;
  private int accepted;
  private int failed;
  private int allowed;
  private int bounded;
  private int refused;
  private int policies;
  private int memberships;
  private int swept;
  private int restored;

  History(long seed, Stamps stamps, int recheckEvery) {
    this(seed, stamps, recheckEvery, 0);
  }

  /** As the other, with one in so many commits failing in the log; 0 for none. */
  History(long seed, Stamps stamps, int recheckEvery, int failOneIn) {
    this(
        seed,
        stamps,
        recheckEvery,
        failOneIn,
        failures -> new MemoryReplica(LineageId.random(), Rows::check, failures));
  }

  /** As the other, over a replica of the caller's, which gets the failures if it can have any. */
  History(
      long seed,
      Stamps stamps,
      int recheckEvery,
      int failOneIn,
      Function<MemoryReplica.Faults, Replica> replicas) {
    this.seed = seed;
    this.failOneIn = failOneIn;
    Replica replica = replicas.apply(failures);
    this.bed = new Bed(replica, stamps, wall, recheckEvery);
    sides.add(new Side("acme", seed));
    sides.add(new Side("beta", ~seed));
  }

  /** One organization: what happens in it and what it must have come to. */
  private static final class Side {
    private final String id;
    private final Narrator narrator;
    private PlainModel model = new PlainModel();

    Side(String id, long seed) {
      this.id = id;
      this.narrator = new Narrator(seed, id);
    }
  }

  /** Plays it; what the first wrong answer was, or nothing. */
  Optional<String> play() {
    for (Side side : sides) {
      require(bed.commit("system", new Command.RegisterOrganization(side.id)).isEmpty());
      for (Command command : side.narrator.opening()) {
        commit(side, Requester.SYSTEM_ADMINISTRATOR, command);
      }
    }
    Narrator chance = sides.get(0).narrator;
    int steps = seed % LONG_ONE_IN == 0 ? STEPS_OF_LONG_ONE : STEPS;
    for (int step = 0; step < steps; step++) {
      Side side = sides.get(chance.happens(4) ? 1 : 0);
      if (chance.happens(6)) {
        wall.set(side.narrator.clock(side.model, wall.micros()));
        tell("the wall clock says " + wall.micros());
      } else if (chance.happens(12)) {
        swept += bed.sweep();
        tell("swept");
      } else {
        Command told = side.narrator.command(side.model, bed.nowMicros());
        Command command = bed.withEtag(side.id, bed.resolved(side.id, told));
        Optional<String> wrong =
            commit(side, side.narrator.requester(command, side.model), command);
        if (wrong.isPresent()) {
          return wrong;
        }
      }
      for (int i = 0; i < QUESTIONS; i++) {
        Side about = sides.get(chance.happens(4) ? 1 : 0);
        Optional<String> wrong = ask(about, about.narrator.question());
        if (wrong.isPresent()) {
          return wrong;
        }
      }
      Optional<String> listed = ListedHistory.differs(bed, side.model, side.id, side.narrator);
      if (listed.isPresent()) {
        return listed.map(this::wrong);
      }
    }
    return Optional.empty();
  }

  Bed.Counts counts() {
    return bed.counts();
  }

  /** How many commands were accepted. */
  int accepted() {
    return accepted;
  }

  /** How many commits failed with an unknown outcome. */
  int failed() {
    return failed;
  }

  /** How many of these were of bounded actors. */
  int bounded() {
    return bounded;
  }

  /** How many of these set a policy. */
  int policies() {
    return policies;
  }

  /** How many of these changed memberships. */
  int memberships() {
    return memberships;
  }

  /** How many commands were refused. */
  int refused() {
    return refused;
  }

  /** How many change sets the sweeper made. */
  int swept() {
    return swept;
  }

  /** How many deleted principals were restored. */
  int restored() {
    return restored;
  }

  /** How many answers had to be allows. */
  int allowed() {
    return allowed;
  }

  @Override
  public void close() {
    bed.close();
  }

  private Optional<String> commit(Side side, Requester requester, Command command) {
    boolean system = command instanceof Command.SystemCommand;
    boolean fails = failOneIn > 0 && side.narrator.happens(failOneIn);
    boolean kept = fails && side.narrator.happens(2);
    failures.before = fails && !kept;
    failures.after = kept;
    long at = bed.nowMicros();
    Optional<Refusal> refusal = bed.commit(system ? "system" : side.id, requester, command);
    failures.before = false;
    failures.after = false;
    boolean unknown = refusal.filter(r -> r.fault() == Fault.OUTCOME_UNKNOWN).isPresent();
    if (unknown) {
      failed++;
      tell(side.id + ": a commit failed, " + (kept ? "yet is there" : "and is not there"));
      bed.awaitRecovery();
    }
    if (refusal.isPresent() && !unknown) {
      refused++;
      return OURS.contains(refusal.get().fault())
          ? Optional.of(wrong(requester + " " + command + " was refused: " + refusal.get()))
          : Optional.empty();
    }
    if (refusal.isEmpty() || kept) {
      Optional<String> growth = Growth.of(side.model, requester, command, at);
      if (growth.isPresent()) {
        return Optional.of(wrong(requester + " " + command + ": " + growth.get()));
      }
      PlainModel before = side.model;
      side.model = before.after(requester, command, at);
      Optional<PrincipalName> revived = revived(before, side.model, command);
      if (revived.isPresent()) {
        return Optional.of(wrong(requester + " " + command + " brought back " + revived.get()));
      }
      accepted++;
      boolean isBounded = !requester.isSystemAdministrator();
      policies += isBounded && command instanceof Command.SetPolicy ? 1 : 0;
      memberships += isBounded && command instanceof Command.UpdateMemberships ? 1 : 0;
      restored += command instanceof Command.RestorePrincipal ? 1 : 0;
      bounded += requester.isSystemAdministrator() ? 0 : 1;
      tell(side.id + ": " + requester + " " + command);
    }
    return Optional.empty();
  }

  /** Whom a command brought back that only names him: no command may (hazard 31). */
  private static Optional<PrincipalName> revived(
      PlainModel before, PlainModel after, Command command) {
    Set<PrincipalName> back = new HashSet<>(before.deletedNames());
    back.removeAll(after.deletedNames());
    if (command instanceof Command.PutPrincipal put) {
      back.remove(put.principal());
    } else if (command instanceof Command.RestorePrincipal restore) {
      back.remove(restore.principal());
    } else if (command instanceof Command.ImportItems items) {
      for (Command.ImportItem item : items.items()) {
        if (item instanceof Command.ImportPrincipal put) {
          back.remove(put.principal());
        }
      }
    }
    return back.stream().findFirst();
  }

  private Optional<String> ask(Side side, Question question) {
    long now = bed.nowMicros();
    Answer answer = bed.ask(question);
    Verdict verdict = verdict(side.model, question, now);
    allowed += verdict.allowed() ? 1 : 0;
    if (!agree(answer, verdict)) {
      return Optional.of(
          wrong(
              question
                  + "\nanswered "
                  + answer
                  + "\nthe reference says "
                  + verdict.allowed()
                  + " "
                  + verdict.reason()
                  + " "
                  + verdict.deniedLink()
                  + "\n"
                  + verdict.derivation()));
    }
    return changesBeforeItsEnd(side, question, answer, now);
  }

  /** An answer names the earliest time at which it could be another with no change made. */
  private Optional<String> changesBeforeItsEnd(
      Side side, Question question, Answer answer, long now) {
    if (answer.validUntilMicros() <= now) {
      return Optional.of(wrong(question + " answered " + answer + ", which is over already"));
    }
    for (long boundary : side.model.boundaries()) {
      if (now < boundary
          && boundary < answer.validUntilMicros()
          && !agree(answer, verdict(side.model, question, boundary))) {
        return Optional.of(
            wrong(question + " answered " + answer + ", which changes at " + boundary));
      }
    }
    return Optional.empty();
  }

  private String wrong(String what) {
    return "seed "
        + seed
        + " at "
        + bed.nowMicros()
        + ": "
        + what
        + "\nafter\n"
        + String.join("\n", told)
        + "\nagain: mvn -pl server -am test -Dtest=RandomHistoryTest"
        + " -Dsurefire.failIfNoSpecifiedTests=false -Dmodelgate.history.seeds=1"
        + " -Dmodelgate.history.seed="
        + seed;
  }

  private void tell(String what) {
    if (told.size() == TOLD_MAX) {
      told.removeFirst();
    }
    told.addLast(what);
  }

  /** What the reference says of a question about a plain model. */
  static Verdict verdict(PlainModel model, Question question, long nowMicros) {
    return ReferenceEvaluator.evaluate(
        model,
        PrincipalName.parse(question.principal()),
        question.actingThrough().stream().map(PrincipalName::parse).toList(),
        ResourceName.complete(question.model(), Bed.DEFAULT_PARENT),
        question.action(),
        nowMicros);
  }

  static boolean agree(Answer answer, Verdict verdict) {
    return answer.allowed() == verdict.allowed()
        && answer.reason().equals(verdict.reason())
        && answer.deniedLink().equals(verdict.deniedLink());
  }

  private static void require(boolean condition) {
    if (!condition) {
      throw new IllegalStateException("the history cannot begin");
    }
  }
}
