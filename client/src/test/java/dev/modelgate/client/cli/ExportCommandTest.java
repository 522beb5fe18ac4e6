package dev.modelgate.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceImplBase;
import dev.modelgate.v1.ExportHeader;
import dev.modelgate.v1.ExportRequest;
import dev.modelgate.v1.ExportResponse;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportRecords;
import dev.modelgate.v1.ImportRequest;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExportCommandTest {
  @TempDir Path data;

  private CliBed bed = new CliBed(Path.of("."));

  @BeforeEach
  void start() {
    bed = new CliBed(data);
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  @Test
  void export_file_isReadByImport() throws Exception {
    Path file = data.resolve("acme.jsonl.gz");
    assertEquals(new Run(0, "exported 2 records to " + file + "\n", ""), export(file));
    assertEquals(0, bed.admin("import", file.toString()).exitCode());
    ImportRequest last = (ImportRequest) bed.admin.requests.get(bed.admin.requests.size() - 1);
    assertEquals(2, last.getRecords().getRecordsCount());
  }

  @Test
  void export_json_tellsFileAndRecords() throws Exception {
    Run run = export(data.resolve("acme.jsonl"), "--output", "json");
    assertTrue(
        run.out().matches("\\{\\R  \"file\": \".*acme.jsonl\",\\R  \"records\": \"2\"\\R}\\R"),
        run.out());
  }

  @Test
  void export_toStandardOutput_isTheLinesOnly() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    bed.out = out;
    assertEquals(
        new Run(0, "", ""), bed.admin("export", "--organization", "organizations/acme", "-"));
    List<String> lines = out.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(3, lines.size());
    assertEquals("{\"schema\":1,\"organization\":\"organizations/acme\"}", lines.get(0));
  }

  @Test
  void export_brokenOff_leavesTheOldFileAndNoOther() throws Exception {
    Path file = data.resolve("acme.jsonl");
    bed.admin.failures.add(Status.UNAVAILABLE.asRuntimeException());
    assertEquals(2, export(file).exitCode());
    assertEquals(List.of("admin.token"), files());
    Files.writeString(file, "old");
    bed.admin.failures.add(Status.UNAVAILABLE.asRuntimeException());
    assertEquals(2, export(file).exitCode());
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("acme.jsonl", "admin.token"), files());
  }

  @Test
  void export_overAFile_replacesItWhole() throws Exception {
    Path file = Files.writeString(data.resolve("acme.jsonl"), "old\n".repeat(1_000));
    Path link = Files.createSymbolicLink(data.resolve("link"), file);
    assertEquals(0, export(link).exitCode());
    assertEquals(3, Files.readAllLines(file).size());
    assertTrue(Files.isSymbolicLink(link));
  }

  @Test
  void export_toWhatIsNoFile_isRefused() throws Exception {
    Run onDirectory = export(data);
    assertEquals(2, onDirectory.exitCode());
    assertEquals(
        "error: `" + data + "` is there (expected: a new name, a file or -)\n", onDirectory.err());
    Run nowhere = export(data.resolve("none").resolve("acme.jsonl"));
    assertEquals(2, nowhere.exitCode());
    assertEquals(1, nowhere.err().lines().count(), nowhere.err());
  }

  @Test
  void export_intoASlowFile_holdsTheServerBack() throws Exception {
    Pump pump = new Pump();
    Standing file = new Standing(pump);
    bed.out = file;
    Run run = bed.against(bed.serve(pump), "export", "--organization", "o", "-");
    assertEquals(new Run(0, "", ""), run);
    assertEquals(Pump.MESSAGES, pump.sent.get());
    assertTrue(file.sentMeanwhile > 0);
    assertTrue(file.sentMeanwhile <= Pump.MESSAGES / 4, "sent meanwhile: " + file.sentMeanwhile);
  }

  @Test
  void progress_always_isForTerminalsOnly() throws Exception {
    bed.terminal = true;
    String line = "\rexport 2 records, 2000/s\u001b[K";
    assertEquals(line + line + "\n", export(data.resolve("acme.jsonl")).err());
  }

  private Run export(Path file, String... options) throws IOException {
    List<String> args =
        Stream.concat(
                Stream.of("export", "--organization", "organizations/acme", file.toString()),
                Stream.of(options))
            .toList();
    return bed.admin(args.toArray(new String[0]));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(data)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  /** Sends as fast as the transport takes it. */
  private static final class Pump extends AdminServiceImplBase {
    static final int MESSAGES = 200;
    static final int MESSAGE_BYTES = 128 << 10;

    private final AtomicInteger sent = new AtomicInteger();
    private final CountDownLatch allSent = new CountDownLatch(1);

    @Override
    public void export(ExportRequest request, StreamObserver<ExportResponse> observer) {
      ServerCallStreamObserver<ExportResponse> call =
          (ServerCallStreamObserver<ExportResponse>) observer;
      ExportResponse part = part();
      call.onNext(
          ExportResponse.newBuilder().setHeader(ExportHeader.newBuilder().setSchema(1)).build());
      call.setOnReadyHandler(
          () -> {
            while (call.isReady() && sent.get() < MESSAGES) {
              call.onNext(part);
              if (sent.incrementAndGet() == MESSAGES) {
                allSent.countDown();
                call.onCompleted();
              }
            }
          });
    }

    private static ExportResponse part() {
      ImportGrant grant = ImportGrant.newBuilder().setNote("x".repeat(MESSAGE_BYTES)).build();
      return ExportResponse.newBuilder()
          .setRecords(
              ImportRecords.newBuilder().addRecords(ImportRecord.newBuilder().setGrant(grant)))
          .build();
    }
  }

  /** Stands still at first, for long enough that a server which nobody holds back sends all. */
  private static final class Standing extends OutputStream {
    private final Pump pump;
    private boolean stood;
    private int sentMeanwhile;

    Standing(Pump pump) {
      this.pump = pump;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      if (!stood) {
        stood = true;
        try {
          boolean all = pump.allSent.await(500, TimeUnit.MILLISECONDS);
          sentMeanwhile = all ? Pump.MESSAGES : pump.sent.get();
        } catch (InterruptedException e) {
          throw new InterruptedIOException(e.toString());
        }
      }
    }
  }
}
