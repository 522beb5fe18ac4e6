package dev.modelgate.bench;

import dev.modelgate.proof.SyntheticOrganization;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportRecords;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An organization through the Import RPC of a sidecar, as the command line sends one. */
final class GrowthImport {
  private static final int BATCH_RECORDS = 1_000;
  private static final long SILENCE_SECONDS_MAX = 300;

  /** What a server has imported before most of its code is compiled. */
  static final long WARM_UP_RECORDS = 500_000;

  private GrowthImport() {}

  /**
   * How long an import took.
   *
   * @param seconds the whole call
   * @param warmSeconds what came behind the first {@value #WARM_UP_RECORDS} records, which the
   *     server is a few messages behind; 0 when there was nothing
   */
  record Taken(double seconds, double warmSeconds) {}

  /**
   * Imports it.
   *
   * @throws IllegalStateException if not every record was applied
   */
  static Taken run(ServeProcess serve, SyntheticOrganization organization)
      throws IOException, InterruptedException, StatusException, TimeoutException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", serve.adminPort()).usePlaintext().build();
    try {
      long begin = System.nanoTime();
      BlockingClientCall<ImportRequest, ImportResponse> call =
          AdminServiceGrpc.newBlockingV2Stub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(serve.credential()))
              .import_();
      boolean open =
          write(call, ImportRequest.newBuilder().setHeader(organization.header()).build());
      Iterator<ImportRecord> records = organization.records();
      ImportRecords.Builder batch = ImportRecords.newBuilder();
      long sent = 0;
      long warm = 0;
      while (open && records.hasNext()) {
        batch.addRecords(records.next());
        if (batch.getRecordsCount() == BATCH_RECORDS || !records.hasNext()) {
          open = write(call, ImportRequest.newBuilder().setRecords(batch).build());
          sent += batch.getRecordsCount();
          batch.clear();
          if (warm == 0 && sent >= WARM_UP_RECORDS) {
            warm = System.nanoTime();
          }
        }
      }
      call.halfClose();
      ImportResponse response = call.read(SILENCE_SECONDS_MAX, TimeUnit.SECONDS);
      long end = System.nanoTime();
      if (response == null || response.getAppliedRecords() != organization.size()) {
        throw new IllegalStateException("not all was imported: " + response);
      }
      return new Taken((end - begin) / 1e9, warm == 0 ? 0 : (end - warm) / 1e9);
    } finally {
      channel.shutdownNow();
    }
  }

  /** Whether the call is still open: the server may end it, and {@code read} then says why. */
  private static boolean write(
      BlockingClientCall<ImportRequest, ImportResponse> call, ImportRequest part)
      throws InterruptedException, StatusException, TimeoutException {
    return call.write(part, SILENCE_SECONDS_MAX, TimeUnit.SECONDS);
  }
}
