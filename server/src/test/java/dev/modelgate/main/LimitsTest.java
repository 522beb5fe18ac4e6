package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import dev.modelgate.v1.WatchChangesRequest;
import dev.modelgate.v1.WatchChangesResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one peer can take of a listener, and that the others do not notice. */
final class LimitsTest {
  private static final String CLEO = "user:cleo@acme.com";
  private static final int WAIT_MS_MAX = 20_000;

  @TempDir Path directory;

  @Test
  void connections_oneTooMany_isClosedAndAPlaceThatIsFreeIsTaken() throws Exception {
    try (SidecarBed bed = bed(options -> options.connections = 3)) {
      assertEquals("ALLOW", bed.answer(CLEO, SidecarBed.FRAUD, "predict"));
      try (Socket first = connect(bed);
          Socket second = connect(bed)) {
        assertTrue(isServed(first) && isServed(second));
        try (Socket third = connect(bed)) {
          assertEquals(-1, third.getInputStream().read());
        }
        assertEquals(1, refused(bed, "connections"));
        assertEquals("ALLOW", bed.answer(CLEO, SidecarBed.FRAUD, "predict"));
      }
      Probe.await("a free place", () -> isTaken(bed));
    }
  }

  @Test
  void connections_ofOnePeer_areBoundedByThemselves() throws Exception {
    try (SidecarBed bed = bed(options -> options.connectionsPerPeer = 2)) {
      assertEquals("ALLOW", bed.answer(CLEO, SidecarBed.FRAUD, "predict"));
      try (Socket first = connect(bed)) {
        assertTrue(isServed(first));
        try (Socket second = connect(bed)) {
          assertEquals(-1, second.getInputStream().read());
        }
        assertEquals(1, refused(bed, "connections-per-peer"));
      }
    }
  }

  @Test
  void largeCalls_ofOneConnection_areBoundedAndChecksGoOn() throws Exception {
    try (SidecarBed bed = bed(options -> {})) {
      assertEquals("ALLOW", bed.answer(CLEO, SidecarBed.FRAUD, "predict"));
      List<StreamObserver<StreamCheckRequest>> open = new ArrayList<>();
      Collected<StreamCheckResponse> answers = new Collected<>();
      for (int i = 0; i < 256; i++) {
        open.add(AuthorizationServiceGrpc.newStub(bed.dataChannel()).streamCheck(answers));
      }
      BatchCheckRequest batch = BatchCheckRequest.newBuilder().addItems(question()).build();
      StatusRuntimeException e =
          Assertions.assertThrows(StatusRuntimeException.class, () -> bed.data().batchCheck(batch));
      assertEquals("connection", queue(e));
      assertEquals("ALLOW", bed.answer(CLEO, SidecarBed.FRAUD, "predict"));
      open.get(0).onCompleted();
      Probe.await(
          "a free place",
          () -> {
            try {
              return bed.data().batchCheck(batch).getResultsCount() == 1;
            } catch (StatusRuntimeException full) {
              return false;
            }
          });
      assertTrue(refused(bed, "connection") >= 1);
    }
  }

  @Test
  void answers_thatNobodyReads_endInRefusalsAndChecksGoOn() throws Exception {
    try (SidecarBed bed = bed(options -> options.recheckEvery = 0)) {
      BatchCheckRequest.Builder batch = BatchCheckRequest.newBuilder();
      for (int i = 0; i < 1_000; i++) {
        batch.addItems(question().toBuilder().setPrincipal("no such kind:" + "x".repeat(200)));
      }
      ManagedChannel slow = channel(bed);
      try {
        AtomicReference<@Nullable Status> end = new AtomicReference<>();
        int sent = 0;
        while (end.get() == null && sent < 200) {
          askAndReadNothing(slow, batch.build(), end);
          sent++;
          int all = sent;
          Probe.await(
              "an answer to " + all, () -> end.get() != null || evaluated(bed) >= all * 1_000.0);
        }
        assertEquals(Status.Code.RESOURCE_EXHAUSTED, code(end.get()), sent + " sent");
        assertEquals(1, refused(bed, "answers"));
        assertTrue(sent > 8, "a few answers may wait: " + sent);
        assertEquals("ALLOW", bed.answer(CLEO, SidecarBed.FRAUD, "predict"));
        BatchCheckRequest one = BatchCheckRequest.newBuilder().addItems(question()).build();
        assertEquals(1, bed.data().batchCheck(one).getResultsCount());
      } finally {
        slow.shutdownNow();
      }
    }
  }

