package dev.modelgate.grpc;

import dev.modelgate.app.query.ExportRecord;
import dev.modelgate.app.query.Exports;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.grpc.StreamedAnswer.Step;
import dev.modelgate.v1.ExportHeader;
import dev.modelgate.v1.ExportRequest;
import dev.modelgate.v1.ExportResponse;
import dev.modelgate.v1.ImportRecords;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One call of Export: first the header, then the records. */
final class ExportCall {
  /** The record format that this server writes and reads. */
  static final int SCHEMA = 1;

  private final Exports exports;
  private final ExportRequest request;
  private final Requester requester;
  private final StreamedAnswer<ExportResponse> stream;
  private Exports.@Nullable Export export;

  private ExportCall(
      Exports exports,
      ExportRequest request,
      Requester requester,
      ServerCallStreamObserver<ExportResponse> call,
      Executor executor,
      ErrorMapper errors) {
    this.exports = exports;
    this.request = request;
    this.requester = requester;
    this.stream = new StreamedAnswer<>(call, executor, errors, this::next, this::close);
  }

  static void start(
      Exports exports,
      ExportRequest request,
      Requester requester,
      ServerCallStreamObserver<ExportResponse> call,
      Executor executor,
      ErrorMapper errors) {
    new ExportCall(exports, request, requester, call, executor, errors).stream.wake();
  }

  private Step<ExportResponse> next() {
    if (export == null) {
      String organization = Fields.organizationId("organization", request.getOrganization());
      export = exports.open(organization, requester);
      return Step.of(ExportResponse.newBuilder().setHeader(header(export)).build());
    }
    List<ExportRecord> batch = export.next();
    if (batch.isEmpty()) {
      return Step.end();
    }
    ImportRecords.Builder records = ImportRecords.newBuilder();
    batch.forEach(record -> records.addRecords(RecordMessages.record(record)));
    return Step.of(ExportResponse.newBuilder().setRecords(records).build());
  }

  private ExportHeader header(Exports.Export open) {
    return ExportHeader.newBuilder()
        .setSchema(SCHEMA)
        .setOrganization(AdminMessages.organizationName(open.organization().id()))
        .setDisplayName(open.organization().displayName())
        .setProfile(open.organization().profile())
        .setProfileDocument(open.profileDocument())
        .setSourceRevision(open.organization().revision())
        .setSourceTime(AdminMessages.timestamp(open.openedAtMicros()))
        .setEstimatedRecords(open.estimatedRecords())
        .build();
  }

  private void close() {
    if (export != null) {
      export.close();
    }
  }
}
