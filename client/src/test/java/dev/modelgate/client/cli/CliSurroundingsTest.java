package dev.modelgate.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.Sidecar;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceImplBase;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import io.grpc.Metadata;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a command takes from around it: token, socket, terminal. */
final class CliSurroundingsTest {
  private static final String FRAUD = "organizations/acme/models/fraud";

  @TempDir Path data;

  private record Run(int exitCode, String out, String err) {}

  @Test
  void token_ofTheVariable_countsBeforeTheFileAndIsNeverPrinted() throws Exception {
    Files.writeString(data.resolve("admin.token"), "from-file\n");
    assertEquals("Bearer from-file", authorization(Map.of()));
    assertEquals("Bearer from-variable", authorization(Map.of("MODELGATE_TOKEN", "from-variable")));
    assertEquals("Bearer from-file", authorization(Map.of("MODELGATE_TOKEN", " ")));
    Run malformed = revoke(Map.of("MODELGATE_TOKEN", "two words"), 1, "--verbose");
    assertEquals(2, malformed.exitCode());
    assertTrue(malformed.err().contains("MODELGATE_TOKEN"), malformed.err());
    assertFalse(malformed.err().contains("two words"), malformed.err());
  }

  @Test
  void check_withoutAnAddress_takesTheSocketOfTheDataDirectory() throws Exception {
    if (!System.getProperty("os.name").startsWith("Linux")) {
      return; // Elsewhere there is no socket.
    }
    Path socket = data.resolve("modelgate.sock");
    try (Sidecar sidecar =
        Sidecar.onSocket(
            socket,
            new AuthorizationServiceImplBase() {
              @Override
              public void check(CheckRequest request, StreamObserver<CheckResponse> observer) {
                observer.onNext(
                    CheckResponse.newBuilder().setDecision(Decision.DECISION_ALLOW).build());
                observer.onCompleted();
              }
            })) {
      Run run = run(Map.of(), false, "", "check", "user:ana", "fraud", "predict");
      assertEquals(0, run.exitCode(), () -> sidecar.port() + " " + run);
    }
  }

  @Test
  void progress_isShownOnATerminalAndNowhereElse() throws Exception {
    Files.writeString(data.resolve("admin.token"), "secret\n");
    String file = "{\"schema\":1,\"organization\":\"organizations/acme\"}\n";
    RecordingAdmin admin = new RecordingAdmin();
    try (Sidecar sidecar = Sidecar.onLoopback(admin.recordingHeaders())) {
      String address = "127.0.0.1:" + sidecar.port();
      for (boolean terminal : new boolean[] {true, false}) {
        String records = file + "{\"principal\":{\"principal\":\"user:ana\"}}\n".repeat(3);
        Run run = run(Map.of(), terminal, records, "import", "-", "--admin-address", address);
        assertEquals(terminal, run.err().contains("import 3 records"), run.toString());
        assertEquals(terminal, run.err().contains("\r"), run.toString());
      }
    }
  }

  private String authorization(Map<String, String> variables) throws Exception {
    RecordingAdmin admin = new RecordingAdmin();
    try (Sidecar sidecar = Sidecar.onLoopback(admin.recordingHeaders())) {
      Run run = revoke(variables, sidecar.port());
      assertEquals(0, run.exitCode(), run::toString);
      assertFalse((run.out() + run.err()).contains("from-"), run::toString);
    }
    Metadata.Key<String> key = Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    return String.valueOf(admin.headers.get(0).get(key));
  }

  private Run revoke(Map<String, String> variables, int port, String... more) {
    String[] arguments = new String[6 + more.length];
    arguments[0] = "revoke";
    arguments[1] = FRAUD;
    arguments[2] = "--from";
    arguments[3] = "user:ben";
    arguments[4] = "--admin-address";
    arguments[5] = "127.0.0.1:" + port;
    System.arraycopy(more, 0, arguments, 6, more.length);
    return run(variables, false, "", arguments);
  }

  private Run run(
      Map<String, String> variables, boolean terminal, String input, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Environment environment =
        new Environment(
            variables,
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new ByteArrayOutputStream(),
            terminal,
            Clock.systemUTC(),
            delay -> {});
    String[] all = new String[arguments.length + 2];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--data";
    all[arguments.length + 1] = data.toString();
    int exitCode =
        ModelgateCli.newCommandLine(environment)
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(all);
    return new Run(exitCode, out.toString(), err.toString());
  }
}