  @Test
  void calls_ofOneCredential_areBoundedOnAllItsConnections() throws Exception {
    try (SidecarBed bed = bed(options -> options.callsPerCaller = 2)) {
      WatchChangesRequest watch =
          WatchChangesRequest.newBuilder().setOrganization("organizations/acme").build();
      List<Collected<WatchChangesResponse>> watches = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Collected<WatchChangesResponse> changes = new Collected<>();
        AdminServiceGrpc.newStub(bed.adminChannel())
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token(bed)))
            .watchChanges(watch, changes);
        watches.add(changes);
      }
      Probe.await(
          "both watches", () -> watches.stream().noneMatch(each -> each.answers().isEmpty()));
      StatusRuntimeException e =
          Assertions.assertThrows(
              StatusRuntimeException.class,
              () ->
                  bed.admin()
                      .getOrganization(
                          GetOrganizationRequest.newBuilder()
                              .setName("organizations/acme")
                              .build()));
      assertEquals("caller", queue(e));
      assertEquals(1, refused(bed, "caller"));
      assertEquals("ALLOW", bed.answer(CLEO, SidecarBed.FRAUD, "predict"));
    }
  }

  @Test
  void settings_ofAConnection_sayHowManyCallsItMayHave() throws Exception {
    try (SidecarBed bed = bed(options -> {})) {
      assertEquals(4_096, callsAtATime(bed.sidecar().servers().dataPort()));
      assertEquals(1_024, callsAtATime(bed.sidecar().servers().adminPort()));
    }
  }

  private SidecarBed bed(Consumer<ServeOptions> change) throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    change.accept(options);
    SidecarBed bed = new SidecarBed(options);
    bed.sample();
    return bed;
  }

  /** One that lets 64 KiB of an answer come before it is read. */
  private static ManagedChannel channel(SidecarBed bed) {
    return NettyChannelBuilder.forAddress("127.0.0.1", bed.sidecar().servers().dataPort())
        .usePlaintext()
        .flowControlWindow(64 << 10)
        .build();
  }

  private static void askAndReadNothing(
      ManagedChannel channel, BatchCheckRequest batch, AtomicReference<@Nullable Status> end) {
    ClientCall<BatchCheckRequest, BatchCheckResponse> call =
        channel.newCall(AuthorizationServiceGrpc.getBatchCheckMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.set(status);
          }
        },
        new Metadata());
    call.sendMessage(batch);
    call.halfClose();
  }

  private static Socket connect(SidecarBed bed) throws IOException {
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), bed.sidecar().servers().dataPort());
    socket.setSoTimeout(WAIT_MS_MAX);
    return socket;
  }

  /** Whether the server speaks HTTP/2 to us: it begins with its settings. */
  private static boolean isServed(Socket socket) throws IOException {
    socket
        .getOutputStream()
        .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
    return socket.getInputStream().read() >= 0;
  }

  /** What the server says first: its settings, six bytes each (RFC 9113, 6.5). */
  private static int callsAtATime(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(WAIT_MS_MAX);
      isServed(socket);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      // The first byte of the length is read already.
      int length = in.readUnsignedShort();
      in.readNBytes(6);
      for (int i = 0; i < length; i += 6) {
        if (in.readUnsignedShort() == 3) {
          return in.readInt();
        }
        in.readInt();
      }
      return -1;
    }
  }

  private static boolean isTaken(SidecarBed bed) {
    try (Socket socket = connect(bed)) {
      return isServed(socket);
    } catch (IOException closed) {
      return false;
    }
  }

  private static double refused(SidecarBed bed, String limit) {
    return new Probe(bed.sidecar().httpPort())
        .metric("modelgate_limits_total{limit=\"" + limit + "\"}");
  }

  private static double evaluated(SidecarBed bed) {
    return new Probe(bed.sidecar().httpPort())
        .metric("modelgate_refusals_total{reason=\"INVALID_FIELD\"}");
  }

  private static Status.Code code(@Nullable Status status) {
    return status == null ? Status.Code.OK : status.getCode();
  }

  private static String queue(StatusRuntimeException e) {
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, e.getStatus().getCode());
    try {
      return Objects.requireNonNull(StatusProto.fromThrowable(e))
          .getDetails(0)
          .unpack(ErrorInfo.class)
          .getMetadataOrThrow("queue");
    } catch (InvalidProtocolBufferException unreadable) {
      throw new AssertionError(unreadable);
    }
  }

  private static Metadata token(SidecarBed bed) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + bed.token());
    return headers;
  }

  private static CheckRequest question() {
    return CheckRequest.newBuilder()
        .setPrincipal(CLEO)
        .setModel(SidecarBed.FRAUD)
        .setAction("predict")
        .build();
  }
}
