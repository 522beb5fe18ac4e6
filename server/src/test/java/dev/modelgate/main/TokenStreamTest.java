package dev.modelgate.main;

import static dev.modelgate.main.SidecarBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.grpc.ModelgateInterceptor;
import dev.modelgate.client.grpc.PrincipalExtractor;
import dev.modelgate.client.grpc.RequestMapper;
import dev.modelgate.v1.CheckRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
            List.of(
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
                    .build()));
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
    CutRound.Times times;
    try (StallMeter meter = new StallMeter()) {
      times = new CutRound(bed::admin, 1).play(channel, FRAUD, meter);
    }
    System.out.println("cuts of " + CutRound.STREAMS + " streams in one process: " + times);
    System.out.printf(
        "  of which until the sidecar told: at most %.0f us%n",
        1e6 * new Probe(bed.sidecar().httpPort()).metric("modelgate_access_changes_seconds_max"));
    assertTrue(times.maxMicros() < CUT_MS_MAX * 1_000, "a cut takes too long");
    int others = CutRound.STREAMS - CutRound.REVOKED - CutRound.SUSPENDED - CutRound.EXPIRING;
    Probe.await("the handlers hear of it", () -> server.running() == others);
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
}
