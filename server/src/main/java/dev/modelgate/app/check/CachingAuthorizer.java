package dev.modelgate.app.check;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.Published;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.decision.Reason;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.Uid;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Revision;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Answers from a cache of accesses, one per (organization, principal, model), and evaluates misses
 * on a bounded pool.
 *
 * <p>Why a hit is right: the published reference is read first, then the entry's stamps. A change
 * raises the stamps of all that it touches before the reference is replaced, and is acknowledged
 * after that. So an entry whose stamps are not above the publication that it was read from says
 * what an evaluation of the loaded reference would say.
 */
public final class CachingAuthorizer implements Authorizer, AutoCloseable {
  private static final String ORGANIZATIONS = "organizations/";

  private final Publication publication;
  private final Stamps stamps;
  private final MonotoneClock clock;
  private final CheckOptions options;
  private final Telemetry telemetry;
  private final Cache<CacheKey, CacheEntry> cache;
  private final Evaluator evaluator;
  private final MissPool pool;
  private final Recheck recheck;

  /** Answers from what is published there. */
  public CachingAuthorizer(
      Publication publication,
      Stamps stamps,
      MonotoneClock clock,
      CheckOptions options,
      Telemetry telemetry) {
    this.publication = publication;
    this.stamps = stamps;
    this.clock = clock;
    this.options = options;
    this.telemetry = telemetry;
    this.cache =
        Caffeine.newBuilder()
            .maximumWeight(options.cacheBytesMax())
            .weigher(
                (CacheKey key, CacheEntry entry) -> key.weight() + 4 * entry.dependencies().length)
            .executor(Runnable::run)
            .evictionListener((key, entry, cause) -> telemetry.evicted())
            .build();
    this.evaluator = new Evaluator(options.defaultParent());
    this.pool = new MissPool(options.missThreads(), options.missQueueMax(), telemetry);
    this.recheck = new Recheck(evaluator, pool, telemetry);
  }

  @Override
  public void check(Question question, AnswerSink sink) {
    long start = System.nanoTime();
    try {
      Answer answer = fromCache(question);
      if (answer != null) {
        telemetry.checked(answer.allowed(), answer.reason(), true, System.nanoTime() - start);
        sink.answered(answer);
        return;
      }
    } catch (RuntimeException e) {
      refuse(e, sink);
      return;
    }
    boolean taken = pool.submit(() -> evaluate(question, sink, start));
    if (!taken) {
      telemetry.shed();
      refuse(
          Refusal.of(Fault.OVERLOADED, "too many checks wait for the store")
              .with("queue", "misses")
              .asException(),
          sink);
    }
  }

