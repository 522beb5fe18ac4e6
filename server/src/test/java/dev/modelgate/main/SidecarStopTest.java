package dev.modelgate.main;

import static dev.modelgate.main.SidecarBed.FRAUD;
import static dev.modelgate.main.SidecarBed.PROD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.store.rocksdb.RocksOptions;
import dev.modelgate.store.rocksdb.RocksReplica;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportPrincipal;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportRecords;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResponse;
import dev.modelgate.v1.ListPrincipalsRequest;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import dev.modelgate.v1.WatchChangesRequest;
import dev.modelgate.v1.WatchChangesResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stop drains: nothing that was taken is lost, nothing new is taken, and it ends in time. */
final class SidecarStopTest {
  private static final String ANA = "user:ana@acme.com";
  private static final String CLEO = "user:cleo@acme.com";
  private static final long DRAIN_SECONDS = 30;

  @TempDir Path directory;
  private SidecarBed bed;

  @BeforeEach
  void begin() throws IOException {
    bed = bed(DRAIN_SECONDS);
    bed.sample();
  }

  @AfterEach
  void end() {
    bed.close();
  }

  @Test
  void stop_withACheckAndAMutationUnderWay_answersThemAndRefusesNewOnes() throws Exception {
    Probe probe = new Probe(bed.sidecar().httpPort());
    Collected<HealthCheckResponse> health = watchHealth();
    Collected<StreamCheckResponse> checks = new Collected<>();
    StreamObserver<StreamCheckRequest> questions = streamCheck(checks);
    questions.onNext(question(1));
    Collected<ImportResponse> imported = new Collected<>();
    StreamObserver<ImportRequest> records = beginImport(imported);
    bed.put("user:behind@acme.com"); // On the same connection: so the import has arrived.
    Probe.await("the first answer", () -> checks.answers().size() == 1);
    Probe.await("the first health", () -> health.answers().size() == 1);
    assertEquals(ServingStatus.SERVING, health.answers().get(0).getStatus());
    assertEquals(200, probe.status("/readyz"));

    Thread closing = new Thread(() -> bed.sidecar().close(), "closing");
    closing.start();
    Probe.await("not ready", () -> probe.status("/readyz") == 503);
    Probe.await("not serving", () -> health.answers().size() == 2);
    assertEquals(ServingStatus.NOT_SERVING, health.answers().get(1).getStatus());
    Probe.await("checks refused", () -> checkCode() == Status.Code.UNAVAILABLE);
    Probe.await("changes refused", () -> mutationCode() == Status.Code.UNAVAILABLE);
    assertEquals(200, probe.status("/livez"));
    questions.onNext(question(2));
    Probe.await("the second answer", () -> checks.answers().size() == 2);
    assertEquals("", checks.answers().get(1).getResponse().getReason());
    records.onNext(importPrincipal("user:late@acme.com"));
    records.onCompleted();
    questions.onCompleted();
    assertEquals(Status.Code.OK, imported.end().getCode());
    assertEquals(Status.Code.OK, checks.end().getCode());
    bed.dataChannel().shutdownNow(); // The watch of health, which would wait for the deadline.

    closing.join(TimeUnit.SECONDS.toMillis(DRAIN_SECONDS / 2));
    assertFalse(closing.isAlive(), "the drained sidecar waits for the deadline");
    assertTrue(bed.sidecar().closedCleanly());
    reopen();
    assertTrue(
        bed
            .admin()
            .listPrincipals(
                ListPrincipalsRequest.newBuilder().setOrganization("organizations/acme").build())
            .getPrincipalsList()
            .stream()
            .anyMatch(principal -> principal.toString().contains("late@acme.com")));
  }

