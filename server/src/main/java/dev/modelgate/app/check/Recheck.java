package dev.modelgate.app.check;

import dev.modelgate.app.Telemetry;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.decision.ReferenceEvaluator;
import dev.modelgate.decision.Verdict;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recomputes sampled hits, and answers on claims, by the reference evaluator, on the miss pool,
 * from the snapshot and at the time of the hit, so that it cannot cry wolf (hazard 9). A difference
 * switches the cache off for that organization until restart, and then has whoever watches accesses
 * there evaluate them again, for what he was told may have come from it.
 */
final class Recheck {
  private static final Logger log = LoggerFactory.getLogger(Recheck.class);

  private final Evaluator evaluator;
  private final MissPool pool;
  private final Telemetry telemetry;
  private final Set<Uid> cacheOff = ConcurrentHashMap.newKeySet();
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

  Recheck(Evaluator evaluator, MissPool pool, Telemetry telemetry) {
    this.evaluator = evaluator;
    this.pool = pool;
    this.telemetry = telemetry;
  }

  /** Whether an answer from the cache was found wrong in that organization. */
  boolean isCacheOff(Uid org) {
    return !cacheOff.isEmpty() && cacheOff.contains(org);
  }

  /**
   * Has a listener told, once for each organization and after its cache is off, which one it is.
   *
   * @param organizationId called on a thread of the pool; must be quick and must not throw
   * @return has it told no more
   */
  Runnable onCacheOff(Consumer<String> organizationId) {
    listeners.add(organizationId);
    return () -> listeners.remove(organizationId);
  }

  /** Recomputes a hit when there is room for it. */
  void offer(Published state, OrgState org, Question question, Answer answer, long nowMicros) {
    if (!state.tryRetain()) {
      return;
    }
    pool.offer(
        new MissPool.Miss() {
          @Override
          public void run() {
            try {
              compare(state, org, question, answer, nowMicros);
            } finally {
              state.release();
            }
          }

          @Override
          public void shed() {
            state.release();
          }
        });
  }

  private void compare(
      Published state, OrgState org, Question question, Answer answer, long nowMicros) {
    telemetry.rechecked();
    try {
      List<PrincipalName> chain = new ArrayList<>();
      question.actingThrough().forEach(link -> chain.add(Evaluator.link(link)));
      SnapshotWorld world =
          new SnapshotWorld(
              state,
              org,
              state.rows(org),
              link -> evaluator.conditions(link.toString(), question, nowMicros),
              question.request().claims());
      Verdict verdict =
          ReferenceEvaluator.evaluate(
              world,
              Evaluator.caller(question.principal()),
              chain,
              evaluator.resource(question.model()),
              question.action(),
              nowMicros);
      if (verdict.allowed() != answer.allowed()
          || verdict.conditional() == answer.missing().isEmpty()
          || !verdict.reason().equals(answer.reason())) {
        boolean isFirst = cacheOff.add(org.uid());
        telemetry.recheckMismatch();
        if (isFirst) {
          listeners.forEach(listener -> listener.accept(org.id()));
        }
        log.error(
            "a cached answer was wrong, the cache of organization {} is off until restart: {} answered {} at {}, the"
                + " reference says {} {}:\n{}",
            org.id(),
            question,
            answer,
            nowMicros,
            verdict.allowed(),
            verdict.reason(),
            verdict.derivation());
      }
    } catch (RuntimeException e) {
      log.warn("a hit could not be rechecked: {}", question, e);
    }
  }
}
