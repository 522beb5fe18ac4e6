package dev.modelgate.app.check;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.state.FactCache;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.Published;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Reason;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.store.Micros;
import dev.modelgate.store.UndecodableException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers from a cache of accesses, one per (organization, principal, model), and evaluates misses
 * on a bounded pool.
 *
 * <p>Why a hit is right: the published reference is read first, then the entry's stamps. A change
 * raises the stamps of all that it touches before the reference is replaced, and is acknowledged
 * after that. So an entry that was not read from a newer publication than the loaded one, and whose
 * stamps are not above the one that it was read from, says what an evaluation of the loaded
 * reference would say. All links of a chain are held against the same reference, so that no two of
 * them are of two states (hazard 8).
 */
public final class CachingAuthorizer implements Authorizer, AutoCloseable {
  private final Publication publication;
  private final Stamps stamps;
  private final MonotoneClock clock;
  private final CheckOptions options;
  private final Telemetry telemetry;
  private final Cache<CacheKey, CacheEntry> cache;
  private final Evaluator evaluator;
  private final MissPool pool;
  private final Recheck recheck;
  private final Routing routing;

  /** Answers from what is published there. */
  public CachingAuthorizer(
      Publication publication,
      Stamps stamps,
      MonotoneClock clock,
      CheckOptions options,
      ConditionLanguage language,
      Telemetry telemetry) {
    this.publication = publication;
    this.stamps = stamps;
    this.clock = clock;
    this.options = options;
    this.telemetry = telemetry;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(options.cacheBytesMax() - options.factBytesMax())
            .weigher((CacheKey key, CacheEntry entry) -> key.weight() + entry.weight())
            .executor(Runnable::run)
            .evictionListener((key, entry, cause) -> telemetry.evicted())
            .build();
    FactCache facts = new FactCache(stamps, options.factBytesMax());
    this.evaluator = new Evaluator(options.defaultParent(), language, facts);
    this.routing = new Routing(evaluator, options.defaultParent());
    this.pool = new MissPool(options.missThreads(), options.missQueueMax(), telemetry);
    this.recheck = new Recheck(evaluator, pool, telemetry);
  }

  @Override
  public void check(Question question, AnswerSink sink) {
    long start = System.nanoTime();
    try {
      Answer answer = fromCache(question, sink.grounds());
      if (answer != null) {
        telemetry.checked(answer.allowed(), answer.reason(), true, System.nanoTime() - start);
        sink.answered(answer);
        return;
      }
    } catch (RuntimeException e) {
      refuse(e, sink);
      return;
    }
    pool.submit(
        sink.caller(),
        new MissPool.Miss() {
          @Override
          public void run() {
            evaluate(question, sink, start);
          }

          @Override
          public void shed() {
            refuse(
                Refusal.of(Fault.OVERLOADED, "too many checks wait for the store")
                    .with("queue", "misses")
                    .asException(),
                sink);
          }

          @Override
          public boolean isPatient() {
            return sink.isPatient();
          }
        });
  }

  /**
   * Answers a question that is watched; blocks for reads.
   *
   * @throws dev.modelgate.model.RefusedException and the exceptions of names and of the store
   */
  Answer answer(Question question, Grounds grounds) {
    Answer cached = fromCache(question, Optional.of(grounds));
    return cached != null
        ? cached
        : publication.retained(state -> evaluate(state, question, Optional.of(grounds)));
  }

  /** As {@link Recheck#onCacheOff}. */
  Runnable onCacheOff(Consumer<String> organizationId) {
    return recheck.onCacheOff(organizationId);
  }

  /** Where answers to a question stand. */
  Standing.Key standing(Question question) {
    return routing.standing(question);
  }

  @Override
  public void refuse(Question question, Refusal refusal, AnswerSink sink) {
    telemetry.refused(refusal.fault().name());
    sink.refused(refusal);
  }

  @Override
  public Actions listActions(Question question) {
    return publication.retained(
        state -> {
          long now = clock.nowMicros();
          OrgState org = routing.organization(state, question);
          if (org == null || routing.blanket(state, org, question) != null) {
            String token = org == null ? state.system().token() : org.token();
            return new Actions(List.of(), token, Micros.NEVER);
          }
          Routing.requireConsistency(org, question.consistency());
          long until = Micros.NEVER;
          List<String> actions = new ArrayList<>(org.profile().verbs().keySet());
          for (String link : Links.of(question)) {
            CacheKey key = new CacheKey(org.uid(), link, question.model());
            CacheEntry entry = readOrRestrict(state, org, key, question, now);
            if (entry == null) {
              return new Actions(List.of(), org.token(), Micros.NEVER);
            }
            Access access = entry.access();
            Conditions conditions = conditions(access, link, question, now).remembering();
            actions.removeIf(
                action -> {
                  long needed = Routing.needed(org, action, question.model());
                  return !access.outcome(needed, conditions).allowed();
                });
            until =
                Math.min(
                    until, access.bounds().conditionals().isEmpty() ? access.untilMicros() : now);
            until = Math.min(until, Links.claimsEnd(question, org, link));
          }
          Collections.sort(actions);
          return new Actions(actions, org.token(), until);
        });
  }