  @Test
  void stop_underLoad_answersEveryCallOrSaysUnavailable() throws Exception {
    Queue<Status> failures = new ConcurrentLinkedQueue<>();
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    CountDownLatch warm = new CountDownLatch(6 * 20);
    List<Thread> load = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String prefix = PROD + "/models/m" + i + "-";
      boolean changes = i < 3;
      load.add(
          new Thread(
              () ->
                  repeat(
                      failures,
                      warm,
                      turn -> {
                        if (changes) {
                          bed.create(prefix + turn, ANA);
                          acknowledged.add(prefix + turn);
                        } else {
                          assertEquals("ALLOW", bed.answer(CLEO, FRAUD, "predict"));
                        }
                      })));
    }
    load.forEach(Thread::start);
    assertTrue(warm.await(60, TimeUnit.SECONDS), "the load does not get going");
    long start = System.nanoTime();
    bed.sidecar().close();
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
    for (Thread thread : load) {
      thread.join(TimeUnit.SECONDS.toMillis(30));
    }
    assertEquals(6, failures.size());
    for (Status failure : failures) {
      assertEquals(Status.Code.UNAVAILABLE, failure.getCode(), failure.toString());
    }
    assertTrue(seconds < DRAIN_SECONDS / 2, seconds + " s");
    assertTrue(bed.sidecar().closedCleanly());
    reopen();
    for (String model : acknowledged) {
      assertEquals("ALLOW", bed.answer(ANA, model, "predict"), model);
    }
  }

  @Test
  void stop_withStreamsLeftOpen_endsAtTheDeadline() throws Exception {
    bed.close();
    bed = bed(1);
    Collected<StreamCheckResponse> checks = new Collected<>();
    StreamObserver<StreamCheckRequest> questions = streamCheck(checks);
    questions.onNext(question(1));
    Collected<WatchChangesResponse> changes = new Collected<>();
    adminStub()
        .watchChanges(
            WatchChangesRequest.newBuilder().setOrganization("organizations/acme").build(),
            changes);
    Collected<ImportResponse> imported = new Collected<>();
    beginImport(imported);
    Collected<HealthCheckResponse> health = watchHealth();
    bed.put("user:behind@acme.com");
    Probe.await("a change", () -> !changes.answers().isEmpty());
    Probe.await("an answer", () -> !checks.answers().isEmpty());
    Probe.await("health", () -> !health.answers().isEmpty());

    long start = System.nanoTime();
    bed.sidecar().close();
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    assertTrue(millis < 1_000 + 5_000, millis + " ms");
    assertTrue(bed.sidecar().closedCleanly());
    for (Collected<?> open : List.of(checks, changes, imported, health)) {
      assertFalse(open.end().isOk(), "an open stream must not look complete");
    }
    reopen();
    assertEquals("ALLOW", bed.answer(CLEO, FRAUD, "predict"));
  }

  private SidecarBed bed(long drainSeconds) throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.drainSeconds = (int) drainSeconds;
    return new SidecarBed(options);
  }

  /** Opens the store again, checks all of it, and starts a sidecar on it. */
  private void reopen() throws IOException {
    Path store = bed.sidecar().directory().store();
    bed.close();
    try (RocksReplica replica = RocksReplica.open(RocksOptions.of(store))) {
      replica.verify();
    }
    bed = new SidecarBed(directory.resolve("data"));
  }

  private Status.Code checkCode() {
    return code(() -> bed.answer(CLEO, FRAUD, "predict"));
  }

  private Status.Code mutationCode() {
    return code(() -> bed.put("user:other@acme.com"));
  }

  private static Status.Code code(Runnable call) {
    try {
      call.run();
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  /** One turn of a load. */
  private interface Turn {
    void take(int number);
  }

  /** Repeats until the first failure. */
  private static void repeat(Queue<Status> failures, CountDownLatch warm, Turn turn) {
    for (int number = 0; ; number++) {
      try {
        turn.take(number);
      } catch (StatusRuntimeException e) {
        failures.add(e.getStatus());
        return;
      }
      if (number < 20) {
        warm.countDown();
      }
    }
  }

  private Collected<HealthCheckResponse> watchHealth() {
    Collected<HealthCheckResponse> health = new Collected<>();
    HealthGrpc.newStub(bed.dataChannel()).watch(HealthCheckRequest.getDefaultInstance(), health);
    return health;
  }

  private StreamObserver<StreamCheckRequest> streamCheck(Collected<StreamCheckResponse> answers) {
    return AuthorizationServiceGrpc.newStub(bed.dataChannel()).streamCheck(answers);
  }

  private static StreamCheckRequest question(long id) {
    return StreamCheckRequest.newBuilder()
        .setId(id)
        .setCheck(CheckRequest.newBuilder().setPrincipal(CLEO).setModel(FRAUD).setAction("predict"))
        .build();
  }

  private StreamObserver<ImportRequest> beginImport(Collected<ImportResponse> answer) {
    StreamObserver<ImportRequest> records = adminStub().import_(answer);
    records.onNext(
        ImportRequest.newBuilder()
            .setHeader(ImportHeader.newBuilder().setSchema(1).setOrganization("organizations/acme"))
            .build());
    return records;
  }

  private static ImportRequest importPrincipal(String name) {
    return ImportRequest.newBuilder()
        .setRecords(
            ImportRecords.newBuilder()
                .addRecords(
                    ImportRecord.newBuilder()
                        .setPrincipal(ImportPrincipal.newBuilder().setPrincipal(name))))
        .build();
  }

  private AdminServiceGrpc.AdminServiceStub adminStub() {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + bed.token());
    return AdminServiceGrpc.newStub(bed.adminChannel())
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }
}
