package dev.modelgate.client.cli;

import static dev.modelgate.client.cli.CliBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.cli.CliBed.Run;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What goes wrong: one line or one object on standard error, exit code 2, and no secret. */
final class FailureOutputTest {
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
  void usage_wrong_exitsTwoWithOneLine() {
    for (String line :
        List.of(
            "",
            "check",
            "nothing",
            "check a b c --output xml",
            "check a b c --address 10.0.0.1:1",
            "check a b c --timeout 2d",
            "share m --with u --expires soon",
            "suspend",
            "suspend --resource r --organization o",
            "grants",
            "grants m --limit 0")) {
      Run run = bed.run(line.isEmpty() ? new String[0] : line.split(" "));
      assertEquals(2, run.exitCode(), line);
      assertTrue(run.err().startsWith("error: "), run.err());
      assertEquals(1, run.err().lines().count(), run.err());
      assertEquals("", run.out(), line);
    }
  }

  @Test
  void usage_wrongInJson_isAnErrorObject() {
    for (String line : List.of("grants --output json", "check a --output=json")) {
      Run run = bed.run(line.split(" "));
      assertEquals(2, run.exitCode(), line);
      assertTrue(run.err().startsWith("{\n  \"error\": {\n"), run.err());
      assertTrue(run.err().contains("\"code\": \"USAGE\""), run.err());
      assertEquals("", run.out(), line);
    }
  }

  @Test
  void refusal_always_showsReasonAndFields() throws Exception {
    bed.admin.failures.add(CliBed.invalid());
    assertEquals(
        new Run(
            2,
            "",
            """
            error: principal is malformed
            reason: INVALID_FIELD
            field principal: expected a kind
            """),
        bed.admin("revoke", FRAUD, "--from", "x"));
  }

  @Test
  void refusal_inJson_isAnErrorObject() throws Exception {
    bed.admin.failures.add(CliBed.invalid());
    Run run = bed.admin("revoke", FRAUD, "--from", "x", "--output", "json");
    assertEquals(
        new Run(
            2,
            "",
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
                },
                "hint": ""
              }
            }
            """),
        run);
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void server_thatNeverAnswers_exitsTwoByTheDeadlineWithOneLine() throws Exception {
    Path file = Files.writeString(data.resolve("in"), "{\"schema\":1}\n");
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + silent.getLocalPort();
      for (String line :
          List.of(
              "share m --with u",
              "revoke m --from u",
              "grants m",
              "suspend --resource m",
              "resume --resource m",
              "import " + file,
              "export --organization o " + data.resolve("out"))) {
        String[] args = (line + " --timeout 200ms").split(" ");
        Run run = bed.against(address, args);
        assertEquals(2, run.exitCode(), line);
        assertTrue(run.err().startsWith("error: "), run.err());
        assertEquals(1, run.err().lines().count(), run.err());
      }
      Run run = bed.run("check", "a", "b", "c", "--timeout", "200ms", "--address", address);
      assertEquals(2, run.exitCode());
      assertEquals(1, run.err().lines().count(), run.err());
    }
  }

  @Test
  void deadline_ofEveryCommand_isFiveSeconds() {
    assertDeadline(ModelgateCli.newCommandLine());
  }

  private static void assertDeadline(CommandLine group) {
    for (CommandLine command : group.getSubcommands().values()) {
      if (command.getSubcommands().isEmpty()) {
        assertEquals("5s", command.getCommandSpec().findOption("--timeout").defaultValue());
      }
      assertDeadline(command);
    }
  }

  @Test
  void token_ofTheVariable_winsOverTheFile() throws Exception {
    assertEquals(0, bed.admin("suspend", "--resource", FRAUD).exitCode());
    assertEquals("Bearer secret", bed.lastHeader("authorization"));
    bed.variables.put("MODELGATE_TOKEN", "other");
    assertEquals(0, bed.admin("suspend", "--resource", FRAUD).exitCode());
    assertEquals("Bearer other", bed.lastHeader("authorization"));
    bed.variables.put("MODELGATE_TOKEN", " ");
    assertEquals(0, bed.admin("suspend", "--resource", FRAUD).exitCode());
    assertEquals("Bearer secret", bed.lastHeader("authorization"));
  }

  @Test
  void token_missing_exitsTwoAndNamesTheFile() {
    Run run = bed.run("suspend", "--resource", FRAUD, "--data", data.toString());
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("admin.token"), run.err());
  }

  @Test
  void token_always_staysOutOfTheOutput() throws Exception {
    for (String output : List.of("table", "json")) {
      bed.admin.failures.add(CliBed.invalid());
      Run run = bed.admin("revoke", FRAUD, "--from", "x", "--verbose", "--output", output);
      assertTrue(run.err().contains("at dev.modelgate."), run.err());
      assertFalse((run.out() + run.err()).contains("secret"));
    }
    bed.variables.put("MODELGATE_TOKEN", "secret two");
    Run run = bed.admin("revoke", FRAUD, "--from", "x", "--verbose");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("MODELGATE_TOKEN"), run.err());
    assertFalse((run.out() + run.err()).contains("secret"));
  }
}
