package dev.modelgate.proof;

import dev.modelgate.app.check.AccessWatches;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.store.LineageId;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.row.Rows;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * One history of one organization from one seed, with watchers that come and go while it changes,
 * the clock steps and commits fail. After each step it waits until it is quiet; then each watcher
 * was told what Check answers.
 */
final class WatchHistory implements AutoCloseable {
  private static final int STEPS = 60;
  private static final int WATCHERS_MAX = 16;
  private static final int STORY_MAX = 25;

  private final long seed;
  private final HandClock wall = new HandClock();
  private final CommitFailures failures = new CommitFailures();
  private final Bed bed;
  private final AccessWatches watches;
  private final boolean ticks;
  private final Narrator narrator;
  private final List<Watched> watchers = new ArrayList<>();
  private final Deque<String> story = new ArrayDeque<>();
  private PlainModel model = new PlainModel();
  private int told;
  private int allowed;
  private int cut;

  WatchHistory(long seed, Function<Bed, AccessWatches> watches, boolean ticks) {
    this.seed = seed;
    this.bed =
        new Bed(
            new MemoryReplica(LineageId.random(), Rows::check, failures), new Stamps(), wall, 0);
    this.watches = watches.apply(bed);
    this.ticks = ticks;
    this.narrator = new Narrator(seed, "acme");
  }

  /** Plays it; what the first wrong watcher believes, or nothing. */
  Optional<String> play() {
    if (bed.commit("system", new Command.RegisterOrganization("acme")).isPresent()) {
      throw new IllegalStateException("the history cannot begin");
    }
    for (Command command : narrator.opening()) {
      commit(Requester.SYSTEM_ADMINISTRATOR, command);
    }
    for (int step = 0; step < STEPS; step++) {
      if (watchers.size() < WATCHERS_MAX) {
        // Not waited for: its first evaluation meets the change.
        watchers.add(Watched.begin(watches, narrator.question()));
      } else if (narrator.happens(8)) {
        watchers.remove(0).end();
      }
      happen();
      Optional<String> wrong = compare();
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return Optional.empty();
  }

  /** How many answers were told. */
  int told() {
    return told;
  }

  /** How many of them allow. */
  int allowed() {
    return allowed;
  }

  /** How many allows were followed by something else. */
  int cut() {
    return cut;
  }

  @Override
  public void close() {
    bed.close();
  }

  private void happen() {
    if (narrator.happens(5)) {
      wall.set(narrator.clock(model, wall.micros()));
      tell("the wall clock says " + wall.micros());
    } else if (narrator.happens(15)) {
      tell("swept " + bed.sweep());
    } else {
      Command command =
          bed.withEtag("acme", bed.resolved("acme", narrator.command(model, bed.nowMicros())));
      commit(narrator.requester(command, model), command);
    }
  }

  private void commit(Requester requester, Command command) {
    boolean fails = narrator.happens(30);
    boolean kept = fails && narrator.happens(2);
    failures.before = fails && !kept;
    failures.after = kept;
    long at = bed.nowMicros();
    String log = command instanceof Command.SystemCommand ? "system" : "acme";
    Optional<Refusal> refusal = bed.commit(log, requester, command);
    failures.before = false;
    failures.after = false;
    boolean unknown = refusal.filter(r -> r.fault() == Fault.OUTCOME_UNKNOWN).isPresent();
    if (unknown) {
      bed.awaitRecovery();
    }
    if (refusal.isEmpty() || unknown && kept) {
      model = model.after(requester, command, at);
      tell(requester + " " + command + (unknown ? " with an unknown outcome" : ""));
    }
  }

  private Optional<String> compare() {
    if (ticks) {
      watches.tick();
    }
    for (Watched watcher : watchers) {
      Acme.until("seed " + seed + ": a first answer", () -> watcher.says().isPresent());
    }
    AccessHazardTest.quiet(watches);
    for (Watched watcher : List.copyOf(watchers)) {
      String says = watcher.says().orElseThrow();
      String checked = check(watcher);
      if (says.startsWith("lost ")) {
        // While the store was opened again; a loss is no allow.
        watchers.remove(watcher);
      } else if (!says.equals(checked)) {
        return Optional.of(
            "seed "
                + seed
                + ": "
                + watcher.question
                + "\nwas told "
                + watcher.all()
                + ", Check says "
                + checked
                + "\nafter\n"
                + String.join("\n", story));
      }
    }
    count();
    return Optional.empty();
  }

  private String check(Watched watcher) {
    try {
      Answer answer = bed.answer(watcher.question).join();
      return Watched.text(answer);
    } catch (CompletionException e) {
      return "refused";
    }
  }

  private void count() {
    told = 0;
    allowed = 0;
    cut = 0;
    for (Watched watcher : watchers) {
      List<String> all = watcher.all();
      for (int i = 0; i < all.size(); i++) {
        told++;
        boolean allows = all.get(i).equals("ALLOW");
        allowed += allows ? 1 : 0;
        cut += allows && i + 1 < all.size() ? 1 : 0;
      }
    }
  }

  private void tell(String what) {
    if (story.size() == STORY_MAX) {
      story.removeFirst();
    }
    story.addLast(what);
  }
}
