package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.ErrorContract;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceStub;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportRecords;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResource;
import dev.modelgate.v1.ImportResponse;
import dev.modelgate.v1.ListResourcesRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** One more than each call may bring is refused with the bound. */
final class SizesTest {
  @TempDir Path directory;

  private SidecarBed bed;

  @BeforeEach
  void begin() throws IOException {
    bed = new SidecarBed(directory.resolve("data"));
    bed.sample();
  }

  @AfterEach
  void end() {
    bed.close();
  }

  @Test
  void batch_ofOneItemTooMany_isRefused() {
    BatchCheckRequest.Builder batch = BatchCheckRequest.newBuilder();
    for (int i = 0; i < 1_001; i++) {
      batch.addItems(CheckRequest.newBuilder().setAction("a"));
    }
    assertLimit("items", "1000", refused(() -> bed.data().batchCheck(batch.build())));
    assertEquals(1, bed.refused("size"));
  }

  @Test
  void page_ofOneTooMany_isRefused() {
    ListResourcesRequest page =
        ListResourcesRequest.newBuilder()
            .setParent("organizations/acme")
            .setPageSize(1_001)
            .build();
    ErrorInfo info = refused(() -> bed.admin().listResources(page));
    assertEquals("page_size", info.getMetadataOrThrow("field"));
    assertEquals(1, bed.refused("page"));
  }

  @Test
  void import_messageOfOneRecordTooMany_isRefused() throws Exception {
    ImportRecords.Builder records = ImportRecords.newBuilder();
    for (int i = 0; i < 1_001; i++) {
      records.addRecords(ImportRecord.getDefaultInstance());
    }
    ImportRequest message = ImportRequest.newBuilder().setRecords(records).build();
    RawCall.Ended ended =
        RawCall.of(
            bed.adminChannel(),
            AdminServiceGrpc.getImportMethod().getFullMethodName(),
            token(),
            List.of(header().toByteArray(), message.toByteArray()));
    ErrorInfo info = info(new StatusRuntimeException(ended.status(), ended.trailers()));
    assertLimit("records.records", "1000", info);
  }

  /** A message may be larger than a change of the log; a record is never larger than a message. */
  @Test
  void change_thatIsTooLargeForTheLog_isRefused() {
    UpdateGrantsRequest.Builder many = UpdateGrantsRequest.newBuilder();
    many.setResource(SidecarBed.FRAUD);
    String condition = "true ||" + " ".repeat(1_000) + "true";
    for (int i = 0; i < 1_000; i++) {
      many.addChanges(
          GrantChange.newBuilder()
              .setMode(GrantChange.Mode.MODE_SET)
              .setPrincipal("user:u" + i + "@acme.com")
              .setRole("user")
              .setCondition(condition));
    }
    assertLimit("change", "786432", refused(() -> bed.admin().updateGrants(many.build())));
    assertEquals(1, bed.refused("size"));
  }

  @Test
  void importRecord_largerThanAMessage_isRefused() throws Exception {
    ImportRecord record =
        ImportRecord.newBuilder()
            .setResource(ImportResource.newBuilder().setDisplayName("x".repeat(5 << 20)))
            .build();
    ImportRequest message =
        ImportRequest.newBuilder()
            .setRecords(ImportRecords.newBuilder().addRecords(record))
            .build();
    RawCall.Ended ended =
        RawCall.of(
            bed.adminChannel(),
            AdminServiceGrpc.getImportMethod().getFullMethodName(),
            token(),
            List.of(header().toByteArray(), message.toByteArray()));
    ErrorInfo info = info(new StatusRuntimeException(ended.status(), ended.trailers()));
    assertLimit("request", "4194304", info);
    assertEquals(1, bed.refused("size"));
  }

  @Test
  void imports_oneTooMany_isRefusedAndTheOthersGoOn() throws Exception {
    List<StreamObserver<ImportRequest>> uploads = new ArrayList<>();
    List<Collected<ImportResponse>> answers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Collected<ImportResponse> answer = new Collected<>();
      StreamObserver<ImportRequest> upload = admin().import_(answer);
      upload.onNext(header());
      uploads.add(upload);
      answers.add(answer);
    }
    Probe.await("a refusal", () -> answers.stream().anyMatch(Collected::ended));
    int ended = 0;
    for (int i = 0; i < 5; i++) {
      if (answers.get(i).ended()) {
        ended++;
      } else {
        uploads.get(i).onCompleted();
        assertTrue(answers.get(i).end().isOk(), answers.get(i).end()::toString);
      }
    }
    assertEquals(1, ended);
    assertEquals(1, bed.refused("imports"));
  }

  private Metadata token() {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + bed.token());
    return headers;
  }

  private AdminServiceStub admin() {
    return AdminServiceGrpc.newStub(bed.adminChannel())
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token()))
        .withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private static ImportRequest header() {
    return ImportRequest.newBuilder()
        .setHeader(ImportHeader.newBuilder().setSchema(1).setOrganization("organizations/acme"))
        .build();
  }

  private static void assertLimit(String field, String limit, ErrorInfo info) {
    assertEquals("LIMIT_EXCEEDED", info.getReason());
    assertEquals(field, info.getMetadataOrThrow("field"));
    assertEquals(limit, info.getMetadataOrThrow("limit"));
  }

  private static ErrorInfo refused(Executable call) {
    return info(assertThrows(StatusRuntimeException.class, call));
  }

  private static ErrorInfo info(StatusRuntimeException e) {
    try {
      ErrorInfo info =
          Objects.requireNonNull(StatusProto.fromThrowable(e))
              .getDetails(0)
              .unpack(ErrorInfo.class);
      ErrorContract.requireKept(e.getStatus().getCode(), info);
      return info;
    } catch (InvalidProtocolBufferException unreadable) {
      throw new AssertionError(unreadable);
    }
  }
}
