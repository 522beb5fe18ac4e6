package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.Claims;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.check.Request;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.AppendLimits;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Hazard 18: groups that a token claims count for its subject alone, in organizations of its issuer
 * alone, never beyond its end, and leave nothing in the cache.
 */
final class ClaimsTest {
  private static final int SEEDS = Integer.getInteger("modelgate.claims.seeds", 8);
  private static final long END = HandClock.BEGIN_MICROS + 1_000;

  /** Its actions that decide what others may do. */
  private static final Set<String> ADMINISTERS = Set.of("transfer", "grants.write");

  private static final String SERVICE = "serviceAccount:s0";
  private static final List<String> GROUPS =
      List.of("group:g0", "group:g1", "group:g2", "group:absent");

  /** In organizations with every layer; each answer on claims is recomputed by the reference. */
  @Test
  void answersOnClaims_areThoseOfTheReference_andEndWithTheToken() {
    Map<String, Integer> changes = new TreeMap<>();
    long rechecked = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      try (Bed bed = bed(seed)) {
        Random random = new Random(seed);
        for (String caller : LayeredOrganization.CALLERS) {
          if (!caller.equals("anonymous")) {
            Claims claims = claims(caller, "acme", some(random));
            each(seed, bed, caller, claims, changes);
          }
        }
        assertEquals(0, bed.counts().mismatches.sum(), "seed " + seed);
        rechecked += bed.counts().rechecked.sum();
      }
    }
    System.out.println("claims: " + SEEDS + " seeds, " + rechecked + " rechecked, " + changes);
    assertTrue(rechecked > SEEDS * 100L, "too little is rechecked: " + rechecked);
    for (String change : List.of("NO_GRANT to ALLOW", "PRIVILEGE to ALLOW")) {
      assertTrue(changes.getOrDefault(change, 0) > 0, () -> change + " never occurs: " + changes);
    }
    assertTrue(
        changes.keySet().stream().anyMatch(change -> change.endsWith("DENY_RULE")),
        () -> "no rule ever denies something to a claimed group: " + changes);
  }

  private static void each(
      long seed, Bed bed, String caller, Claims claims, Map<String, Integer> changes) {
    for (String path : LayeredOrganization.PATHS) {
      String model = path.isEmpty() ? "organizations/acme" : "organizations/acme/" + path;
      for (String action : LayeredOrganization.actions()) {
        Answer without = bed.ask(question(caller, model, action, List.of(), Claims.NONE));
        Question asked = question(caller, model, action, List.of(), claims);
        Answer with = bed.ask(asked);
        String context = "seed " + seed + " " + asked + " " + claims;
        assertTrue(with.validUntilMicros() <= END, context);
        // Neither an exception of the rule nor a wider ceiling can come from a claim.
        boolean bounded = Set.of("DENY_RULE", "CEILING").contains(reason(without));
        assertFalse(bounded && with.allowed(), context);
        boolean administers = ADMINISTERS.contains(action);
        assertFalse(administers && with.allowed() && !without.allowed(), context);
        assertEquals(
            without,
            bed.ask(question(caller, model, action, List.of(), Claims.NONE)),
            () -> "claims stay in the cache: " + context);
        Claims elsewhere = new Claims(caller, Set.of("beta"), claims.groups(), END);
        assertEquals(
            without,
            bed.ask(question(caller, model, action, List.of(), elsewhere)),
            () -> "an issuer of another organization: " + context);
        if (!caller.equals(SERVICE)) {
          chain(bed, caller, model, action, claims, context);
        }
        if (!reason(without).equals(reason(with))) {
          changes.merge(reason(without) + " to " + reason(with), 1, Integer::sum);
        }
      }
    }
  }

  /** In a chain the groups are the subject's own, wherever it stands, and nobody else's. */
  private static void chain(
      Bed bed, String caller, String model, String action, Claims claims, String context) {
    Answer subject = bed.ask(question(caller, model, action, List.of(), claims));
    Answer service = bed.ask(question(SERVICE, model, action, List.of(), Claims.NONE));
    Answer first = bed.ask(question(caller, model, action, List.of(SERVICE), claims));
    Answer second = bed.ask(question(SERVICE, model, action, List.of(caller), claims));
    boolean both = subject.allowed() && service.allowed();
    assertEquals(both, first.allowed(), context);
    assertEquals(both, second.allowed(), context);
  }

  private static Bed bed(long seed) {
    return new Bed(
        LayeredOrganization.replica(seed),
        new Stamps(),
        new HandClock(),
        1,
        AppendLimits.DEFAULT,
        new TextConditions());
  }

  private static Claims claims(String subject, String organization, List<String> groups) {
    return new Claims(
        subject, Set.of(organization), groups.stream().map(PrincipalName::parse).toList(), END);
  }

  private static List<String> some(Random random) {
    List<String> some = GROUPS.stream().filter(group -> random.nextBoolean()).toList();
    return some.isEmpty() ? GROUPS : some;
  }

  private static Question question(
      String principal, String model, String action, List<String> chain, Claims claims) {
    return new Question(
        principal, model, action, chain, Consistency.CURRENT, Request.EMPTY.with(claims));
  }

  private static String reason(Answer answer) {
    if (answer.allowed()) {
      return "ALLOW";
    }
    return answer.reason().isEmpty() ? "CONDITIONAL" : answer.reason();
  }
}
