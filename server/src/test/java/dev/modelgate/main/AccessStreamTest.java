package dev.modelgate.main;

import static dev.modelgate.main.SidecarBed.CHURN;
import static dev.modelgate.main.SidecarBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.Timestamps;
import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.ErrorContract;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** WatchAccess over the wire. */
final class AccessStreamTest {
  private static final String CLEO = "user:cleo@acme.com";
  private static final String BEN = "user:ben@acme.com";

  @TempDir Path directory;

  private SidecarBed bed;
  private WatchingStream stream;

  @BeforeEach
  void begin() throws IOException {
    bed = new SidecarBed(directory.resolve("data"));
    bed.sample();
    stream = WatchingStream.open(bed.dataChannel());
  }

  @AfterEach
  void end() {
    bed.close();
  }

  @Test
  void watch_firstAnswerThenChanges_untilItIsEnded() {
    stream.watch(1, CLEO, FRAUD, "predict");
    stream.watch(2, BEN, FRAUD, "predict");
    stream.await(1, "ALLOW");
    stream.await(2, "NO_GRANT");
    SidecarBed.share(bed.admin(), FRAUD, BEN, "user");
    stream.await(2, "NO_GRANT", "ALLOW");
    SidecarBed.revoke(bed.admin(), FRAUD, "group:risk");
    stream.await(1, "ALLOW", "NO_GRANT");
    stream.end(2);
    stream.await(2, "NO_GRANT", "ALLOW", "ended");
    SidecarBed.revoke(bed.admin(), FRAUD, BEN);
    stream.watch(2, CLEO, CHURN, "predict");
    stream.await(2, "NO_GRANT", "ALLOW", "ended", "NO_GRANT");
    assertFalse(stream.hasEnded());
  }

  @Test
  void watch_ofAGrantThatEnds_isToldWhenItsTimeHasCome() {
    GrantChange soon =
        GrantChange.newBuilder()
            .setMode(GrantChange.Mode.MODE_SET)
            .setPrincipal(BEN)
            .setRole("user")
            .setExpiresAt(Timestamps.fromMillis(System.currentTimeMillis() + 700))
            .build();
    bed.admin()
        .updateGrants(UpdateGrantsRequest.newBuilder().setResource(FRAUD).addChanges(soon).build());
    stream.watch(1, BEN, FRAUD, "predict");
    stream.await(1, "ALLOW", "NO_GRANT");
  }

  @Test
  void silence_isFilledWithHeartbeats() {
    stream.watch(1, CLEO, FRAUD, "predict");
    Probe.await("five heartbeats", () -> stream.heartbeats() >= 5);
    assertEquals(1, stream.answers());
  }

  @Test
  void question_thatFails_isAnsweredWithItsErrorAndTheStreamGoesOn() {
    stream.watch(1, "nonsense", FRAUD, "predict");
    stream.watch(2, CLEO, FRAUD, "fly");
    stream.watch(0, CLEO, FRAUD, "predict");
    stream.watch(3, CheckRequest.getDefaultInstance());
    stream.await(1, "INVALID_FIELD");
    stream.await(2, "UNKNOWN_ACTION");
    stream.await(0, "INVALID_FIELD");
    stream.await(3, "INVALID_FIELD");
    stream.watch(1, CLEO, FRAUD, "predict");
    stream.await(1, "INVALID_FIELD", "ALLOW");
  }

  @Test
  void id_thatIsInUse_endsTheWatchThatHasIt() {
    stream.watch(1, CLEO, FRAUD, "predict");
    stream.await(1, "ALLOW");
    stream.watch(1, BEN, CHURN, "predict");
    stream.await(1, "ALLOW", "INVALID_FIELD");
    SidecarBed.revoke(bed.admin(), FRAUD, "group:risk");
    stream.watch(1, BEN, CHURN, "predict");
    stream.await(1, "ALLOW", "INVALID_FIELD", "ALLOW");
  }

  @Test
  void end_ofNothing_isSaid() {
    stream.end(9);
    stream.await(9, "ended");
  }

  @Test
  void halfClose_letsWatchesGoOn_andCompletesWithTheLast() {
    stream.watch(1, CLEO, FRAUD, "predict");
    stream.requests().onCompleted();
    stream.await(1, "ALLOW");
    SidecarBed.revoke(bed.admin(), FRAUD, "group:risk");
    stream.await(1, "ALLOW", "NO_GRANT");
    assertFalse(stream.hasEnded());
    WatchingStream idle = WatchingStream.open(bed.dataChannel());
    idle.watch(1, "nonsense", FRAUD, "predict");
    idle.requests().onCompleted();
    Probe.await("nothing is watched", idle::hasCompleted);
    idle.await(1, "INVALID_FIELD");
  }

  @Test
  void cancel_freesWhatWasWatched() {
    for (int i = 1; i <= 100; i++) {
      stream.watch(i, CLEO, FRAUD, "predict");
    }
    Probe probe = new Probe(bed.sidecar().httpPort());
    Probe.await("they are watched", () -> probe.metric("modelgate_accesses") == 100);
    assertEquals(1, probe.metric("modelgate_access_streams"));
    stream.requests().cancel("gone", null);
    Probe.await("they are free", () -> probe.metric("modelgate_accesses") == 0);
    assertEquals(0, probe.metric("modelgate_access_streams"));
  }

  @Test
  void changes_areCountedWithTheirTime() {
    stream.watch(1, CLEO, FRAUD, "predict");
    stream.await(1, "ALLOW");
    SidecarBed.revoke(bed.admin(), FRAUD, "group:risk");
    stream.await(1, "ALLOW", "NO_GRANT");
    Probe probe = new Probe(bed.sidecar().httpPort());
    Probe.await("it is counted", () -> probe.metric("modelgate_access_changes_seconds_count") == 1);
    assertTrue(probe.metric("modelgate_access_evaluations_total") >= 1);
    Probe.await("nothing waits", () -> probe.metric("modelgate_accesses_waiting") == 0);
  }

  @Test
  void stop_endsTheStreamAtOnceAndSaysSo() throws Exception {
    stream.watch(1, CLEO, FRAUD, "predict");
    stream.await(1, "ALLOW");
    bed.sidecar().close();
    Throwable end = stream.failure();
    assertEquals(Status.Code.UNAVAILABLE, WatchingStream.code(end));
    ErrorInfo info = StatusProto.fromThrowable(end).getDetails(0).unpack(ErrorInfo.class);
    assertEquals("STOPPING", info.getReason());
    ErrorContract.requireKept(Status.Code.UNAVAILABLE, info);
  }
}
