package dev.modelgate.app.check;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.state.Doorkeeper;
import dev.modelgate.app.state.FactCache;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.Published;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Conditions;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.store.Micros;
import dev.modelgate.store.NotAtOnceException;
import dev.modelgate.store.StoreException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers from a cache of accesses, one per (organization, principal, model), and evaluates misses
 * where they are asked when memory has all that they take, else on a bounded pool.
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
  private final Telemetry telemetry;
  private final Cache<CacheKey, CacheEntry> cache;
  private final MissPool pool;
  private final Recheck recheck;
  private final Routing routing;
  private final ChainEvaluation evaluation;
  private final LoopShare share = new LoopShare(System::nanoTime);

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
    this.telemetry = telemetry;
    Doorkeeper doorkeeper = new Doorkeeper();
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(options.cacheBytesMax() - options.factBytesMax())
            .weigher((CacheKey key, CacheEntry entry) -> key.weight() + entry.weight())
            .executor(Runnable::run)
            .evictionListener(
                (key, entry, cause) -> {
                  doorkeeper.full();
                  telemetry.evicted();
                })
            .build();
    FactCache facts = new FactCache(stamps, options.factBytesMax());
    Evaluator evaluator = new Evaluator(options.defaultParent(), language, facts);
    this.routing = new Routing(evaluator, options.defaultParent());
    this.pool = new MissPool(options.missThreads(), options.missQueueMax(), telemetry);
    this.recheck = new Recheck(evaluator, pool, telemetry);
    this.evaluation =
        new ChainEvaluation(
            publication, clock, options, telemetry, cache, doorkeeper, evaluator, routing, recheck);
  }

  @Override
  public void check(Question question, AnswerSink sink) {
    Stopwatch stopwatch = sink.stopwatch();
    long start = stopwatch.began();
    try {
      Answer answer = fromCache(question, sink.grounds());
      boolean hit = answer != null;
      if (answer == null) {
        answer = atOnce(question, sink.grounds());
      }
      if (answer != null) {
        telemetry.checked(answer.allowed(), answer.reason(), hit, stopwatch.lap());
        sink.answered(answer);
        return;
      }
    } catch (RuntimeException e) {
      stopwatch.lap(); // What is refused is none of the next question's time.
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
    stopwatch.lap(); // To hand it over is none of the next question's time.
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
        : publication.retained(state -> evaluation.of(state, question, Optional.of(grounds)));
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
          Moment now = new Moment(clock);
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
            CacheEntry entry = evaluation.readOrRestrict(state, org, key, question, now);
            if (entry == null) {
              return new Actions(List.of(), org.token(), Micros.NEVER);
            }
            Access access = entry.access();
            Conditions conditions =
                evaluation.conditions(access, link, question, now).remembering();
            actions.removeIf(
                action -> {
                  long needed = Routing.needed(org, action, question.model());
                  return !access.outcome(needed, conditions).allowed();
                });
            until =
                Math.min(
                    until,
                    access.bounds().conditionals().isEmpty() ? access.untilMicros() : now.micros());
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
    Moment now = new Moment(clock);
    if (grounds.isPresent()) {
      evaluation.begin(grounds.get(), state, question, now);
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
      if (entry.allows(needed)) {
        answers.until(entry.untilMicros());
      } else {
        String denial = entry.denial();
        if (denial.isEmpty()) {
          evaluation.add(answers, i, link, question, entry.access(), needed, now);
        } else {
          answers.deny(i == 0 ? "" : link, denial, entry.untilMicros());
        }
      }
    }
    Answer answer = answers.at(org.token());
    evaluation.recheckOneInMany(state, org, question, answer, now);
    return answer;
  }

  /**
   * Evaluates a miss on the asking thread, when what it takes is in memory and little; null when it
   * is for the pool, where every failure is also found out about (hazard 11).
   */
  private @Nullable Answer atOnce(Question question, Optional<Grounds> grounds) {
    if (!share.begin()) {
      return null;
    }
    boolean inMemory = true;
    try {
      return publication.retained(state -> evaluation.atOnce(state, question, grounds));
    } catch (NotAtOnceException e) {
      inMemory = false;
      telemetry.deferred();
      return null;
    } catch (StoreException e) {
      return null;
    } finally {
      share.end(inMemory);
    }
  }

  private void evaluate(Question question, AnswerSink sink, long start) {
    if (sink.isCancelled()) {
      return;
    }
    try {
      Answer answer = publication.retained(state -> evaluation.of(state, question, sink.grounds()));
      telemetry.checked(answer.allowed(), answer.reason(), false, System.nanoTime() - start);
      sink.answered(answer);
    } catch (RuntimeException e) {
      refuse(e, sink);
    }
  }

  private void refuse(RuntimeException e, AnswerSink sink) {
    Refusal refusal = Refusals.of(e);
    telemetry.refused(refusal.fault().name());
    sink.refused(refusal);
  }
}
