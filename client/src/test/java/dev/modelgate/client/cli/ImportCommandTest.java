package dev.modelgate.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceImplBase;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImportCommandTest {
  private static final String HEADER =
      "{\"header\":{\"schema\":1,\"organization\":\"organizations/acme\"}}\n";
  private static final String GROUP = "{\"principal\":{\"principal\":\"group:risk\"}}\n";
  private static final String GRANT =
      "{\"grant\":{\"resource\":\"models/fraud\",\"principal\":\"group:risk\",\"role\":\"user\"}}\n";

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
  void import_file_sendsHeaderAndRecords() throws Exception {
    Run run = bed.admin("import", file(HEADER + GROUP + GRANT));
    assertTrue(run.out().startsWith("imported 2 records"), run.out() + run.err());
    assertEquals("", run.err());
    assertEquals("organizations/acme", header(0).getOrganization());
    assertFalse(header(0).getRequestId().isEmpty());
    assertEquals(2, part(1).getRecords().getRecordsCount());
  }

  @Test
  void import_json_isTheAnswer() throws Exception {
    Run run = bed.admin("import", file(HEADER + GROUP), "--output", "json");
    assertEquals(
        """
        {
          "revision": "r7",
          "skippedRecords": "0",
          "appliedRecords": "1"
        }
        """,
        run.out());
  }

  @Test
  void import_manyRecords_areSentInBatches() throws Exception {
    bed.input(HEADER + GROUP.repeat(2_001));
    assertEquals(0, bed.admin("import", "-").exitCode());
    List<Integer> sizes =
        bed.admin.requests.stream()
            .skip(1)
            .map(part -> ((ImportRequest) part).getRecords().getRecordsCount())
            .toList();
    assertEquals(List.of(1_000, 1_000, 1), sizes);
  }

  @Test
  void import_badLine_isNamed() throws Exception {
    for (String bad : List.of("{\"prinzipal\":{}}\n", "\n" + GROUP, "{\"principal\":\"x\"}\n")) {
      bed.input(HEADER + GROUP + bad);
      Run run = bed.admin("import", "-");
      assertEquals(2, run.exitCode());
      assertTrue(run.err().startsWith("error: `-` line 3: "), run.err());
      assertEquals(1, run.err().lines().count(), run.err());
    }
    bed.input(HEADER + GROUP + "\n  \n");
    assertEquals(0, bed.admin("import", "-").exitCode());
  }

  @Test
  void import_lineThatTheServerRefuses_isNamedWithTheWayOn() throws Exception {
    bed.admin.failures.add(
        CliBed.failure(
            Status.Code.FAILED_PRECONDITION,
            "the group is unknown",
            CliBed.info("UNKNOWN_PRINCIPAL", Map.of("line", "433", "applied_records", "431"))));
    String file = file(HEADER + GROUP);
    assertEquals(
        "error: `"
            + file
            + "` line 433: the group is unknown (mend it and go on with --skip-records 431)\n"
            + "reason: UNKNOWN_PRINCIPAL\n",
        bed.admin("import", file).err());
    assertEquals(0, bed.admin("import", file, "--skip-records", "431").exitCode());
    assertEquals(431, header(2).getSkipRecords());
  }

  @Test
  void import_connectionLost_isRepeatedUnderTheSameId() throws Exception {
    bed.admin.failures.add(Status.UNAVAILABLE.asRuntimeException());
    assertEquals(0, bed.admin("import", file(HEADER + GROUP)).exitCode());
    assertEquals(4, bed.admin.requests.size());
    assertEquals(header(0).getRequestId(), header(2).getRequestId());
    assertEquals(part(1), part(3));
  }

  @Test
  void import_connectionLostTwice_saysWithWhichIdItGoesOn() throws Exception {
    bed.admin.failures.add(Status.UNAVAILABLE.asRuntimeException());
    bed.admin.failures.add(Status.UNAVAILABLE.asRuntimeException());
    String file = file(HEADER + GROUP);
    Run run = bed.admin("import", file);
    assertEquals(2, run.exitCode());
    String id = header(0).getRequestId();
    assertTrue(run.err().contains("--request-id " + id), run.err());
    assertEquals(0, bed.admin("import", file, "--request-id", id).exitCode());
    assertEquals(id, header(4).getRequestId());
  }

  @Test
  void import_ofStandardInputConnectionLost_isNotRepeatedAndSaysHowToGoOn() throws Exception {
    bed.admin.failures.add(Status.UNAVAILABLE.asRuntimeException());
    bed.input(HEADER + GROUP);
    Run run = bed.admin("import", "-");
    assertEquals(2, run.exitCode());
    assertEquals(2, bed.admin.requests.size());
    String id = header(0).getRequestId();
    assertTrue(
        run.err().contains("the same input with --request-id " + id + " goes on"), run.err());
  }

  @Test
  void import_idOfTheFile_yieldsToTheOption() throws Exception {
    String file = file("{\"schema\":1,\"requestId\":\"of-the-file\"}\n" + GROUP);
    bed.admin("import", file);
    assertEquals("of-the-file", header(0).getRequestId());
    bed.admin("import", file, "--request-id", "of-the-option");
    assertEquals("of-the-option", header(2).getRequestId());
  }

  @Test
  void import_intoAServerThatStopsReading_holdsLittleAndEnds() throws Exception {
    Endless endless = new Endless();
    bed.in = endless;
    Run run = bed.against(bed.serve(new Deaf(false)), "import", "-", "--timeout", "500ms");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("nothing from the server for 500 ms"), run.err());
    assertTrue(endless.bytes < 16 << 20, "bytes read: " + endless.bytes);
  }

  @Test
  void import_intoAServerThatReadsAndNeverAnswers_ends() throws Exception {
    String file = file(HEADER + GROUP);
    Run run = bed.against(bed.serve(new Deaf(true)), "import", file, "--timeout", "300ms");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("nothing from the server for 300 ms"), run.err());
  }

  @Test
  void progress_always_isForTerminalsOnly() throws Exception {
    String file = file(HEADER + GROUP + GRANT);
    assertEquals("", bed.admin("import", file).err());
    bed.terminal = true;
    String line = "\rimport 2 records, 2000/s, 100%\u001b[K";
    assertEquals(line + line + "\n", bed.admin("import", file).err());
  }

  private String file(String text) throws Exception {
    return Files.writeString(data.resolve("acme.jsonl"), text).toString();
  }

  private ImportHeader header(int request) {
    return part(request).getHeader();
  }

  private ImportRequest part(int request) {
    return (ImportRequest) bed.admin.requests.get(request);
  }

  /** Never answers an import; reads it or not. */
  private static final class Deaf extends AdminServiceImplBase {
    private final boolean reads;

    Deaf(boolean reads) {
      this.reads = reads;
    }

    @Override
    public StreamObserver<ImportRequest> import_(StreamObserver<ImportResponse> observer) {
      if (!reads) {
        ((ServerCallStreamObserver<ImportResponse>) observer).disableAutoRequest();
      }
      return new StreamObserver<>() {
        @Override
        public void onNext(ImportRequest part) {}

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
      };
    }
  }

  /** A file without an end. */
  private static final class Endless extends InputStream {
    private static final byte[] LINE = GROUP.getBytes(StandardCharsets.UTF_8);
    private static final byte[] FIRST = HEADER.getBytes(StandardCharsets.UTF_8);
    private long bytes;

    @Override
    public int read() {
      long at = bytes++;
      return at < FIRST.length ? FIRST[(int) at] : LINE[(int) ((at - FIRST.length) % LINE.length)];
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      for (int i = 0; i < length; i++) {
        into[offset + i] = (byte) read();
      }
      return length;
    }
  }
}
