package dev.modelgate.main;

import static dev.modelgate.main.SidecarBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.Timestamps;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.PrincipalTarget;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.Channel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * {@value #STREAMS} streams of tokens, each of a user of his own, some of whom may no more: every
 * one of these is cut for the right reason, and nobody else misses a token. How long each cut took,
 * from the acknowledgement of the change, or the end of the grant, until its caller heard of it.
 */
final class CutRound {
  static final int STREAMS = 1_000;
  static final int REVOKED = 300;
  static final int SUSPENDED = 100;
  static final int EXPIRING = 100;

  /** How many streams one request changes. */
  private static final int CHANGES = 100;

  /** How long the grants that end still hold when all streams run. */
  private static final long EXPIRY_MS = 1_500;

  /** How much the two clocks that a grant's end is compared by may differ. */
  private static final long CLOCKS_MS = 20;

  private final Supplier<AdminServiceBlockingStub> admin;
  private final String prefix;

  /**
   * @param admin of a sidecar with the sample organization
   * @param round tells its users from those of others
   */
  CutRound(Supplier<AdminServiceBlockingStub> admin, int round) {
    this.admin = admin;
    this.prefix = "user:r" + round + "t";
  }

  /**
   * How long the cuts took, in microseconds, ascending.
   *
   * @param stallMicros how long a thread had to wait for a core meanwhile
   */
  record Times(long[] revoked, long[] suspended, long[] expired, long stallMicros) {
    Times {
      Arrays.sort(revoked);
      Arrays.sort(suspended);
      Arrays.sort(expired);
    }

    long maxMicros() {
      return Math.max(last(revoked), Math.max(last(suspended), last(expired)));
    }

    @Override
    public String toString() {
      return String.format(
          "revoked %s, suspended %s, expired %s, stalls of %.1f ms",
          text(revoked), text(suspended), text(expired), stallMicros / 1e3);
    }

    private static String text(long[] times) {
      return String.format(
          "p50 %.1f max %.1f ms", times[times.length / 2] / 1e3, last(times) / 1e3);
    }

    private static long last(long[] times) {
      return times[times.length - 1];
    }
  }

  /**
   * Plays it, and ends with the streams that go on still open.
   *
   * @param meter sees what the machine does meanwhile
   */
  Times play(Channel channel, String model, StallMeter meter) {
    change(0, STREAMS, CutRound::set);
    List<TokenStream> streams = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      streams.add(TokenStream.open(channel, user(i), model));
    }
    Probe.await(
        "tokens on all streams", () -> streams.stream().allMatch(stream -> stream.tokens() > 1));
    int expiring = REVOKED + SUSPENDED;
    int others = expiring + EXPIRING;
    long expiryMs = System.currentTimeMillis() + EXPIRY_MS;
    change(expiring, others, change -> set(change).setExpiresAt(Timestamps.fromMillis(expiryMs)));
    long[] sinceNanos = new long[others];
    long unused = meter.longestMicros(); // What was before the cuts.
    for (int from = 0; from < REVOKED; from += CHANGES) {
      change(from, from + CHANGES, change -> change.setMode(GrantChange.Mode.MODE_REMOVE));
      Arrays.fill(sinceNanos, from, from + CHANGES, System.nanoTime());
    }
    for (int i = REVOKED; i < expiring; i++) {
      suspend(user(i));
      sinceNanos[i] = System.nanoTime();
    }
    List<TokenStream> cut = streams.subList(0, others);
    Probe.await("the cuts", () -> cut.stream().allMatch(TokenStream::hasEnded));
    long stallMicros = meter.longestMicros();
    long expiryNanos =
        System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() - expiryMs);
    Arrays.fill(sinceNanos, expiring, others, expiryNanos);
    long[] micros = new long[others];
    for (int i = 0; i < others; i++) {
      boolean isSuspended = i >= REVOKED && i < expiring;
      String reason = isSuspended ? "SUSPENDED" : "NO_GRANT";
      assertEquals("PERMISSION_DENIED: " + reason, cut.get(i).end(), "stream " + i);
      micros[i] = Math.max(0, cut.get(i).endNanos() - sinceNanos[i]) / 1_000;
      if (i >= expiring) {
        long early = TimeUnit.NANOSECONDS.toMillis(expiryNanos - cut.get(i).endNanos());
        assertTrue(early < CLOCKS_MS, "cut " + early + " ms before its grant ends");
      }
    }
    assertUnhurt(streams.subList(others, STREAMS));
    return new Times(
        Arrays.copyOfRange(micros, 0, REVOKED),
        Arrays.copyOfRange(micros, REVOKED, expiring),
        Arrays.copyOfRange(micros, expiring, others),
        stallMicros);
  }

  /** They go on, and every token has come. */
  private static void assertUnhurt(List<TokenStream> others) {
    int[] before = others.stream().mapToInt(TokenStream::tokens).toArray();
    Probe.await(
        "more tokens on the others",
        () -> {
          for (int i = 0; i < before.length; i++) {
            if (!others.get(i).hasEnded() && others.get(i).tokens() <= before[i]) {
              return false;
            }
          }
          return true;
        });
    for (TokenStream other : others) {
      assertTrue(!other.hasEnded(), () -> "another stream ends: " + other.end());
      assertEquals(0, other.missed(), "tokens do not come");
    }
  }

  private static GrantChange.Builder set(GrantChange.Builder change) {
    return change.setMode(GrantChange.Mode.MODE_SET).setRole("user");
  }

  private void change(int from, int to, Consumer<GrantChange.Builder> each) {
    for (int at = from; at < to; at += CHANGES) {
      UpdateGrantsRequest.Builder request = UpdateGrantsRequest.newBuilder().setResource(FRAUD);
      for (int i = at; i < at + CHANGES; i++) {
        GrantChange.Builder change = GrantChange.newBuilder().setPrincipal(user(i));
        each.accept(change);
        request.addChanges(change);
      }
      var unused = admin.get().updateGrants(request.build());
    }
  }

  private void suspend(String user) {
    var unused =
        admin
            .get()
            .suspend(
                SuspendRequest.newBuilder()
                    .setTarget(
                        SuspensionTarget.newBuilder()
                            .setPrincipal(
                                PrincipalTarget.newBuilder()
                                    .setOrganization("organizations/acme")
                                    .setPrincipal(user)))
                    .build());
  }

  private String user(int i) {
    return prefix + i + "@acme.com";
  }
}
