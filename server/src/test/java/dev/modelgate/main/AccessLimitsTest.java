package dev.modelgate.main;

import static dev.modelgate.main.SidecarBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.CheckRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bounds of WatchAccess. */
final class AccessLimitsTest {
  private static final String CLEO = "user:cleo@acme.com";

  @TempDir Path directory;

  @Test
  void accesses_oneTooMany_isRefusedUntilOneEnds() throws IOException {
    try (SidecarBed bed = bed(options -> options.watchedAccesses = 2)) {
      WatchingStream stream = WatchingStream.open(bed.dataChannel());
      for (int id = 1; id <= 3; id++) {
        stream.watch(id, CLEO, FRAUD, "predict");
      }
      stream.await(1, "ALLOW");
      stream.await(2, "ALLOW");
      stream.await(3, "OVERLOADED");
      assertEquals(1, refused(bed, "accesses"));
      stream.end(1);
      stream.await(1, "ALLOW", "ended");
      stream.watch(3, CLEO, FRAUD, "predict");
      stream.await(3, "OVERLOADED", "ALLOW");
    }
  }

  @Test
  void accesses_ofOneStream_areBounded() throws IOException {
    try (SidecarBed bed = bed(options -> {})) {
      WatchingStream stream = WatchingStream.open(bed.dataChannel());
      for (int id = 1; id <= 10_001; id++) {
        stream.watch(id, CLEO, FRAUD, "predict");
      }
      stream.await(10_001, "LIMIT_EXCEEDED");
      assertEquals(1, refused(bed, "size"));
      Probe.await("all answers", () -> stream.answers() == 10_001);
      stream.await(10_000, "ALLOW");
    }
  }

  @Test
  void streams_ofOneCaller_areBounded() throws IOException {
    try (SidecarBed bed = bed(options -> options.watchStreamsPerCaller = 2)) {
      WatchingStream first = WatchingStream.open(bed.dataChannel());
      WatchingStream second = WatchingStream.open(bed.dataChannel());
      for (WatchingStream stream : new WatchingStream[] {first, second}) {
        stream.watch(1, CLEO, FRAUD, "predict");
        stream.await(1, "ALLOW");
      }
      WatchingStream third = WatchingStream.open(bed.dataChannel());
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, WatchingStream.code(third.failure()));
      assertEquals(1, refused(bed, "access-streams"));
      first.requests().cancel("gone", null);
      Probe probe = new Probe(bed.sidecar().httpPort());
      Probe.await("a free place", () -> probe.metric("modelgate_access_streams") == 1);
      WatchingStream fourth = WatchingStream.open(bed.dataChannel());
      fourth.watch(1, CLEO, FRAUD, "predict");
      fourth.await(1, "ALLOW");
    }
  }

  @Test
  void reader_whoDoesNotRead_isEnded() throws IOException {
    try (SidecarBed bed = bed(options -> {})) {
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", bed.sidecar().servers().dataPort())
              .usePlaintext()
              .build();
      WatchingStream slow = WatchingStream.open(channel, false);
      CheckRequest bad =
          CheckRequest.newBuilder()
              .setPrincipal("no such kind:" + "x".repeat(400))
              .setModel(FRAUD)
              .setAction("predict")
              .build();
      AtomicInteger sent = new AtomicInteger();
      Probe.await(
          "its end",
          () -> {
            while (slow.requests().isReady()) {
              slow.watch(sent.incrementAndGet(), bad);
              assertTrue(sent.get() < 1_000_000, "the server takes requests without end");
            }
            return refused(bed, "access-readers") == 1;
          });
      slow.requests().request(Integer.MAX_VALUE);
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, WatchingStream.code(slow.failure()));
      assertEquals("ALLOW", bed.answer(CLEO, FRAUD, "predict"));
      channel.shutdownNow();
    }
  }

  private SidecarBed bed(Consumer<ServeOptions> more) throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.recheckEvery = 0;
    more.accept(options);
    SidecarBed bed = new SidecarBed(options);
    bed.sample();
    return bed;
  }

  private static double refused(SidecarBed bed, String limit) {
    return new Probe(bed.sidecar().httpPort())
        .metric("modelgate_limits_total{limit=\"" + limit + "\"}");
  }
}
