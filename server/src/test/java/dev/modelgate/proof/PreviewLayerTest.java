package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.query.AccessChange;
import dev.modelgate.app.query.AccessChange.Conditional;
import dev.modelgate.app.query.AccessChange.Decision;
import dev.modelgate.app.query.AccessChange.Difference;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Etag;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.RefusedException;
import dev.modelgate.proof.Preview.Pair;
import dev.modelgate.store.AppendLimits;
import dev.modelgate.store.Replica;
import dev.modelgate.store.StoreSnapshot;
import dev.modelgate.store.row.OrgRows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Random organizations with every layer that decides, and commands that change all of it: a preview
 * says exactly how the answers of Check differ before and after, conditional ones included.
 *
 * <p>{@code -Dmodelgate.preview.layer.seeds=} sets the number of organizations.
 */
final class PreviewLayerTest {
  private static final int SEEDS = Integer.getInteger("modelgate.preview.layer.seeds", 60);
  private static final int COMMANDS = 10;

  private final Map<String, Integer> seen = new TreeMap<>();

  @Test
  void preview_withEveryLayer_isTheDifferenceOfChecks() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      try {
        play(seed);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    System.out.println("previews of layers: " + SEEDS + " seeds, " + seen);
    for (String what :
        List.of(
            "gained",
            "lost",
            "conditional",
            "UpdateGrants",
            "SetPolicy",
            "UpdateTypeRights",
            "UpdateDenyRules",
            "UpdateMemberships",
            "UpdateResource",
            "UpdateOrganization",
            "PutPrincipal",
            "PutProfile",
            "SuspendPrincipal",
            "SuspendResource",
            "DeletePrincipal",
            "DeleteResource")) {
      assertTrue(seen.getOrDefault(what, 0) > 0, () -> what + " changes nothing: " + seen);
    }
  }

  private void play(long seed) {
    LayeredCommands commands = new LayeredCommands(seed);
    Replica replica = LayeredOrganization.replica(seed);
    try (Bed bed =
        new Bed(
            replica,
            new Stamps(),
            new HandClock(),
            0,
            AppendLimits.DEFAULT,
            new TextConditions())) {
      Map<Pair, Map<String, AccessChange.Answer>> before = answers(bed);
      for (int i = 0; i < COMMANDS; i++) {
        Command command = withEtag(commands.next(), replica, bed);
        Set<String> recorded = recorded(replica, bed);
        Optional<Preview> preview = Optional.empty();
        Optional<Refusal> refusal = Optional.empty();
        try {
          preview =
              Optional.of(
                  Preview.of(bed, "acme", Requester.SYSTEM_ADMINISTRATOR, command, 1 + i * 10));
        } catch (RefusedException e) {
          refusal = Optional.of(e.refusal());
        }
        assertEquals(bed.commit("acme", command), refusal, command::toString);
        if (preview.isPresent()) {
          Map<Pair, Map<String, AccessChange.Answer>> after = answers(bed);
          recorded.addAll(recorded(replica, bed));
          before.keySet().removeIf(pair -> !recorded.contains(pair.principal()));
          require(bed.nowMicros(), preview.get(), before, after, command);
          before = after;
        }
      }
    }
  }

  /** A policy is replaced by who has read it. */
  private static Command withEtag(Command command, Replica replica, Bed bed) {
    if (!(command instanceof Command.SetPolicy set)) {
      return command;
    }
    return rows(
        replica,
        bed,
        rows ->
            rows.resource(set.resource().relativePath())
                .map(row -> Etag.ofGrants(rows, row.uid()))
                .<Command>map(
                    etag -> new Command.SetPolicy(set.resource(), set.grants(), set.form(), etag))
                .orElse(command));
  }

  private static <T> T rows(Replica replica, Bed bed, Function<OrgRows, T> reader) {
    StoreSnapshot snapshot = replica.snapshot();
    try {
      return reader.apply(new OrgRows(snapshot.view(bed.head("acme").org())));
    } finally {
      snapshot.release();
    }
  }

  /** Who is listed: accounts with a record, and what stands for the others. */
  private static Set<String> recorded(Replica replica, Bed bed) {
    Set<String> recorded = new HashSet<>(List.of("allUsers", "allAuthenticatedUsers"));
    for (String account : accounts().values()) {
      if (rows(replica, bed, rows -> rows.principal(PrincipalName.parse(account))).isPresent()) {
        recorded.add(account);
      }
    }
    return recorded;
  }

