package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceStub;
import dev.modelgate.v1.ExportHeader;
import dev.modelgate.v1.ExportRequest;
import dev.modelgate.v1.ExportResponse;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportMembership;
import dev.modelgate.v1.ImportPrincipal;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportRecords;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResponse;
import dev.modelgate.v1.Principal;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Imports and exports over the wire, and records for them. */
final class Transfers {
  private final AdminPlane plane;

  /** All messages of an export. */
  record Exported(ExportHeader header, List<ImportRecord> records) {}

  Transfers(AdminPlane plane) {
    this.plane = plane;
  }

  Exported export(String organization) {
    Iterator<ExportResponse> stream =
        plane.admin().export(ExportRequest.newBuilder().setOrganization(organization).build());
    ExportHeader header = stream.next().getHeader();
    List<ImportRecord> records = new ArrayList<>();
    stream.forEachRemaining(part -> records.addAll(part.getRecords().getRecordsList()));
    return new Exported(header, records);
  }

  ImportResponse importing(ImportHeader.Builder header, List<ImportRecord> records) {
    List<ImportRequest> parts = new ArrayList<>();
    parts.add(ImportRequest.newBuilder().setHeader(header).build());
    for (int i = 0; i < records.size(); i += 300) {
      parts.add(records(records.subList(i, Math.min(records.size(), i + 300))));
    }
    return send(parts);
  }

  ImportResponse send(List<ImportRequest> parts) {
    return send(plane.async(), parts);
  }

  static ImportResponse send(AdminServiceStub admin, List<ImportRequest> parts) {
    CompletableFuture<ImportResponse> answer = new CompletableFuture<>();
    StreamObserver<ImportRequest> stream = admin.import_(into(answer));
    parts.forEach(stream::onNext);
    stream.onCompleted();
    try {
      return answer.orTimeout(30, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** Has the answer of an import, or its failure, complete a future. */
  static StreamObserver<ImportResponse> into(CompletableFuture<ImportResponse> answer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(ImportResponse response) {
        answer.complete(response);
      }

      @Override
      public void onError(Throwable failure) {
        answer.completeExceptionally(failure);
      }

      @Override
      public void onCompleted() {}
    };
  }

  static ImportHeader.Builder header() {
    return ImportHeader.newBuilder().setSchema(1).setOrganization(ACME);
  }

  static ImportRequest records(List<ImportRecord> records) {
    return ImportRequest.newBuilder()
        .setRecords(ImportRecords.newBuilder().addAllRecords(records))
        .build();
  }

  static ImportRecord user(String name) {
    return ImportRecord.newBuilder()
        .setPrincipal(ImportPrincipal.newBuilder().setPrincipal(name))
        .build();
  }

  static ImportRecord user(String name, Principal.State state) {
    return ImportRecord.newBuilder()
        .setPrincipal(ImportPrincipal.newBuilder().setPrincipal(name).setState(state))
        .build();
  }

  ImportPrincipal exported(String name) {
    return export(ACME).records().stream()
        .map(ImportRecord::getPrincipal)
        .filter(principal -> principal.getPrincipal().equals(name))
        .findFirst()
        .orElseThrow();
  }

  static ImportRecord group(String name) {
    return user(name);
  }

  static ImportRecord member(String group, String member) {
    return ImportRecord.newBuilder()
        .setMembership(ImportMembership.newBuilder().setGroup(group).setMember(member))
        .build();
  }

  /** How many users the organization has. */
  long users() {
    return export(ACME).records().stream()
        .filter(record -> record.getPrincipal().getPrincipal().startsWith("user:"))
        .count();
  }
}
