package dev.modelgate.proof;

import dev.modelgate.app.check.AccessListener;
import dev.modelgate.app.check.AccessWatches;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Question;
import dev.modelgate.model.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A watcher of one access, and all that it was told. */
final class Watched implements AccessListener {
  final Question question;

  private final List<Answer> told = new CopyOnWriteArrayList<>();
  private final List<Refusal> lost = new CopyOnWriteArrayList<>();
  private Runnable end = () -> {};

  private Watched(Question question) {
    this.question = question;
  }

  /** Begins to watch. */
  static Watched begin(AccessWatches watches, Question question) {
    Watched watched = new Watched(question);
    watched.end = watches.watch(question, Watched.class, 100, watched);
    return watched;
  }

  /** Begins to watch, and waits for the first answer. */
  static Watched of(AccessWatches watches, Question question) {
    Watched watched = begin(watches, question);
    Acme.until("a first answer to " + question, () -> watched.says().isPresent());
    return watched;
  }

  void end() {
    end.run();
  }

  /** What is to be believed: the reason of the last answer, {@code ALLOW}, or how it was lost. */
  Optional<String> says() {
    if (!lost.isEmpty()) {
      return Optional.of("lost " + lost.get(0).fault());
    }
    List<String> all = all();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  /** Everything that was told, in its order. */
  List<String> all() {
    return told.stream().map(Watched::text).toList();
  }

  /** The last answer. */
  Answer last() {
    return told.get(told.size() - 1);
  }

  static String text(Answer answer) {
    return answer.allowed() ? "ALLOW" : answer.reason().isEmpty() ? "CONDITIONAL" : answer.reason();
  }

  @Override
  public void told(Answer answer) {
    told.add(answer);
  }

  @Override
  public void lost(Refusal refusal) {
    lost.add(refusal);
  }
}