  private void require(
      long now,
      Preview preview,
      Map<Pair, Map<String, AccessChange.Answer>> before,
      Map<Pair, Map<String, AccessChange.Answer>> after,
      Command command) {
    assertTrue(preview.complete(), () -> "not complete: " + command);
    boolean changes = false;
    for (var entry : before.entrySet()) {
      Pair pair = entry.getKey();
      Difference expected = difference(entry.getValue(), Objects.requireNonNull(after.get(pair)));
      assertEquals(
          expected,
          preview.at(pair, now),
          () -> pair + " by " + command + " previewed as " + preview);
      seen.merge("gained", expected.gained().size(), Integer::sum);
      seen.merge("lost", expected.lost().size(), Integer::sum);
      seen.merge("conditional", expected.conditional().size(), Integer::sum);
      changes |= !expected.isNone();
    }
    assertTrue(
        before.keySet().containsAll(preview.changes().keySet()),
        () -> "unknown pairs: " + preview.changes().keySet());
    seen.merge(command.getClass().getSimpleName(), changes ? 1 : 0, Integer::sum);
  }

  private static Difference difference(
      Map<String, AccessChange.Answer> before, Map<String, AccessChange.Answer> after) {
    List<String> gained = new ArrayList<>();
    List<String> lost = new ArrayList<>();
    List<Conditional> conditional = new ArrayList<>();
    Set<String> actions = new TreeSet<>(before.keySet());
    actions.addAll(after.keySet());
    AccessChange.Answer none = new AccessChange.Answer(Decision.DENY, List.of());
    for (String action : actions) {
      AccessChange.Answer was = before.getOrDefault(action, none);
      AccessChange.Answer is = after.getOrDefault(action, none);
      if (was.equals(is)) {
        continue;
      }
      if (was.decision() == Decision.CONDITIONAL || is.decision() == Decision.CONDITIONAL) {
        conditional.add(new Conditional(action, was, is));
      } else {
        (is.decision() == Decision.ALLOW ? gained : lost).add(action);
      }
    }
    return new Difference(gained, lost, conditional);
  }

  /** What Check says of everybody and everything; an action that it does not know is not there. */
  private static Map<Pair, Map<String, AccessChange.Answer>> answers(Bed bed) {
    Set<String> actions = new LinkedHashSet<>(LayeredOrganization.actions());
    actions.add("revisit");
    Map<Pair, Map<String, AccessChange.Answer>> answers = new HashMap<>();
    accounts()
        .forEach(
            (listed, asked) -> {
              for (String path : LayeredOrganization.registered()) {
                String resource = "organizations/acme" + (path.isEmpty() ? "" : "/" + path);
                Map<String, AccessChange.Answer> of = new TreeMap<>();
                for (String action : actions) {
                  answer(bed, asked, resource, action).ifPresent(answer -> of.put(action, answer));
                }
                answers.put(new Pair(listed, resource), of);
              }
            });
    return answers;
  }

  /** Under which name whom. */
  private static Map<String, String> accounts() {
    Map<String, String> accounts = new TreeMap<>();
    for (String account : LayeredOrganization.CALLERS.subList(0, 5)) {
      accounts.put(account, account);
    }
    LayeredOrganization.plainMembers()
        .forEach((set, member) -> accounts.put(set.startsWith("all") ? set : member, member));
    return accounts;
  }

  private static Optional<AccessChange.Answer> answer(
      Bed bed, String principal, String resource, String action) {
    try {
      var answer =
          bed.answer(new Question(principal, resource, action, List.of(), Consistency.CURRENT))
              .join();
      Decision decision =
          answer.allowed()
              ? Decision.ALLOW
              : answer.missing().isEmpty() ? Decision.DENY : Decision.CONDITIONAL;
      return Optional.of(
          new AccessChange.Answer(decision, answer.missing().stream().sorted().toList()));
    } catch (CompletionException e) {
      if (e.getCause() instanceof RefusedException refused
          && refused.refusal().fault() == Fault.UNKNOWN_ACTION) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
