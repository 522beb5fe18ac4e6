package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static dev.modelgate.grpc.Transfers.member;
import static dev.modelgate.grpc.Transfers.user;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.ErrorInfo;
import dev.modelgate.model.Fault;
import dev.modelgate.store.rocksdb.RocksOptions;
import dev.modelgate.store.rocksdb.RocksReplica;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An import that creates its organization, over a store that loads it in bulk. */
final class BulkImportTest {
  private static final String COPY = "organizations/copy";
  private static final int WAIT_SECONDS = 20;

  /** What an import takes in the log that goes through it: the registration, and one record. */
  private static final long POSITIONS = 2;

  @TempDir private Path directory;
  private Path loading;
  private RocksReplica replica;
  private AdminPlane plane;
  private Transfers transfers;

  @BeforeEach
  void begin() {
    Path store = directory.resolve("store");
    loading = store.resolve("loading");
    RocksOptions options = RocksOptions.of(store).withBlockCacheBytes(16 << 20);
    replica = RocksReplica.open(options.withLoadBytes(100_000));
    plane = new AdminPlane(Clock.systemUTC(), replica, replica.position()).withAcme();
    transfers = new Transfers(plane);
  }

  @AfterEach
  void end() {
    plane.close();
    replica.close();
  }

  private static ImportHeader.Builder header() {
    return ImportHeader.newBuilder()
        .setSchema(1)
        .setOrganization(COPY)
        .setDisplayName("Copy")
        .setCreateOrganization(true);
  }

