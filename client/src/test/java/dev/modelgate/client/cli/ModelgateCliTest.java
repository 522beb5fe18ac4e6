package dev.modelgate.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import dev.modelgate.client.Sidecar;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceImplBase;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ResumeRequest;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

final class ModelgateCliTest {
  private static final String FRAUD = "organizations/acme/models/fraud";
  private static final Clock NOW =
      Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC);

  @TempDir Path data;

  private final RecordingAdmin admin = new RecordingAdmin();
  private final List<Sidecar> sidecars = new ArrayList<>();
  private String input = "";

  private record Run(int exitCode, String out, String err) {}

  @AfterEach
  void stop() {
    sidecars.forEach(Sidecar::close);
  }

  @Test
  void check_eachDecision_hasItsExitCode() throws Exception {
    record Row(Decision decision, int exitCode, String out) {}
    for (Row row :
        List.of(
            new Row(Decision.DECISION_ALLOW, 0, "ALLOWED\nrevision: r1\n"),
            new Row(Decision.DECISION_DENY, 1, "DENIED\nreason: NO_GRANT\nrevision: r1\n"),
            new Row(
                Decision.DECISION_CONDITIONAL,
                1,
                "CONDITIONAL\nreason: NO_GRANT\nrevision: r1\n"))) {
      Run run = run("check", "user:ana", "fraud", "predict", "--address", plane(row.decision()));
      assertEquals(new Run(row.exitCode(), row.out(), ""), run);
    }
  }

  @Test
  void check_json_isOneObject() throws Exception {
    Run run =
        run(
            "check",
            "user:ana",
            "fraud",
            "predict",
            "--output",
            "json",
            "--address",
            plane(Decision.DECISION_DENY));
    assertEquals(
        """
        {
          "allowed": false,
          "outcome": "DENIED",
          "reason": "NO_GRANT",
          "revision": "r1",
          "validUntil": "",
          "deniedLink": "",
          "missingAttributes": []
        }
        """,
        run.out());
  }

  @Test
  void check_nobodyListens_exitsTwoWithOneLine() {
    Run run = run("check", "user:ana", "fraud", "predict", "--address", "127.0.0.1:1");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().startsWith("error: "), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
  }

  @Test
  void usage_wrong_exitsTwoWithOneLine() {
    for (String line :
        List.of(
            "",
            "check",
            "nothing",
            "check a b c --output xml",
            "check a b c --address 10.0.0.1:1",
            "share m --with u --expires soon",
            "suspend",
            "suspend --resource r --organization o",
            "grants",
            "grants m --limit 0")) {
      Run run = run(line.isEmpty() ? new String[0] : line.split(" "));
      assertEquals(2, run.exitCode(), line);
      assertTrue(run.err().startsWith("error: "), run.err());
      assertEquals(1, run.err().lines().count(), run.err());
      assertEquals("", run.out(), line);
    }
  }

  @Test
  void share_full_sendsOneMerge() throws Exception {
    Run run =
        admin(
            "share",
            FRAUD,
            "--with",
            "user:ben@acme.com",
            "--role",
            "user",
            "--can-share",
            "--expires",
            "30d",
            "--not-before",
            "2026-01-02T00:00:00Z",
            "--note",
            "n",
            "--reason",
            "why",
            "--request-id",
            "id-1",
            "--on-behalf-of",
            "user:ana");
    assertEquals(
        new Run(0, "shared " + FRAUD + " with user:ben@acme.com at revision r7\n", ""), run);
    UpdateGrantsRequest request = (UpdateGrantsRequest) admin.requests.get(0);
    GrantChange change = request.getChanges(0);
    assertEquals(GrantChange.Mode.MODE_MERGE, change.getMode());
    assertEquals("user", change.getRole());
    assertTrue(change.getCanShare());
    assertEquals(
        Instant.parse("2026-01-31T00:00:00Z").getEpochSecond(), change.getExpiresAt().getSeconds());
    assertEquals(
        Instant.parse("2026-01-02T00:00:00Z").getEpochSecond(), change.getNotBefore().getSeconds());
    assertEquals("id-1", request.getRequestId());
    assertEquals("why", request.getReason());
    assertEquals("Bearer secret", header("authorization"));
    assertEquals("user:ana", header("x-modelgate-on-behalf-of"));
  }

  @Test
  void revoke_withoutRole_removesAll() throws Exception {
    assertEquals(0, admin("revoke", FRAUD, "--from", "group:risk").exitCode());
    UpdateGrantsRequest request = (UpdateGrantsRequest) admin.requests.get(0);
    assertEquals(GrantChange.Mode.MODE_REMOVE, request.getChanges(0).getMode());
    assertFalse(request.getChanges(0).hasRole());
    assertFalse(request.getRequestId().isEmpty());
  }

  @Test
  void suspendAndResume_eachTarget_isSent() throws Exception {
    admin("suspend", "--principal", "user:ben", "--organization", "organizations/acme");
    admin("suspend", "--resource", FRAUD);
    Run run = admin("resume", "--organization", "organizations/acme");
    assertEquals(new Run(0, "resumed organizations/acme at revision r7\n", ""), run);
    assertEquals(
        "user:ben",
        ((SuspendRequest) admin.requests.get(0)).getTarget().getPrincipal().getPrincipal());
    assertEquals(FRAUD, ((SuspendRequest) admin.requests.get(1)).getTarget().getResource());
    assertEquals(
        "organizations/acme",
        ((ResumeRequest) admin.requests.get(2)).getTarget().getOrganization());
  }

  @Test
  void grants_severalPages_areOneTable() throws Exception {
    Run run = admin("grants", FRAUD);
    assertEquals(
        """
        RESOURCE                         PRINCIPAL  GRANTS  FLAGS      FROM  UNTIL  NOTE
        organizations/acme/models/fraud  user:u0    user
        organizations/acme/models/fraud  user:u1    user    can_share
        organizations/acme/models/fraud  user:u2    user
        """,
        run.out());
    assertEquals("2", ((ListGrantsRequest) admin.requests.get(1)).getPageToken());
  }

  @Test
  void grants_limit_stopsAndSaysSo() throws Exception {
    Run run = admin("grants", FRAUD, "--limit", "1");
    assertEquals(2, run.out().lines().count());
    assertEquals("more than 1 grants; see --limit\n", run.err());
  }

  @Test
  void mutation_outcomeUnknown_isRepeatedOnceWithBaseRevision() throws Exception {
    admin.failures.add(outcomeUnknown());
    assertEquals(0, admin("revoke", FRAUD, "--from", "group:risk").exitCode());
    UpdateGrantsRequest first = (UpdateGrantsRequest) admin.requests.get(0);
    UpdateGrantsRequest second = (UpdateGrantsRequest) admin.requests.get(1);
    assertEquals(first.getRequestId(), second.getRequestId());
    assertEquals("", first.getBaseRevision());
    assertEquals("r5", second.getBaseRevision());
  }

  @Test
  void mutation_unavailable_isRepeatedOnce() throws Exception {
    admin.failures.add(Status.UNAVAILABLE.asRuntimeException());
    admin.failures.add(Status.UNAVAILABLE.asRuntimeException());
    assertEquals(2, admin("suspend", "--resource", FRAUD).exitCode());
    assertEquals(2, admin.requests.size());
  }

  @Test
  void mutation_refused_showsReasonAndFields() throws Exception {
    admin.failures.add(invalid());
    Run run = admin("revoke", FRAUD, "--from", "x");
    assertEquals(2, run.exitCode());
    assertEquals(
        "error: principal is malformed\nreason: INVALID_FIELD\nfield principal: expected a kind\n",
        run.err());
    assertEquals(1, admin.requests.size());
  }

  @Test
  void mutation_refusedInJson_isAnErrorObject() throws Exception {
    admin.failures.add(invalid());
    Run run = admin("revoke", FRAUD, "--from", "x", "--output", "json");
    assertEquals(
        """
        {
          "error": {
            "message": "principal is malformed",
            "code": "INVALID_ARGUMENT",
            "reason": "INVALID_FIELD",
            "metadata": {
              "field": "principal"
            },
            "violations": {
              "principal": "expected a kind"
            }
          }
        }
        """,
        run.out());
  }

  @Test
  void token_missing_exitsTwoAndNamesTheFile() throws Exception {
    Run run = run("suspend", "--resource", FRAUD, "--data", data.toString());
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("admin.token"), run.err());
  }

  @Test
  void token_always_staysOutOfTheOutput() throws Exception {
    admin.failures.add(invalid());
    Run run = admin("revoke", FRAUD, "--from", "x", "--verbose");
    assertTrue(run.err().contains("\tat "), run.err());
    assertFalse((run.out() + run.err()).contains("secret"));
  }

  @Test
  void import_file_sendsHeaderAndRecords() throws Exception {
    Path file = data.resolve("acme.jsonl");
    Files.writeString(
        file,
        """
        {"header":{"schema":1,"organization":"organizations/acme"}}
        {"principal":{"principal":"group:risk"}}
        {"grant":{"resource":"models/fraud","principal":"group:risk","role":"user"}}
        """);
    Run run = admin("import", file.toString());
    assertTrue(run.out().startsWith("imported 2 records"), run.out() + run.err());
    ImportRequest header = (ImportRequest) admin.requests.get(0);
    assertEquals("organizations/acme", header.getHeader().getOrganization());
    assertFalse(header.getHeader().getRequestId().isEmpty());
    assertEquals(2, ((ImportRequest) admin.requests.get(1)).getRecords().getRecordsCount());
  }

  @Test
  void import_manyRecords_areSentInBatches() throws Exception {
    input =
        "{\"schema\":1,\"organization\":\"organizations/acme\"}\n"
            + "{\"principal\":{\"principal\":\"group:risk\"}}\n".repeat(2_001);
    assertEquals(0, admin("import", "-").exitCode());
    List<Integer> sizes =
        admin.requests.stream()
            .skip(1)
            .map(part -> ((ImportRequest) part).getRecords().getRecordsCount())
            .toList();
    assertEquals(List.of(1_000, 1_000, 1), sizes);
  }

  @Test
  void import_badLine_isNamed() throws Exception {
    input = "{\"schema\":1}\n{\"principal\":{\"principal\":\"group:risk\"}}\n{\"prinzipal\":{}}\n";
    Run run = admin("import", "-");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().startsWith("error: `-` line 3: "), run.err());
  }

  @Test
  void export_file_isReadByImport() throws Exception {
    Path file = data.resolve("acme.jsonl.gz");
    Run run = admin("export", "--organization", "organizations/acme", file.toString());
    assertEquals(new Run(0, "exported 2 records to " + file + "\n", ""), run);
    assertEquals(0, admin("import", file.toString()).exitCode());
    Message last = admin.requests.get(admin.requests.size() - 1);
    assertEquals(2, ((ImportRequest) last).getRecords().getRecordsCount());
  }

  @Test
  void export_broken_leavesNoFile() throws Exception {
    admin.failures.add(Status.UNAVAILABLE.asRuntimeException());
    Path file = data.resolve("acme.jsonl");
    assertEquals(2, admin("export", "--organization", "o", file.toString()).exitCode());
    assertFalse(Files.exists(file));
    assertFalse(Files.exists(data.resolve("acme.jsonl.part")));
  }

  @Test
  void version_always_isPrinted() {
    assertTrue(run("version").out().matches("modelgate \\d+\\.\\d+\\.\\d+\\S*\\R"));
    assertTrue(run("--version").out().matches("modelgate \\d+\\.\\d+\\.\\d+\\S*\\R"));
  }

  @Test
  void help_ofEachCommand_hasAnExample() {
    CommandLine top = ModelgateCli.newCommandLine();
    top.getSubcommands()
        .forEach(
            (name, command) ->
                assertTrue(command.getUsageMessage().contains("  modelgate " + name), name));
  }

  @Test
  void moreSubcommands_throwing_exitTwo() {
    StringWriter err = new StringWriter();
    int exitCode =
        ModelgateCli.newCommandLine(new Failing()).setErr(new PrintWriter(err)).execute("fail");
    assertEquals(2, exitCode);
    assertEquals("error: IllegalStateException: broken" + System.lineSeparator(), err.toString());
  }

  @Command(name = "fail")
  private static final class Failing implements Runnable {
    @Override
    public void run() {
      throw new IllegalStateException("broken");
    }
  }

  private Run admin(String... args) throws Exception {
    Files.writeString(data.resolve("admin.token"), "secret\n");
    Sidecar sidecar = Sidecar.onLoopback(admin.recordingHeaders());
    sidecars.add(sidecar);
    List<String> all = new ArrayList<>(Arrays.asList(args));
    all.addAll(
        List.of("--data", data.toString(), "--admin-address", "127.0.0.1:" + sidecar.port()));
    return run(all.toArray(new String[0]));
  }

  private Run run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Environment environment =
        new Environment(
            Map.of(),
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new ByteArrayOutputStream(),
            false,
            NOW,
            delay -> {});
    int exitCode =
        ModelgateCli.newCommandLine(environment)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(args);
    return new Run(exitCode, out.toString(), err.toString());
  }

  private String plane(Decision decision) throws Exception {
    Sidecar sidecar =
        Sidecar.onLoopback(
            new AuthorizationServiceImplBase() {
              @Override
              public void check(CheckRequest request, StreamObserver<CheckResponse> observer) {
                observer.onNext(
                    CheckResponse.newBuilder()
                        .setDecision(decision)
                        .setReason(decision == Decision.DECISION_ALLOW ? "" : "NO_GRANT")
                        .setRevision("r1")
                        .build());
                observer.onCompleted();
              }
            });
    sidecars.add(sidecar);
    return "127.0.0.1:" + sidecar.port();
  }

  private String header(String name) {
    return String.valueOf(
        admin.headers.get(0).get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER)));
  }

  private static Throwable outcomeUnknown() {
    return failure(
        Status.Code.UNKNOWN,
        "the outcome is unknown",
        ErrorInfo.newBuilder()
            .setDomain("modelgate.dev")
            .setReason("OUTCOME_UNKNOWN")
            .putMetadata("base_revision", "r5")
            .build());
  }

  private static Throwable invalid() {
    return failure(
        Status.Code.INVALID_ARGUMENT,
        "principal is malformed",
        ErrorInfo.newBuilder()
            .setDomain("modelgate.dev")
            .setReason("INVALID_FIELD")
            .putMetadata("field", "principal")
            .build(),
        BadRequest.newBuilder()
            .addFieldViolations(
                BadRequest.FieldViolation.newBuilder()
                    .setField("principal")
                    .setDescription("expected a kind"))
            .build());
  }

  private static Throwable failure(Status.Code code, String message, Message... details) {
    com.google.rpc.Status.Builder status =
        com.google.rpc.Status.newBuilder().setCode(code.value()).setMessage(message);
    for (Message detail : details) {
      status.addDetails(Any.pack(detail));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }
}
