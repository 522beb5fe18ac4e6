package dev.modelgate.app.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.decision.Access;
import dev.modelgate.decision.Bounds;
import dev.modelgate.decision.Conditions;
import dev.modelgate.store.Micros;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** When an entry answers (hazards 1 to 3 and 6). */
final class CacheEntryTest {
  private static final long FROM = 100;
  private static final long UNTIL = 200;
  private static final long READ_AT = 7;

  private final Stamps stamps = new Stamps();
  private final CacheEntry entry =
      new CacheEntry(new Access("", 1, Bounds.NONE, FROM, UNTIL), READ_AT, new int[] {3, 5});

  @Test
  void entry_fromItsBeginToBeforeItsEnd_isGood() {
    assertTrue(entry.isGood(stamps, READ_AT, at(FROM)));
    assertTrue(entry.isGood(stamps, READ_AT, at(UNTIL - 1)));
    assertFalse(entry.isGood(stamps, READ_AT, at(FROM - 1)), "a grant that is pending then");
    assertFalse(entry.isGood(stamps, READ_AT, at(UNTIL)), "a grant that has ended then");
  }

  @Test
  void entry_ofANewerPublicationThanTheOneAskedAbout_isNotGood() {
    assertTrue(entry.isGood(stamps, READ_AT + 1, at(FROM)));
    assertFalse(entry.isGood(stamps, READ_AT - 1, at(FROM)));
  }

  @Test
  void entry_oneOfWhoseStampsIsAboveIt_isNotGood() {
    stamps.raise(5, READ_AT);
    assertTrue(entry.isGood(stamps, READ_AT, at(FROM)));
    stamps.raise(5, READ_AT + 1);
    assertTrue(entry.isGood(stamps, READ_AT, at(FROM)), "as of before the change");
    assertFalse(entry.isGood(stamps, READ_AT + 1, at(FROM)));
  }

  @Test
  void entry_withoutABoundary_isGoodWithoutALookAtTheClock() {
    Moment never = new Moment(new MonotoneClock(new NoClock()));
    Access lasting = Access.denied("SUSPENDED");
    assertTrue(new CacheEntry(lasting, READ_AT, new int[0]).isGood(stamps, READ_AT, never));
    for (Access bounded :
        List.of(
            new Access("", 1, Bounds.NONE, Long.MIN_VALUE, UNTIL),
            new Access("", 1, Bounds.NONE, FROM, Long.MAX_VALUE))) {
      CacheEntry made = new CacheEntry(bounded, READ_AT, new int[0]);
      assertThrows(AssertionError.class, () -> made.isGood(stamps, READ_AT, never));
    }
  }

  /** Each of its looks is at one moment, so two links of a chain are never held against two. */
  @Test
  void moment_lookedAtTwice_isTheSame() {
    TickingClock ticking = new TickingClock();
    Moment moment = new Moment(new MonotoneClock(ticking));
    assertEquals(moment.micros(), moment.micros());
    assertEquals(1, ticking.reads);
  }

  /** What an entry says by itself is what its access says, and nothing where the request counts. */
  @Test
  void entry_ofAnyAccess_allowsWhatTheAccessAllows() {
    long seed = 11;
    SplittableRandom random = new SplittableRandom(seed);
    int allowed = 0;
    int conditional = 0;
    int denied = 0;
    for (int i = 0; i < 20_000; i++) {
      Access access = access(random);
      CacheEntry made = new CacheEntry(access, READ_AT, new int[0]);
      long needed = few(random);
      boolean turnsOnTheRequest = !access.bounds().conditionals().isEmpty();
      boolean expected = !turnsOnTheRequest && access.outcome(needed, Conditions.UNKNOWN).allowed();
      assertEquals(expected, made.allows(needed), () -> "seed " + seed + ": " + access);
      if (!expected && !made.denial().isEmpty()) {
        String reason = access.outcome(needed, Conditions.UNKNOWN).reason();
        assertEquals(reason, made.denial(), () -> "seed " + seed + ": " + access);
        denied++;
      }
      allowed += expected ? 1 : 0;
      conditional += turnsOnTheRequest ? 1 : 0;
    }
    assertTrue(allowed > 1_000 && conditional > 1_000, allowed + " and " + conditional);
    assertTrue(denied > 1_000, denied + " denials");
  }

  private static Moment at(long micros) {
    return new Moment(new MonotoneClock(Clock.fixed(Micros.toInstant(micros), ZoneOffset.UTC)));
  }

  private static class NoClock extends Clock {
    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      throw new AssertionError("the clock was read");
    }
  }

  private static final class TickingClock extends NoClock {
    private int reads;

    @Override
    public Instant instant() {
      return Micros.toInstant(FROM + reads++);
    }
  }

  private static Access access(SplittableRandom random) {
    boolean denied = random.nextInt(8) == 0;
    List<Bounds.Gate> gates = new ArrayList<>();
    for (int gate = random.nextInt(3); gate > 0; gate--) {
      gates.add(new Bounds.Gate("GATE", few(random), bits(random)));
    }
    List<Bounds.Conditional> conditionals =
        random.nextInt(4) == 0
            ? List.of(new Bounds.Conditional(random.nextBoolean(), bits(random), "true"))
            : List.of();
    Bounds bounds =
        random.nextBoolean()
            ? Bounds.NONE
            : new Bounds(few(random), many(random), many(random), gates, conditionals);
    return new Access(denied ? "BLANKET" : "", denied ? 0 : bits(random), bounds, FROM, UNTIL);
  }

  /** Few enough permissions that masks often cover each other. */
  private static long bits(SplittableRandom random) {
    return random.nextInt(64);
  }

  private static long few(SplittableRandom random) {
    long some = bits(random);
    return some & bits(random);
  }

  private static long many(SplittableRandom random) {
    long some = bits(random);
    return some | bits(random);
  }
}
