package dev.modelgate.app.check;

import com.github.benmanes.caffeine.cache.Cache;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.state.Doorkeeper;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.Published;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Reason;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.NotAtOnceException;
import dev.modelgate.store.UndecodableException;
import dev.modelgate.store.row.OrgRows;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Answers a question from the rows of one retained publication, all links of its chain from the
 * same one (hazard 8), and keeps of each link what the cache may have. A link is kept once all of
 * it was read, whatever becomes of the next one.
 */
final class ChainEvaluation {
  /**
   * The most rows that a question takes on an event loop, at a microsecond or two each; one with
   * more goes to the pool.
   */
  static final int ROWS_AT_ONCE_MAX = 64;

  private final Publication publication;
  private final MonotoneClock clock;
  private final CheckOptions options;
  private final Telemetry telemetry;
  private final Cache<CacheKey, CacheEntry> cache;
  private final Doorkeeper doorkeeper;
  private final SharedNames names = new SharedNames();
  private final Evaluator evaluator;
  private final Routing routing;
  private final Recheck recheck;

  ChainEvaluation(
      Publication publication,
      MonotoneClock clock,
      CheckOptions options,
      Telemetry telemetry,
      Cache<CacheKey, CacheEntry> cache,
      Doorkeeper doorkeeper,
      Evaluator evaluator,
      Routing routing,
      Recheck recheck) {
    this.publication = publication;
    this.clock = clock;
    this.options = options;
    this.telemetry = telemetry;
    this.cache = cache;
    this.doorkeeper = doorkeeper;
    this.evaluator = evaluator;
    this.routing = routing;
    this.recheck = recheck;
  }

  /**
   * Answers; blocks for reads.
   *
   * @throws dev.modelgate.model.RefusedException and the exceptions of names and of the store
   */
  Answer of(Published state, Question question, Optional<Grounds> grounds) {
    try {
      return evaluate(state, question, grounds, false);
    } catch (UndecodableException e) {
      OrgState org = Objects.requireNonNull(routing.organization(state, question));
      return restricted(org, e);
    }
  }

  /**
   * Answers without waiting for a disk and without working for long.
   *
   * @throws NotAtOnceException when that cannot be; nothing is known then
   * @throws dev.modelgate.model.RefusedException and the exceptions of names and of the store
   */
  Answer atOnce(Published state, Question question, Optional<Grounds> grounds) {
    return evaluate(state, question, grounds, true);
  }

  private Answer evaluate(
      Published state, Question question, Optional<Grounds> grounds, boolean atOnce) {
    OrgState org = routing.organization(state, question);
    Moment now = new Moment(clock);
    if (grounds.isPresent()) {
      begin(grounds.get(), state, question, now);
    }
    Answer blanket = routing.blanket(state, org, question);
    if (org == null || blanket != null) {
      return Objects.requireNonNull(blanket);
    }
    long begin = System.nanoTime();
    long needed = Routing.needed(org, question);
    OrgRows rows = atOnce ? state.rowsAtOnce(org, ROWS_AT_ONCE_MAX) : state.rows(org);
    ChainAnswer answers = new ChainAnswer();
    List<String> links = Links.of(question);
    boolean claimed = false;
    for (int i = 0; i < links.size(); i++) {
      CacheKey key = new CacheKey(org.uid(), links.get(i), question.model());
      boolean claims = question.request().claims().concern(links.get(i), org.id());
      CacheEntry entry = read(state, org, rows, key, question, now);
      if (grounds.isPresent()) {
        grounds.get().on(entry);
      }
      if (!entry.mayBeKept() && atOnce) {
        throw new NotAtOnceException("too many conditions to evaluate at once");
      }
      if (options.cacheBytesMax() > 0 && entry.mayBeKept() && !claims) {
        keep(key, entry);
      }
      add(answers, i, links.get(i), question, entry.access(), needed, now);
      answers.until(Links.claimsEnd(question, org, links.get(i)));
      claimed |= claims;
    }
    telemetry.evaluated(System.nanoTime() - begin);
    Answer answer = answers.at(org.token());
    if (claimed) {
      recheckOneInMany(state, org, question, answer, now);
    }
    return answer;
  }

  /** Evaluates; null when a row is none that this version writes, which restricts (hazard 12). */
  @Nullable CacheEntry readOrRestrict(
      Published state, OrgState org, CacheKey key, Question question, Moment now) {
    try {
      return read(state, org, state.rows(org), key, question, now);
    } catch (UndecodableException e) {
      restricted(org, e);
      return null;
    }
  }

  /** Begins to say what an answer stands on. */
  void begin(Grounds grounds, Published state, Question question, Moment now) {
    grounds.begin(state, Standing.of(state, routing.standing(question)), now.micros());
  }

  /** Adds what a link comes to. */
  void add(
      ChainAnswer answers,
      int index,
      String link,
      Question question,
      Access access,
      long needed,
      Moment now) {
    Access.Outcome outcome = access.outcome(needed, conditions(access, link, question, now));
    answers.add(index == 0 ? "" : link, access, outcome, now);
  }

  /** What the conditions of an access come to for a link. */
  Conditions conditions(Access access, String link, Question question, Moment now) {
    return access.bounds().conditionals().isEmpty()
        ? Conditions.UNKNOWN
        : evaluator.conditions(link, question, now.micros());
  }

  /** Has an answer recomputed, one in so many. */
  void recheckOneInMany(
      Published state, OrgState org, Question question, Answer answer, Moment now) {
    if (options.recheckEvery() > 0
        && ThreadLocalRandom.current().nextInt(options.recheckEvery()) == 0) {
      recheck.offer(state, org, question, answer, now.micros());
    }
  }

  /** What was invalidated keeps its place. */
  private void keep(CacheKey key, CacheEntry entry) {
    if (doorkeeper.admits(key.hashCode()) || cache.asMap().containsKey(key)) {
      cache.put(names.shared(key), entry);
    }
  }

  private CacheEntry read(
      Published state, OrgState org, OrgRows rows, CacheKey key, Question question, Moment now) {
    List<PrincipalName> claimed = question.request().claims().of(key.principal(), org.id());
    return recheck.isCacheOff(org.uid())
        ? evaluator.evaluateAfresh(state, org, rows, key, claimed, now.micros())
        : evaluator.evaluate(state, org, rows, key, claimed, now.micros());
  }

  private Answer restricted(OrgState org, UndecodableException e) {
    publication.restrict(org.uid(), String.valueOf(e.getMessage()));
    return Answer.denied(Reason.RESTRICTED, org.token());
  }
}
