package dev.modelgate.client.cli;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingV2Stub;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportRecords;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResponse;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One Import RPC. A batch is sent only when the transport takes it, so that memory holds one batch
 * and what the transport buffers, however long the file is.
 */
final class ImportUpload {
  static final int BATCH_RECORDS_MAX = 1_000;

  /** Well below the 4 MiB that the server takes, for one record more may be long. */
  private static final int BATCH_BYTES_MAX = 1 << 20;

  /** So many batches at most lie, sent but not applied, between the last record and the answer. */
  private static final int BATCHES_ON_THE_WAY = 16;

  private final AdminServiceBlockingV2Stub stub;
  private final Duration silenceMax;

  /**
   * @param silenceMax how long the server may take no batch; and how long the answer may take for
   *     each batch that may be on its way, of which there are at most {@value #BATCHES_ON_THE_WAY}
   */
  ImportUpload(AdminServiceBlockingV2Stub stub, Duration silenceMax) {
    this.stub = stub;
    this.silenceMax = silenceMax;
  }

  /**
   * Sends everything and waits for the answer.
   *
   * @throws StatusException if the server refuses, or is silent for too long
   * @throws CliException if a line is malformed; it names the line, and what was sent before it may
   *     have been applied
   */
  ImportResponse send(ImportHeader header, RecordReader reader, ProgressBar progress)
      throws StatusException, InterruptedException {
    BlockingClientCall<ImportRequest, ImportResponse> call = stub.import_();
    boolean done = false;
    try {
      boolean open = write(call, ImportRequest.newBuilder().setHeader(header).build());
      long sent = 0;
      int batches = 0;
      ImportRecords.Builder batch = ImportRecords.newBuilder();
      int bytes = 0;
      Optional<ImportRecord> next = reader.next();
      while (open && next.isPresent()) {
        batch.addRecords(next.get());
        bytes += next.get().getSerializedSize();
        next = reader.next();
        if (batch.getRecordsCount() == BATCH_RECORDS_MAX
            || bytes >= BATCH_BYTES_MAX
            || next.isEmpty()) {
          sent += batch.getRecordsCount();
          open = write(call, ImportRequest.newBuilder().setRecords(batch).build());
          batches++;
          progress.update(sent, reader.bytesRead(), reader.bytesTotal());
          batch.clear();
          bytes = 0;
        }
      }
      call.halfClose();
      ImportResponse response = read(call, Math.max(1, Math.min(batches, BATCHES_ON_THE_WAY)));
      done = true;
      return response;
    } finally {
      progress.end();
      if (!done) {
        call.cancel("the import failed", null);
      }
    }
  }

  /** Whether the call is still open: the server may end it before the last batch. */
  private boolean write(BlockingClientCall<ImportRequest, ImportResponse> call, ImportRequest part)
      throws StatusException, InterruptedException {
    try {
      return call.write(part, silenceMax.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw silence(silenceMax, e);
    }
  }

  private ImportResponse read(
      BlockingClientCall<ImportRequest, ImportResponse> call, int batchesOnTheWay)
      throws StatusException, InterruptedException {
    Duration patience = silenceMax.multipliedBy(batchesOnTheWay);
    try {
      @Nullable ImportResponse response = call.read(patience.toNanos(), TimeUnit.NANOSECONDS);
      if (response == null) {
        throw Status.INTERNAL.withDescription("the import ended without an answer").asException();
      }
      return response;
    } catch (TimeoutException e) {
      throw silence(patience, e);
    }
  }

  static StatusException silence(Duration patience, TimeoutException cause) {
    return Status.DEADLINE_EXCEEDED
        .withDescription("nothing from the server for " + patience.toMillis() + " ms")
        .withCause(cause)
        .asException();
  }
}
