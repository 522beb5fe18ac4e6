package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.commit.Order;
import dev.modelgate.app.query.AccessChange.Period;
import dev.modelgate.app.query.LookupContext;
import dev.modelgate.app.query.PageRequest;
import dev.modelgate.app.query.PreviewPage;
import dev.modelgate.app.query.PreviewQuery;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.proof.Preview.Pair;
import dev.modelgate.store.Micros;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Previews of mutations that bear on more than one page looks at: 150 people in a group, 150 models
 * below an environment.
 */
final class PreviewScaleTest {
  private static final int MANY = 150;
  private static final PrincipalName GROUP = PrincipalName.parse("group:all");
  private static final long SECOND = 1_000_000;

  private final Acme acme = new Acme();

  @BeforeEach
  void begin() {
    acme.put(GROUP);
    List<MembershipChange> members = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      members.add(new MembershipChange(true, GROUP, user(i)));
      acme.create(model(i), Optional.empty());
    }
    acme.commit(new Command.UpdateMemberships(members));
  }

  @AfterEach
  void end() {
    acme.close();
  }

  /** 150 people gain on the environment and 150 models: 22,650 pairs. */
  @Test
  void preview_ofMoreThanAPageLooksAt_goesOnUntilItIsComplete() {
    Command share = Acme.grants(Acme.PROD, Acme.set(GROUP, "viewer"));
    Preview preview =
        Preview.of(acme.bed, "acme", Requester.SYSTEM_ADMINISTRATOR, share, PageRequest.SIZE_MAX);
    assertTrue(preview.complete());
    assertEquals(MANY * (MANY + 1), preview.changes().size());
    Preview single =
        Preview.of(
            acme.bed,
            "acme",
            Requester.SYSTEM_ADMINISTRATOR,
            Acme.grants(model(0), Acme.set(Acme.BO, "viewer")),
            PageRequest.SIZE_MAX);
    assertEquals(1, single.pages());
    assertEquals(1, single.changes().size());
  }

  /** Bo may read no grants below the environment: he is shown himself, after empty pages. */
  @Test
  void preview_ofPairsThatAreLeftOut_endsPagesByWhatItLookedAt() {
    acme.commit(Acme.grants(Acme.PROD, Acme.set(GROUP, "viewer")));
    acme.commit(Acme.grants(Acme.PROD, switcher(Acme.BO)));
    PreviewQuery query =
        query(Requester.onBehalfOf(Acme.BO), new Command.SuspendResource(Acme.PROD, true));
    int empty = 0;
    int shown = 0;
    String token = "";
    PreviewPage page;
    do {
      page = acme.bed.previews().preview(query, PageRequest.of(PageRequest.SIZE_MAX, token));
      token = page.nextToken();
      empty += page.changes().isEmpty() ? 1 : 0;
      shown += page.changes().size();
    } while (!token.isEmpty());
    assertEquals(MANY + 1, shown);
    assertTrue(empty > 0, "no page was empty");
    assertFalse(page.complete(), "much is left out");
  }

  /** By a clock that says that each look took two milliseconds. */
  @Test
  void preview_whenTimeIsUp_endsThePageWithWhatItHas() {
    AtomicLong nanos = new AtomicLong();
    Command share = Acme.grants(Acme.PROD, Acme.set(GROUP, "viewer"));
    var previews = acme.bed.previews(() -> nanos.addAndGet(2_000_000));
    PreviewPage page =
        previews.preview(query(Requester.SYSTEM_ADMINISTRATOR, share), PageRequest.of(1_000, ""));
    assertTrue(page.changes().size() > 400, () -> "" + page.changes().size());
    assertTrue(page.changes().size() < 500, () -> "" + page.changes().size());
    assertFalse(page.nextToken().isEmpty());
    assertFalse(page.complete());
    var slow = acme.bed.previews(() -> nanos.addAndGet(10_000_000_000L));
    PreviewPage one =
        slow.preview(query(Requester.SYSTEM_ADMINISTRATOR, share), PageRequest.of(1_000, ""));
    assertEquals(1, one.changes().size(), "it goes on however slow it is");
  }

  /** Grants of 40 groups end one after the other: 32 of these times are looked at. */
  @Test
  void preview_ofMoreTimesThanAreLookedAt_isNotComplete() {
    for (int i = 0; i < 40; i++) {
      PrincipalName group = PrincipalName.parse("group:g" + i);
      acme.put(group);
      acme.commit(
          Acme.grants(
              model(0),
              Acme.change(
                  GrantChange.Mode.SET,
                  group,
                  "viewer",
                  false,
                  HandClock.BEGIN_MICROS + (100 + i) * SECOND)));
      if (i != 20) {
        acme.commit(
            new Command.UpdateMemberships(List.of(new MembershipChange(true, group, Acme.BO))));
      }
    }
    Command join =
        new Command.UpdateMemberships(
            List.of(new MembershipChange(true, PrincipalName.parse("group:g20"), Acme.BO)));
    Preview nothing = Preview.of(acme.bed, "acme", Requester.SYSTEM_ADMINISTRATOR, join, 1_000);
    assertEquals(Map.of(), nothing.changes(), "there are later ends than that");
    assertFalse(nothing.complete(), "which is not all that could be");
    Command leave = Acme.grants(model(0), Acme.remove(PrincipalName.parse("group:g3")));
    acme.wall.set(HandClock.BEGIN_MICROS + 110 * SECOND);
    assertTrue(
        Preview.of(acme.bed, "acme", Requester.SYSTEM_ADMINISTRATOR, leave, 1_000).complete(),
        "fewer are ahead");
    Command end = Acme.grants(model(0), Acme.remove(PrincipalName.parse("group:g39")));
    Preview last = Preview.of(acme.bed, "acme", Requester.SYSTEM_ADMINISTRATOR, end, 1_000);
    assertTrue(last.complete());
    List<Period> periods =
        last.changes().getOrDefault(new Pair(Acme.BO.toString(), model(0).toString()), List.of());
    assertEquals(1, periods.size());
    assertEquals(HandClock.BEGIN_MICROS + 138 * SECOND, periods.get(0).fromMicros());
    assertEquals(HandClock.BEGIN_MICROS + 139 * SECOND, periods.get(0).untilMicros());
    assertEquals(List.of("discover", "get", "get_use"), periods.get(0).difference().lost());
    assertTrue(last.validUntilMicros() < Micros.NEVER);
  }

  private static PreviewQuery query(Requester requester, Command command) {
    return new PreviewQuery(
        command instanceof Command.SystemCommand ? "system" : "acme",
        Order.of(requester),
        command,
        "",
        LookupContext.NONE);
  }

  /** Who may switch it off and on, and see nothing else. */
  private static GrantChange switcher(PrincipalName principal) {
    return new GrantChange(
        GrantChange.Mode.SET, principal, "", List.of("delete"), false, false, 0, Micros.NEVER, "");
  }

  private static PrincipalName user(int i) {
    return PrincipalName.parse("user:u" + i + "@acme.com");
  }

  private static ResourceName model(int i) {
    return ResourceName.parse(Acme.PROD + "/models/m" + i);
  }
}