  private static List<ImportRecord> users(int count) {
    List<ImportRecord> records = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      records.add(user("user:u" + i + "@acme.com"));
    }
    return records;
  }

  private String revision(String organization) {
    return plane
        .admin()
        .getOrganization(GetOrganizationRequest.newBuilder().setName(organization).build())
        .getOrganization()
        .getRevision();
  }

  private void assertUnknown() {
    refused(Fault.NOT_FOUND, () -> revision(COPY));
  }

  private static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertTrue(condition.getAsBoolean(), what);
  }

  /** An import whose messages are sent one by one. */
  private final class Sending {
    private final CompletableFuture<ImportResponse> answer = new CompletableFuture<>();
    private final ClientCallStreamObserver<ImportRequest> stream;

    Sending(ImportHeader.Builder header) {
      this.stream =
          (ClientCallStreamObserver<ImportRequest>) plane.async().import_(Transfers.into(answer));
      stream.onNext(ImportRequest.newBuilder().setHeader(header).build());
      until("the load begins", () -> Files.isDirectory(loading));
    }

    void records(List<ImportRecord> records) {
      for (int i = 0; i < records.size(); i += 1_000) {
        stream.onNext(Transfers.records(records.subList(i, Math.min(records.size(), i + 1_000))));
      }
    }

    ImportResponse finish() {
      stream.onCompleted();
      try {
        return answer.orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof RuntimeException cause ? cause : e;
      }
    }
  }

  @Test
  void import_ofAnExport_exportsTheSame() {
    plane.principal("group:risk");
    List<ImportRecord> members = users(3_000);
    for (int i = 0; i < 3_000; i++) {
      members.add(member("group:risk", "user:u" + i + "@acme.com"));
    }
    transfers.importing(Transfers.header(), members);
    plane.share(FRAUD, "group:risk", "user");
    plane.share(FRAUD, "user:u7@acme.com", "viewer");
    List<ImportRecord> exported = moved(transfers.export(ACME).records());
    long before = replica.position().value();
    ImportResponse answer = transfers.importing(header().setRequestId("r1"), exported);
    assertEquals(before + POSITIONS, replica.position().value(), "it was not loaded");
    assertEquals(exported.size(), answer.getAppliedRecords());
    assertEquals(3_000, answer.getCounts().getMemberships());
    Transfers.Exported copy = transfers.export(COPY);
    assertEquals(exported, copy.records());
    assertEquals("Copy", copy.header().getDisplayName());
    assertEquals(answer.getRevision(), copy.header().getSourceRevision());
    assertEquals(
        answer.getRevision(),
        transfers.importing(header().setRequestId("r1"), exported).getRevision(),
        "the same request again");
    replica.verify();
  }

  private static List<ImportRecord> moved(List<ImportRecord> records) {
    return records.stream()
        .map(
            record ->
                record.getResource().getName().equals(ACME)
                    ? record.toBuilder()
                        .setResource(record.getResource().toBuilder().setName(COPY))
                        .build()
                    : record)
        .toList();
  }

  @Test
  void import_ofAHeaderAlone_createsTheOrganization() {
    ImportResponse answer = transfers.importing(header(), List.of());
    assertEquals(0, answer.getAppliedRecords());
    assertEquals(answer.getRevision(), revision(COPY));
    replica.verify();
  }

  @Test
  void import_ofAWrongRecord_keepsThoseBeforeAndGoesOn() {
    List<ImportRecord> records = users(2_500);
    records.set(2_222, member("group:none", "user:u1@acme.com"));
    ErrorInfo info = refused(Fault.UNKNOWN_PRINCIPAL, () -> transfers.importing(header(), records));
    assertEquals("2224", info.getMetadataOrThrow("line"));
    assertEquals("2222", info.getMetadataOrThrow("applied_records"));
    assertEquals(2_222, principals());
    records.set(2_222, user(BEN));
    ImportResponse answer = transfers.importing(header().setSkipRecords(2_222), records);
    assertEquals(278, answer.getAppliedRecords());
    assertEquals(2_500, principals());
    replica.verify();
  }

  @Test
  void import_ofAMalformedRecord_keepsThoseBefore() {
    List<ImportRecord> records = users(5);
    records.set(3, user("nobody"));
    ErrorInfo info =
        refused(
            Fault.INVALID_FIELD,
            "principal.principal",
            () -> transfers.importing(header(), records));
    assertEquals("5", info.getMetadataOrThrow("line"));
    assertEquals("3", info.getMetadataOrThrow("applied_records"));
    assertEquals(3, principals());
  }

  private long principals() {
    return transfers.export(COPY).records().stream().filter(ImportRecord::hasPrincipal).count();
  }

  @Test
  void organization_thatIsBeingImported_isThereForNobodyAndIsBegunByNobodyElse() {
    Sending sending = new Sending(header());
    sending.records(users(3_000));
    assertUnknown();
    refused(
        Fault.STORE_UNAVAILABLE,
        () ->
            plane
                .admin()
                .createOrganization(
                    CreateOrganizationRequest.newBuilder().setOrganizationId("copy").build()));
    ErrorInfo info =
        refused(Fault.STORE_UNAVAILABLE, () -> transfers.importing(header(), users(10)));
    assertEquals("1", info.getMetadataOrThrow("line"));
    refused(
        Fault.STORE_UNAVAILABLE, () -> transfers.importing(header().setSkipRecords(1), users(10)));
    // Another one goes through the log meanwhile, as do all other changes.
    transfers.importing(header().setOrganization("organizations/other"), users(10));
    plane.share(FRAUD, "user:new@acme.com", "viewer");
    assertUnknown();
    assertEquals(3_000, sending.finish().getAppliedRecords());
    assertEquals(3_000, principals());
    replica.verify();
  }

  @Test
  void import_thatIsCutOff_canBeginAtOnce() {
    Sending sending = new Sending(header().setRequestId("r1"));
    sending.records(users(3_000));
    sending.stream.cancel("the network", null);
    assertEquals(
        20, transfers.importing(header().setRequestId("r1"), users(20)).getAppliedRecords());
    assertEquals(20, principals());
    replica.verify();
  }

  @Test
  void import_thatIsCutOffAndNotBegunAgain_leavesNothing() {
    Sending sending = new Sending(header().setRequestId("r1"));
    sending.records(users(3_000));
    sending.stream.cancel("the network", null);
    until("the load is let go", () -> !Files.exists(loading));
    assertUnknown();
    refused(
        Fault.NOT_FOUND,
        () -> transfers.importing(header().setCreateOrganization(false), users(1)));
    transfers.importing(header().setRequestId("r1"), users(20));
    assertEquals(20, principals());
    replica.verify();
  }

  @Test
  void import_whoseStoreFails_appliesNothingAndCanBegin() throws IOException {
    Sending sending = new Sending(header());
    sending.records(users(10));
    until("nothing is written", () -> isEmpty(loading));
    Files.delete(loading);
    Files.createFile(loading);
    sending.records(users(5_000));
    StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, sending::finish);
    ErrorInfo info = Errors.of(failure).info();
    assertEquals(Status.Code.UNAVAILABLE, failure.getStatus().getCode());
    assertEquals("STORE_UNAVAILABLE", info.getReason());
    assertEquals("0", info.getMetadataOrThrow("applied_records"));
    assertUnknown();
    Files.deleteIfExists(loading);
    transfers.importing(header(), users(20));
    assertEquals(20, principals());
    replica.verify();
  }

  private static boolean isEmpty(Path directory) {
    try (var files = Files.list(directory)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  /** A commit that fails has the store opened again, which ends a load. */
  @Test
  void import_whoseStoreIsOpenedAgain_appliesNothing() {
    Sending sending = new Sending(header());
    sending.records(users(10));
    plane.live.recover();
    sending.records(users(5_000));
    StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, sending::finish);
    assertEquals("STORE_UNAVAILABLE", Errors.of(failure).info().getReason());
    assertUnknown();
    transfers.importing(header(), users(20));
    assertEquals(20, principals());
    replica.verify();
  }

  @Test
  void import_byOthers_isForTheSystemAdministrator() {
    plane.principal(BEN);
    StatusRuntimeException failure =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                Transfers.send(
                    plane.asyncAs(BEN),
                    List.of(ImportRequest.newBuilder().setHeader(header()).build())));
    assertEquals("NOT_PERMITTED", Errors.of(failure).info().getReason());
    assertUnknown();
  }
}
