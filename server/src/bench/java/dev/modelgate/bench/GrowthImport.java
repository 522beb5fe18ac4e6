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

  private GrowthImport() {}

  /**
   * Imports it.
   *
   * @return how long the call took, in seconds
   * @throws IllegalStateException if not every record was applied
   */
  static double run(ServeProcess serve, SyntheticOrganization organization)
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
      while (open && records.hasNext()) {
        batch.addRecords(records.next());
        if (batch.getRecordsCount() == BATCH_RECORDS || !records.hasNext()) {
          open = write(call, ImportRequest.newBuilder().setRecords(batch).build());
          batch.clear();
        }
      }
      call.halfClose();
      ImportResponse response = call.read(SILENCE_SECONDS_MAX, TimeUnit.SECONDS);
      double seconds = (System.nanoTime() - begin) / 1e9;
      if (response == null || response.getAppliedRecords() != organization.size()) {
        throw new IllegalStateException("not all was imported: " + response);
      }
      return seconds;
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