  /** The entries at the moment, about; for metrics. */
  public long cachedEntries() {
    return cache.estimatedSize();
  }

  /** The weight of the entries at the moment, in bytes, about; for metrics. */
  public long cachedBytes() {
    return cache.policy().eviction().map(eviction -> eviction.weightedSize().orElse(0)).orElse(0L);
  }

  /** The misses that wait; for metrics. */
  public int waitingMisses() {
    return pool.waiting();
  }

  /** Stops evaluating; what waits is refused. */
  @Override
  public void close() {
    pool.close();
  }

  private @Nullable Answer fromCache(Question question, Optional<Grounds> grounds) {
    Published state = publication.current();
    OrgState org = routing.organization(state, question);
    long now = clock.nowMicros();
    if (grounds.isPresent()) {
      begin(grounds.get(), state, question, now);
    }
    Answer blanket = routing.blanket(state, org, question);
    if (org == null || blanket != null) {
      return blanket;
    }
    Routing.requireConsistency(org, question.consistency());
    long needed = Routing.needed(org, question);
    boolean cacheOff = recheck.isCacheOff(org.uid());
    ChainAnswer answers = new ChainAnswer();
    int count = 1 + question.actingThrough().size();
    for (int i = 0; i < count; i++) {
      String link = Links.at(question, i);
      if (question.request().claims().concern(link, org.id())) {
        return null;
      }
      CacheKey key = new CacheKey(org.uid(), link, question.model());
      CacheEntry entry = cacheOff ? null : cache.getIfPresent(key);
      if (entry == null || !entry.isGood(stamps, state.sequence(), now)) {
        return null;
      }
      if (grounds.isPresent()) {
        grounds.get().on(entry);
      }
      add(answers, i, link, question, entry.access(), needed, now);
    }
    Answer answer = answers.at(org.token());
    recheckOneInMany(state, org, question, answer, now);
    return answer;
  }

  private void recheckOneInMany(
      Published state, OrgState org, Question question, Answer answer, long nowMicros) {
    if (options.recheckEvery() > 0
        && ThreadLocalRandom.current().nextInt(options.recheckEvery()) == 0) {
      recheck.offer(state, org, question, answer, nowMicros);
    }
  }

  private void evaluate(Question question, AnswerSink sink, long start) {
    if (sink.isCancelled()) {
      return;
    }
    try {
      Answer answer = publication.retained(state -> evaluate(state, question, sink.grounds()));
      telemetry.checked(answer.allowed(), answer.reason(), false, System.nanoTime() - start);
      sink.answered(answer);
    } catch (RuntimeException e) {
      refuse(e, sink);
    }
  }

  private void begin(Grounds grounds, Published state, Question question, long nowMicros) {
    grounds.begin(state, Standing.of(state, routing.standing(question)), nowMicros);
  }

  private Answer evaluate(Published state, Question question, Optional<Grounds> grounds) {
    OrgState org = routing.organization(state, question);
    long now = clock.nowMicros();
    if (grounds.isPresent()) {
      begin(grounds.get(), state, question, now);
    }
    Answer blanket = routing.blanket(state, org, question);
    if (org == null || blanket != null) {
      return Objects.requireNonNull(blanket);
    }
    long begin = System.nanoTime();
    long needed = Routing.needed(org, question);
    ChainAnswer answers = new ChainAnswer();
    List<String> links = Links.of(question);
    boolean claimed = false;
    for (int i = 0; i < links.size(); i++) {
      CacheKey key = new CacheKey(org.uid(), links.get(i), question.model());
      boolean claims = question.request().claims().concern(links.get(i), org.id());
      CacheEntry entry = readOrRestrict(state, org, key, question, now);
      if (entry == null) {
        return Answer.denied(Reason.RESTRICTED, org.token());
      }
      if (grounds.isPresent()) {
        grounds.get().on(entry);
      }
      if (options.cacheBytesMax() > 0 && entry.mayBeKept() && !claims) {
        cache.put(key, entry);
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
  private @Nullable CacheEntry readOrRestrict(
      Published state, OrgState org, CacheKey key, Question question, long nowMicros) {
    try {
      List<PrincipalName> claimed = question.request().claims().of(key.principal(), org.id());
      return recheck.isCacheOff(org.uid())
          ? evaluator.evaluateAfresh(state, org, key, claimed, nowMicros)
          : evaluator.evaluate(state, org, key, claimed, nowMicros);
    } catch (UndecodableException e) {
      publication.restrict(org.uid(), String.valueOf(e.getMessage()));
      return null;
    }
  }

  private void add(
      ChainAnswer answers,
      int index,
      String link,
      Question question,
      Access access,
      long needed,
      long nowMicros) {
    Access.Outcome outcome = access.outcome(needed, conditions(access, link, question, nowMicros));
    answers.add(index == 0 ? "" : link, access, outcome, nowMicros);
  }

  private Conditions conditions(Access access, String link, Question question, long nowMicros) {
    return access.bounds().conditionals().isEmpty()
        ? Conditions.UNKNOWN
        : evaluator.conditions(link, question, nowMicros);
  }

  private void refuse(RuntimeException e, AnswerSink sink) {
    Refusal refusal = Refusals.of(e);
    telemetry.refused(refusal.fault().name());
    sink.refused(refusal);
  }
}
