package dev.modelgate.trail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.audit.TrailEvent.Kind;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Who gets how much of the trail. */
final class SourceLimitsTest {
  private static final long BYTES_PER_MINUTE = 4_096;

  private final AtomicLong nanos = new AtomicLong();
  private final SourceLimits limits = new SourceLimits(BYTES_PER_MINUTE, nanos::get);

  @Test
  void source_thatFloods_leavesOthersTheirRoom() {
    long first = takeAll(by("jwt:corp:mallory", "10.0.0.1:1"));
    assertTrue(first > 50 && first < 200, "took " + first);
    assertEquals(first, takeAll(by("jwt:corp:another", "10.0.0.1:1")));
    assertTrue(takeAll(by("", "10.0.0.2:1")) >= first);
  }

  @Test
  void address_withManyPorts_isOneSource() {
    takeAll(by("", "10.0.0.1:1"));
    assertTrue(limits.take(by("", "10.0.0.1:2")).isEmpty());
    takeAll(by("", "[::1]:1"));
    assertTrue(limits.take(by("", "[::1]:2")).isEmpty());
  }

  @Test
  void addresses_withoutCredential_shareFourTimesTheRoomOfOne() {
    long one = takeAll(by("", "10.0.0.1:1"));
    long all = one;
    for (int i = 2; i < 100; i++) {
      all += takeAll(by("", "10.0.0." + i + ":1"));
    }
    assertTrue(all > 3 * one && all <= 4 * (one + 1), all + " of " + one);
    assertTrue(limits.take(by("jwt:corp:ana", "10.0.0.1:1")).isPresent());
  }

  @Test
  void room_comesBackWithTime_andWhatWasDroppedIsTold() {
    TrailEvent event = by("jwt:corp:mallory", "10.0.0.1:1");
    long burst = takeAll(event); // One more was tried.
    for (int i = 0; i < 41; i++) {
      assertTrue(limits.take(event).isEmpty());
    }
    nanos.addAndGet(TimeUnit.MINUTES.toNanos(1));
    assertEquals(42, limits.take(event).orElseThrow());
    assertEquals(0, limits.take(event).orElseThrow());
    long perMinute = 2 + takeAll(event);
    assertTrue(Math.abs(perMinute * 16 - burst) <= 16, perMinute + " of " + burst);
    nanos.addAndGet(TimeUnit.DAYS.toNanos(100));
    assertEquals(burst, takeAll(event));
  }

  @Test
  void emergency_hasRoomOfItsOwn() {
    takeAll(by("token:bootstrap", "10.0.0.1:1"));
    TrailEvent suspended =
        TrailEvent.of(Kind.EMERGENCY, "SUSPENDED").by("token:bootstrap", "", "unix").build();
    assertTrue(limits.take(suspended).isPresent());
  }

  @Test
  void process_isNotLimited() {
    TrailEvent settings = TrailEvent.of(Kind.CONFIGURATION, "SETTINGS_CHANGED").build();
    for (int i = 0; i < 10_000; i++) {
      assertEquals(0, limits.take(settings).orElseThrow());
    }
  }

  @Test
  void largeEvents_takeTheRoomOfMany() {
    TrailEvent large =
        TrailEvent.of(Kind.REFUSAL, "NOT_PERMITTED")
            .by("jwt:corp:mallory", "", "10.0.0.1:1")
            .on("acme", "x".repeat(500))
            .because("y".repeat(500), "z".repeat(500))
            .build();
    long many = takeAll(by("jwt:corp:ana", "10.0.0.1:1"));
    assertTrue(takeAll(large) * 3 < many);
  }

  /** How many events have room. */
  private long takeAll(TrailEvent event) {
    long count = 0;
    while (limits.take(event).isPresent()) {
      count++;
      if (count > 1_000_000) {
        throw new AssertionError("no bound");
      }
    }
    return count;
  }

  private static TrailEvent by(String credential, String peer) {
    return TrailEvent.of(Kind.REFUSAL, "NOT_PERMITTED").by(credential, "", peer).build();
  }
}
