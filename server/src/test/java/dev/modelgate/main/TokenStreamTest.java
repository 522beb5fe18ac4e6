package dev.modelgate.main;

import static dev.modelgate.main.SidecarBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.Timestamps;
import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.grpc.ModelgateInterceptor;
import dev.modelgate.client.grpc.PrincipalExtractor;
import dev.modelgate.client.grpc.RequestMapper;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.PrincipalTarget;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Hazard 39: a server that streams tokens behind the interceptor, asking a real sidecar. Whoever
 * may no more is cut, and nobody else notices. The times are printed; they are held against a bound
 * that a busy machine keeps, too.
 */
final class TokenStreamTest {
  private static final int STREAMS = 1_000;
  private static final int REVOKED = 300;
  private static final int SUSPENDED = 100;
  private static final int EXPIRING = 100;
  private static final long CUT_MS_MAX = 5_000;

  @TempDir Path directory;

  private SidecarBed bed;
  private ModelgateClient client;
  private TokenServer server;
  private ManagedChannel channel;

  @BeforeEach
  void begin() throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.recheckEvery = 0;
    bed = new SidecarBed(options);
    bed.sample();
    client =
        ModelgateClient.builder()
            .address("127.0.0.1", bed.sidecar().servers().dataPort())
            .deadline(Duration.ofSeconds(20))
            .build();
    server =
        new TokenServer(
            ModelgateInterceptor.builder(
                    client,
                    PrincipalExtractor.trustedHeader("x-principal"),
                    RequestMapper.byMethod()
                        .check(
                            TokenServer.METHOD,
                            CheckRequest.class,
                            CheckRequest::getModel,
                            "predict")
                        .build())
                .build());
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  @AfterEach
  void end() {
    channel.shutdownNow();
    server.close();
    client.close();
    bed.close();
  }

  @Test
  void streams_ofWhomeverMayNoMore_areCutAndNoOthers() {
    grant(0, STREAMS - EXPIRING, change -> {});
    long expiry = System.currentTimeMillis() + 4_000;
    grant(
        STREAMS - EXPIRING, STREAMS, change -> change.setExpiresAt(Timestamps.fromMillis(expiry)));
    List<TokenStream> streams = new ArrayList<>();
    for (int i = 0; i < STREAMS; i++) {
      streams.add(TokenStream.open(channel, user(i), FRAUD));
    }
    Probe.await(
        "tokens on all streams", () -> streams.stream().allMatch(stream -> stream.tokens() > 0));
    long[] revoked = new long[REVOKED];
    for (int from = 0; from < REVOKED; from += 100) {
      change(from, from + 100, change -> change.setMode(GrantChange.Mode.MODE_REMOVE));
      Arrays.fill(revoked, from, from + 100, System.nanoTime());
    }
    long[] suspended = new long[SUSPENDED];
    for (int i = 0; i < SUSPENDED; i++) {
      bed.admin()
          .suspend(
              SuspendRequest.newBuilder()
                  .setTarget(
                      SuspensionTarget.newBuilder()
                          .setPrincipal(
                              PrincipalTarget.newBuilder()
                                  .setOrganization("organizations/acme")
                                  .setPrincipal(user(REVOKED + i))))
                  .build());
      suspended[i] = System.nanoTime();
    }
    List<TokenStream> cut = new ArrayList<>(streams.subList(0, REVOKED + SUSPENDED));
    cut.addAll(streams.subList(STREAMS - EXPIRING, STREAMS));
    Probe.await("the cuts", () -> cut.stream().allMatch(TokenStream::hasEnded));
    long expiryNanos =
        System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(System.currentTimeMillis() - expiry);
    long[] times = new long[cut.size()];
    for (int i = 0; i < cut.size(); i++) {
      long since =
          i < REVOKED ? revoked[i] : i < REVOKED + SUSPENDED ? suspended[i - REVOKED] : expiryNanos;
      times[i] = Math.max(0, cut.get(i).endNanos() - since) / 1_000;
      boolean isSuspended = i >= REVOKED && i < REVOKED + SUSPENDED;
      String reason = isSuspended ? "SUSPENDED" : "NO_GRANT";
      assertEquals("PERMISSION_DENIED: " + reason, cut.get(i).end(), "stream " + i);
    }
    print("revoked", times, 0, REVOKED);
    print("suspended", times, REVOKED, REVOKED + SUSPENDED);
    print("expired", times, REVOKED + SUSPENDED, times.length);
    System.out.printf(
        "  of which until the sidecar told: at most %.0f us%n",
        1e6 * new Probe(bed.sidecar().httpPort()).metric("modelgate_access_changes_seconds_max"));
    Arrays.sort(times);
    assertTrue(times[times.length - 1] < CUT_MS_MAX * 1_000, "a cut takes too long");
    Probe.await("the handlers hear of it", () -> server.running() == STREAMS - cut.size());
    List<TokenStream> others = streams.subList(REVOKED + SUSPENDED, STREAMS - EXPIRING);
    int[] before = others.stream().mapToInt(TokenStream::tokens).toArray();
    Probe.await(
        "more tokens on the others",
        () -> {
          for (int i = 0; i < before.length; i++) {
            if (others.get(i).tokens() <= before[i]) {
              return false;
            }
          }
          return true;
        });
    assertTrue(others.stream().noneMatch(TokenStream::hasEnded), "another stream is hurt");
  }

  @Test
  void streams_whenTheSidecarIsGone_areCutAfterASecond() {
    TokenStream stream = TokenStream.open(channel, "user:cleo@acme.com", FRAUD);
    Probe.await("tokens", () -> stream.tokens() > 0);
    long gone = System.nanoTime();
    bed.sidecar().close();
    Probe.await("the cut", stream::hasEnded);
    System.out.printf(
        "cut %d ms after the sidecar began to stop%n", (stream.endNanos() - gone) / 1_000_000);
    assertEquals("UNAVAILABLE: authorization unavailable", stream.end());
    Probe.await("the handler hears of it", () -> server.running() == 0);
    TokenStream next = TokenStream.open(channel, "user:cleo@acme.com", FRAUD);
    Probe.await("its end", next::hasEnded);
    assertEquals("UNAVAILABLE: authorization unavailable", next.end());
    assertEquals(0, next.tokens());
  }

  private static void print(String what, long[] times, int from, int to) {
    long[] some = Arrays.copyOfRange(times, from, to);
    Arrays.sort(some);
    System.out.printf(
        "cut %d of %d streams, %s: p50 %d us, p99 %d us, max %d us%n",
        some.length,
        STREAMS,
        what,
        some[some.length / 2],
        some[some.length * 99 / 100],
        some[some.length - 1]);
  }

  private void grant(int from, int to, Consumer<GrantChange.Builder> more) {
    for (int at = from; at < to; at += 100) {
      change(
          at,
          Math.min(to, at + 100),
          change -> {
            change.setMode(GrantChange.Mode.MODE_SET).setRole("user");
            more.accept(change);
          });
    }
  }

  private void change(int from, int to, Consumer<GrantChange.Builder> each) {
    UpdateGrantsRequest.Builder request = UpdateGrantsRequest.newBuilder().setResource(FRAUD);
    for (int i = from; i < to; i++) {
      GrantChange.Builder change = GrantChange.newBuilder().setPrincipal(user(i));
      each.accept(change);
      request.addChanges(change);
    }
    var unused = bed.admin().updateGrants(request.build());
  }

  private static String user(int i) {
    return "user:t" + i + "@acme.com";
  }
}