  @Override
  public Actions listActions(Question question) {
    return publication.retained(
        state -> {
          long now = clock.nowMicros();
          OrgState org = organization(state, question);
          if (org == null
              || state.isOrganizationSuspended(org.uid())
              || org.isRestricted()
              || !org.isInitialized()) {
            evaluator.requireNames(question);
            return new Actions(List.of(), token(state, org), Micros.NEVER);
          }
          requireConsistency(org, question.consistency());
          long until = Micros.NEVER;
          List<String> actions = new ArrayList<>();
          List<CacheEntry> entries = new ArrayList<>();
          for (String link : links(question)) {
            CacheEntry entry =
                evaluator.evaluate(
                    state, org, new CacheKey(org.uid(), link, question.model()), now);
            entries.add(entry);
            until = Math.min(until, entry.access().untilMicros());
          }
          for (Map.Entry<String, Long> verb : org.profile().verbs().entrySet()) {
            if (entries.stream()
                .allMatch(e -> e.access().reasonAgainst(verb.getValue()).isEmpty())) {
              actions.add(verb.getKey());
            }
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

  private @Nullable Answer fromCache(Question question) {
    Published state = publication.current();
    OrgState org = organization(state, question);
    if (org == null) {
      evaluator.requireNames(question);
      return new Answer(false, Reason.UNKNOWN_RESOURCE, "", token(state, null), Micros.NEVER);
    }
    Answer blanket = blanket(state, org, question);
    if (blanket != null) {
      return blanket;
    }
    requireConsistency(org, question.consistency());
    long needed = needed(org, question.action());
    long now = clock.nowMicros();
    long until = Micros.NEVER;
    String reason = Reason.NONE;
    String deniedLink = "";
    int count = 1 + question.actingThrough().size();
    for (int i = 0; i < count; i++) {
      String link = i == 0 ? question.principal() : question.actingThrough().get(i - 1);
      CacheKey key = new CacheKey(org.uid(), link, question.model());
      CacheEntry entry = recheck.isCacheOff(org.uid()) ? null : cache.getIfPresent(key);
      if (entry == null || !entry.isGood(stamps, state.sequence(), now)) {
        return null;
      }
      until = Math.min(until, entry.access().untilMicros());
      if (reason.isEmpty()) {
        reason = entry.access().reasonAgainst(needed);
        deniedLink = reason.isEmpty() || i == 0 ? "" : link;
      }
    }
    if (count > 1 && publication.current() != state) {
      return null; // A chain whose links were read at two states: all again, in one snapshot
      // (hazard 8).
    }
    Answer answer = new Answer(reason.isEmpty(), reason, deniedLink, org.token(), until);
    if (options.recheckEvery() > 0
        && ThreadLocalRandom.current().nextInt(options.recheckEvery()) == 0) {
      recheck.offer(state, org, question, answer, now);
    }
    return answer;
  }

  private void evaluate(Question question, AnswerSink sink, long start) {
    if (sink.isCancelled()) {
      return;
    }
    try {
      Answer answer = publication.retained(state -> evaluate(state, question));
      telemetry.checked(answer.allowed(), answer.reason(), false, System.nanoTime() - start);
      sink.answered(answer);
    } catch (RuntimeException e) {
      refuse(e, sink);
    }
  }

  private Answer evaluate(Published state, Question question) {
    OrgState org = organization(state, question);
    if (org == null) {
      evaluator.requireNames(question);
      return new Answer(false, Reason.UNKNOWN_RESOURCE, "", token(state, null), Micros.NEVER);
    }
    Answer blanket = blanket(state, org, question);
    if (blanket != null) {
      return blanket;
    }
    long begin = System.nanoTime();
    long needed = needed(org, question.action());
    long now = clock.nowMicros();
    long until = Micros.NEVER;
    String reason = Reason.NONE;
    String deniedLink = "";
    for (String link : links(question)) {
      CacheKey key = new CacheKey(org.uid(), link, question.model());
      CacheEntry entry = evaluator.evaluate(state, org, key, now);
      if (options.cacheBytesMax() > 0) {
        cache.put(key, entry);
      }
      until = Math.min(until, entry.access().untilMicros());
      if (reason.isEmpty()) {
        reason = entry.access().reasonAgainst(needed);
        deniedLink = reason.isEmpty() || link.equals(question.principal()) ? "" : link;
      }
    }
    telemetry.evaluated(System.nanoTime() - begin);
    return new Answer(reason.isEmpty(), reason, deniedLink, org.token(), until);
  }

  /** The denial of everything, if there is one that needs no facts. */
  private @Nullable Answer blanket(Published state, OrgState org, Question question) {
    String reason =
        org.isRestricted()
            ? Reason.RESTRICTED
            : state.isOrganizationSuspended(org.uid())
                ? Reason.SUSPENDED
                : org.isInitialized() ? Reason.NONE : Reason.UNKNOWN_RESOURCE;
    if (reason.isEmpty()) {
      return null;
    }
    evaluator.requireNames(question);
    return new Answer(false, reason, "", org.token(), Micros.NEVER);
  }

  private @Nullable OrgState organization(Published state, Question question) {
    String model =
        question.model().startsWith(ORGANIZATIONS) ? question.model() : options.defaultParent();
    if (!model.startsWith(ORGANIZATIONS)) {
      evaluator.requireNames(question);
      return null;
    }
    int end = model.indexOf('/', ORGANIZATIONS.length());
    String id = model.substring(ORGANIZATIONS.length(), end < 0 ? model.length() : end);
    Optional<OrgState> org = state.organization(id);
    return org.filter(found -> !found.uid().equals(Uid.SYSTEM)).orElse(null);
  }

  private static String token(Published state, @Nullable OrgState org) {
    return org == null ? state.system().token() : org.token();
  }

  private static long needed(OrgState org, String action) {
    OptionalLong mask = org.profile().verb(action);
    if (mask.isEmpty()) {
      String expected = "an action of the profile `" + org.profile().name() + "`";
      throw Refusal.ofField(Fault.UNKNOWN_ACTION, "action", action, expected).asException();
    }
    return mask.getAsLong();
  }

  private static List<String> links(Question question) {
    List<String> links = new ArrayList<>(1 + question.actingThrough().size());
    links.add(question.principal());
    links.addAll(question.actingThrough());
    return links;
  }

  /**
   * One machine's answers are always current; a token can still be of another history or from the
   * future.
   */
  private static void requireConsistency(OrgState org, Consistency consistency) {
    String token = consistency.atLeast();
    if (token.isEmpty()) {
      return;
    }
    Revision wanted =
        Revision.parse(token)
            .orElseThrow(
                () ->
                    Refusal.ofField(
                            Fault.REVISION_INVALID,
                            "consistency.at_least",
                            token,
                            "a revision of an answer")
                        .asException());
    if (wanted.lineage() != org.revision().lineage() || !wanted.org().equals(org.uid())) {
      throw Refusal.ofField(
              Fault.REVISION_OTHER_LINEAGE,
              "consistency.at_least",
              token,
              "a revision of this organization in this store's history")
          .asException();
    }
    if (wanted.version() > org.head().version()) {
      throw Refusal.ofField(
              Fault.REVISION_FUTURE,
              "consistency.at_least",
              token,
              "a revision that this store has reached")
          .asException();
    }
  }

  private void refuse(RuntimeException e, AnswerSink sink) {
    Refusal refusal = Refusals.of(e);
    telemetry.refused(refusal.fault().name());
    sink.refused(refusal);
  }
}
