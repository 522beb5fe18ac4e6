package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.ErrorContract;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceBlockingStub;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.GetPrincipalRequest;
import dev.modelgate.v1.PutPrincipalRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file system that takes no more, in front of a real sidecar: the process may not let a file grow
 * beyond a limit, so that writing its log fails in the middle of a commit (hazard 21). Linux only,
 * for there the limit can be lifted from outside while the process runs.
 */
final class OutageIT {
  private static final int FILE_BYTES_MAX = 256 << 10;
  private static final String ANA = "user:ana@acme.com";
  private static final String MODEL = "organizations/acme/models/fraud";
  private static final long BACK_WITHIN_SECONDS = 5;

  @TempDir Path directory;

  private final List<String> acknowledged = new ArrayList<>();

  @Test
  void writes_thatFail_areUnknownAndTheSidecarGoesOn() throws Exception {
    if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")) {
      System.out.println("outage: needs Linux");
      return;
    }
    Path data = directory.resolve("data");
    try (JarProcess jar = JarProcess.serve(List.of("-Xmx192m"), data)) {
      ManagedChannel administering = StopIT.channel(jar.port("admin"));
      ManagedChannel checking = StopIT.channel(jar.port("data"));
      AdminServiceBlockingStub admin = StopIT.admin(administering, data);
      AuthorizationServiceBlockingStub checks = AuthorizationServiceGrpc.newBlockingStub(checking);
      begin(admin);
      limit(jar.process().pid(), FILE_BYTES_MAX + ":unlimited");
      InDoubt inDoubt = fill(admin);
      goOnFor(200, admin);
      assertAllowed(checks);
      limit(jar.process().pid(), "unlimited:unlimited");
      long back = System.nanoTime();
      PutPrincipalRequest retry =
          inDoubt.request().toBuilder().setBaseRevision(inDoubt.baseRevision()).build();
      String revision = retry(admin, retry, back);
      assertAllowed(checks);
      assertEquals(revision, admin.putPrincipal(retry).getRevision(), "the retry is no new change");
      acknowledged.add(retry.getPrincipal());
      put(admin, 1_000_000);
      administering.shutdownNow();
      checking.shutdownNow();
    }
    assertNothingLost(data);
  }

  private static void begin(AdminServiceBlockingStub admin) {
    admin.createOrganization(
        CreateOrganizationRequest.newBuilder().setOrganizationId("acme").build());
    admin.createResource(CreateResourceRequest.newBuilder().setName(MODEL).setOwner(ANA).build());
  }

  /** A change of which nobody knows whether it holds. */
  private record InDoubt(PutPrincipalRequest request, String baseRevision) {}

  /** Changes until one fails; answers that one. */
  private InDoubt fill(AdminServiceBlockingStub admin) {
    for (int i = 0; i < 100_000; i++) {
      PutPrincipalRequest request = request(i);
      try {
        var unused = admin.putPrincipal(request);
        acknowledged.add(request.getPrincipal());
      } catch (StatusRuntimeException e) {
        assertEquals(Status.Code.UNKNOWN, e.getStatus().getCode(), e::toString);
        ErrorInfo info = info(e);
        assertEquals("OUTCOME_UNKNOWN", info.getReason());
        assertEquals(request.getRequestId(), info.getMetadataOrThrow("request_id"));
        return new InDoubt(request, info.getMetadataOrThrow("base_revision"));
      }
    }
    throw new AssertionError("the limit is never met");
  }

  /** While the outage lasts a change is acknowledged, or fails for one of two reasons. */
  private void goOnFor(int changes, AdminServiceBlockingStub admin) {
    for (int i = 0; i < changes; i++) {
      try {
        put(admin, 500_000 + i);
      } catch (StatusRuntimeException e) {
        String reason = info(e).getReason();
        assertTrue(
            reason.equals("OUTCOME_UNKNOWN") || reason.equals("STORE_UNAVAILABLE"), e::toString);
      }
    }
  }

  private static String retry(
      AdminServiceBlockingStub admin, PutPrincipalRequest request, long back)
      throws InterruptedException {
    while (true) {
      try {
        return admin.putPrincipal(request).getRevision();
      } catch (StatusRuntimeException e) {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - back);
        assertTrue(seconds < BACK_WITHIN_SECONDS, () -> "no change after " + seconds + " s: " + e);
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }

  private void assertNothingLost(Path data) throws Exception {
    try (JarProcess jar = JarProcess.serve(List.of(), data)) {
      ManagedChannel administering = StopIT.channel(jar.port("admin"));
      AdminServiceBlockingStub admin = StopIT.admin(administering, data);
      for (String principal : acknowledged) {
        GetPrincipalRequest get =
            GetPrincipalRequest.newBuilder()
                .setOrganization("organizations/acme")
                .setPrincipal(principal)
                .build();
        assertEquals(principal, admin.getPrincipal(get).getPrincipal().getPrincipal());
      }
      System.out.println("outage: " + acknowledged.size() + " acknowledged changes, none lost");
      administering.shutdownNow();
    }
  }

  private void put(AdminServiceBlockingStub admin, int number) {
    PutPrincipalRequest request = request(number);
    var unused = admin.putPrincipal(request);
    acknowledged.add(request.getPrincipal());
  }

  private static PutPrincipalRequest request(int number) {
    return PutPrincipalRequest.newBuilder()
        .setOrganization("organizations/acme")
        .setPrincipal("user:n" + number + "@acme.com")
        .setDisplayName("x".repeat(200))
        .setRequestId("r" + number)
        .build();
  }

  private static void assertAllowed(AuthorizationServiceBlockingStub checks) {
    CheckRequest question =
        CheckRequest.newBuilder().setPrincipal(ANA).setModel(MODEL).setAction("predict").build();
    assertEquals(Decision.DECISION_ALLOW, checks.check(question).getDecision());
  }

  private static void limit(long pid, String fileSize) throws Exception {
    Process prlimit =
        new ProcessBuilder("prlimit", "--pid", Long.toString(pid), "--fsize=" + fileSize)
            .inheritIO()
            .start();
    assertEquals(0, prlimit.waitFor());
  }

  private static ErrorInfo info(StatusRuntimeException e) {
    try {
      ErrorInfo info = StatusProto.fromThrowable(e).getDetails(0).unpack(ErrorInfo.class);
      ErrorContract.requireKept(e.getStatus().getCode(), info);
      return info;
    } catch (InvalidProtocolBufferException unreadable) {
      throw new AssertionError(unreadable);
    }
  }
}
