package dev.modelgate.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.ScriptedAuthorization;
import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.client.internal.Endpoint;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckCommandTest {
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
  void check_eachDecision_hasItsExitCode() throws Exception {
    record Row(Decision decision, Run run) {}
    for (Row row :
        List.of(
            new Row(Decision.DECISION_ALLOW, new Run(0, "ALLOWED\nrevision: r1\n", "")),
            new Row(
                Decision.DECISION_DENY, new Run(1, "DENIED\nreason: NO_GRANT\nrevision: r1\n", "")),
            new Row(
                Decision.DECISION_CONDITIONAL,
                new Run(1, "CONDITIONAL\nreason: NO_GRANT\nrevision: r1\n", "")))) {
      assertEquals(row.run(), check("--address", plane(row.decision())));
    }
  }

  @Test
  void check_decisionUnspecified_exitsTwo() throws Exception {
    Run run = check("--address", plane(Decision.DECISION_UNSPECIFIED));
    assertEquals(2, run.exitCode());
    assertEquals("", run.out());
    assertTrue(run.err().startsWith("error: "), run.err());
  }

  @Test
  void check_json_isOneObject() throws Exception {
    Run run = check("--output", "json", "--address", plane(Decision.DECISION_DENY));
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
  void check_context_isSentAsItIs() throws IOException {
    String context = "{\"device\":{\"trusted\":true},\"level\":2.5,\"tags\":[\"a\",\"b\"]}";
    ScriptedAuthorization sidecar = ScriptedAuthorization.answering(ScriptedAuthorization.ALLOW);
    String address = bed.serve(sidecar);
    assertEquals(0, check("--address", address, "--context", context).exitCode());
    assertEquals(0, check("--address", address).exitCode());
    assertEquals(context, Json.line(sidecar.requests.get(0).getContext()));
    assertFalse(sidecar.requests.get(1).hasContext());
  }

  @Test
  void check_contextThatIsNone_exitsTwoWithOneLine() {
    for (String context : List.of("", "1", "[]", "{", "{\"a\":null}")) {
      Run run = check("--context", context);
      assertEquals(2, run.exitCode(), context);
      String expected =
          "error: --context: `" + context + "` (expected: a JSON object without nulls)";
      assertTrue(run.err().startsWith(expected), run.err());
      assertEquals(1, run.err().lines().count(), run.err());
    }
  }

  @Test
  void check_linkSecretFile_isSentAndNeverShown() throws IOException {
    ScriptedAuthorization sidecar = ScriptedAuthorization.answering(ScriptedAuthorization.ALLOW);
    String address = bed.serve(sidecar);
    Path file = Files.writeString(data.resolve("partner.secret"), "AbC-_123\n");
    Run run = check("--address", address, "--link-secret-file", file.toString(), "--verbose");
    assertEquals(new Run(0, "ALLOWED\nrevision: r1\n", ""), run);
    assertEquals("AbC-_123", sidecar.requests.get(0).getLinkSecret());
    assertEquals(0, check("--address", address).exitCode());
    assertEquals("", sidecar.requests.get(1).getLinkSecret());
  }

  @Test
  void check_linkSecretFileWithoutASecret_asksNothing() throws IOException {
    ScriptedAuthorization sidecar = ScriptedAuthorization.answering(ScriptedAuthorization.ALLOW);
    String address = bed.serve(sidecar);
    for (String content : List.of("", "two words", "x".repeat(257), "x".repeat(600))) {
      Path file = Files.writeString(data.resolve("partner.secret"), content);
      Run run = check("--address", address, "--link-secret-file", file.toString());
      assertEquals(2, run.exitCode());
      assertTrue(run.err().startsWith("error: `" + file + "` is "), run.err());
      assertFalse(run.err().contains("two words") || run.err().contains("xxx"), run.err());
    }
    Run missing = check("--link-secret-file", data.resolve("none").toString());
    assertTrue(missing.err().startsWith("error: cannot read `"), missing.err());
    assertEquals(List.of(), sidecar.requests);
  }

  @Test
  void check_nobodyListens_exitsTwoWithOneLineThatSaysWhere() {
    Run run = check("--address", "127.0.0.1:1");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().startsWith("error: "), run.err());
    assertTrue(run.err().endsWith(" (asked at 127.0.0.1:1)\n"), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
  }

  @Test
  void usualPlane_withSocketInTheDataDirectory_isThatSocket() throws IOException {
    assertEquals(new Endpoint.Tcp("127.0.0.1", 7070), Endpoint.usual(data, OptionalInt.empty()));
    Path socket = Files.createFile(data.resolve("modelgate.sock"));
    assertEquals(new Endpoint.UnixSocket(socket), Endpoint.usual(data, OptionalInt.empty()));
  }

  @Test
  void check_withASocketInTheDataDirectory_asksThere() throws IOException {
    if (!System.getProperty("os.name").startsWith("Linux")) {
      return; // Elsewhere there is no socket.
    }
    ScriptedAuthorization sidecar = ScriptedAuthorization.answering(ScriptedAuthorization.ALLOW);
    bed.serve(sidecar, data.resolve("modelgate.sock"));
    assertEquals(new Run(0, "ALLOWED\nrevision: r1\n", ""), check("--data", data.toString()));
    assertEquals(1, sidecar.requests.size());
  }

  @Test
  void check_withADeadSocketInTheDataDirectory_saysThatItAskedThere() throws IOException {
    Path socket = Files.createFile(data.resolve("modelgate.sock"));
    Run run = check("--data", data.toString());
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains(socket.toString()), run.err());
  }

  private Run check(String... options) {
    String[] args = new String[4 + options.length];
    System.arraycopy(new String[] {"check", "user:ana", "fraud", "predict"}, 0, args, 0, 4);
    System.arraycopy(options, 0, args, 4, options.length);
    return bed.run(args);
  }

  private String plane(Decision decision) throws IOException {
    return bed.serve(
        ScriptedAuthorization.answering(
            CheckResponse.newBuilder()
                .setDecision(decision)
                .setReason(decision == Decision.DECISION_ALLOW ? "" : "NO_GRANT")
                .setRevision("r1")
                .build()));
  }
}
