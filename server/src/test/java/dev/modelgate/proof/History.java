package dev.modelgate.proof;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.decision.ReferenceEvaluator;
import dev.modelgate.decision.ReferenceEvaluator.Verdict;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.LineageId;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Positioned;
import dev.modelgate.store.StoreException;
import dev.modelgate.store.row.Rows;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * One history from one seed, by one thread: something happens to one of two organizations, then
 * questions are asked, each answer being compared with the reference on the plain model.
 *
 * <p>Two organizations with the same names share publications and stripes, so publication numbers
 * and versions differ.
 */
final class History implements AutoCloseable {
  private static final int STEPS = 150;
  private static final int QUESTIONS = 8;
  private static final int TOLD_MAX = 25;

  private final long seed;
  private final HandClock wall = new HandClock();
  private final Bed bed;
  private final List<Side> sides = new ArrayList<>();
  private final Deque<String> told = new ArrayDeque<>();
  private final Failures failures = new Failures();
  private final int failOneIn;
  private int accepted;
  private int failed;
  private int allowed;

  History(long seed, Stamps stamps, int recheckEvery) {
    this(seed, stamps, recheckEvery, 0);
  }

  /** As the other, with one in so many commits failing in the log; 0 for none. */
  History(long seed, Stamps stamps, int recheckEvery, int failOneIn) {
    this.seed = seed;
    this.failOneIn = failOneIn;
    MemoryReplica replica = new MemoryReplica(LineageId.random(), Rows::check, failures);
    this.bed = new Bed(replica, stamps, wall, recheckEvery);
    sides.add(new Side("acme", seed));
    sides.add(new Side("beta", ~seed));
  }

  /** Fails a write when told to: before it is there, or when it is. */
  private static final class Failures implements MemoryReplica.Faults {
    private volatile boolean before;
    private volatile boolean after;

    @Override
    public void beforeWrite(List<Positioned> batch) {
      if (before) {
        before = false;
        throw new StoreException("nothing was written");
      }
    }

    @Override
    public void afterWrite(List<Positioned> batch) {
      if (after) {
        after = false;
        throw new StoreException("written, but the sync failed");
      }
    }
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
        commit(side, command);
      }
    }
    Narrator chance = sides.get(0).narrator;
    for (int step = 0; step < STEPS; step++) {
      Side side = sides.get(chance.happens(4) ? 1 : 0);
      if (chance.happens(6)) {
        wall.set(side.narrator.clock(side.model, wall.micros()));
        tell("the wall clock says " + wall.micros());
      } else {
        commit(side, side.narrator.command(side.model, bed.nowMicros()));
      }
      for (int i = 0; i < QUESTIONS; i++) {
        Side about = sides.get(chance.happens(4) ? 1 : 0);
        Optional<String> wrong = ask(about, about.narrator.question());
        if (wrong.isPresent()) {
          return wrong;
        }
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

  /** How many answers had to be allows. */
  int allowed() {
    return allowed;
  }

  @Override
  public void close() {
    bed.close();
  }

  private void commit(Side side, Command command) {
    boolean system = command instanceof Command.SystemCommand;
    boolean fails = failOneIn > 0 && side.narrator.happens(failOneIn);
    boolean kept = fails && side.narrator.happens(2);
    failures.before = fails && !kept;
    failures.after = kept;
    Optional<Refusal> refusal = bed.commit(system ? "system" : side.id, command);
    failures.before = false;
    failures.after = false;
    boolean unknown = refusal.filter(r -> r.fault() == Fault.OUTCOME_UNKNOWN).isPresent();
    if (unknown) {
      failed++;
      tell(side.id + ": a commit failed, " + (kept ? "yet is there" : "and is not there"));
      bed.awaitRecovery();
    }
    if (refusal.isEmpty() || unknown && kept) {
      side.model = side.model.after(command);
      accepted++;
      tell(side.id + ": " + command);
    }
  }

  private Optional<String> ask(Side side, Question question) {
    long now = bed.nowMicros();
    Answer answer = bed.ask(question);
    Verdict verdict = verdict(side.model, question, now);
    allowed += verdict.allowed() ? 1 : 0;
    if (agree(answer, verdict)) {
      return Optional.empty();
    }
    return Optional.of(
        "seed "
            + seed
            + " at "
            + now
            + ": "
            + question
            + "\nanswered "
            + answer
            + "\nthe reference says "
            + verdict.allowed()
            + " "
            + verdict.reason()
            + " "
            + verdict.deniedLink()
            + "\n"
            + verdict.derivation()
            + "\nafter\n"
            + String.join("\n", told));
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
