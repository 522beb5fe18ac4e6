package dev.modelgate.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.v1.RotateAdminTokenRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** admin-token rotate and disable: what they send, and where the token goes. */
final class AdminTokenCommandsTest {
  private static final String TOKEN = RecordingAdmin.LINK_SECRET;

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
  void rotate_newToken_isAloneOnStandardOutput() throws Exception {
    Run run = bed.admin("admin-token", "rotate", "--reason", "why");
    assertEquals(
        new Run(0, TOKEN + "\n", "rotated the admin token; the new one is not shown again\n"), run);
    assertEquals(
        List.of(RotateAdminTokenRequest.newBuilder().setReason("why").build()), bed.admin.requests);
  }

  @Test
  void rotate_json_isTheAnswer() throws Exception {
    Run run = bed.admin("admin-token", "rotate", "--output", "json");
    assertEquals("", run.err());
    assertTrue(run.out().contains("\"token\": \"" + TOKEN + "\""), run.out());
  }

  /** A second one would make the token of a lost answer worthless without anybody knowing. */
  @Test
  void rotate_outcomeUnknown_isNotRepeated() throws Exception {
    bed.admin.failures.add(CliBed.outcomeUnknown());
    Run run = bed.admin("admin-token", "rotate");
    assertEquals(2, run.exitCode());
    assertEquals("", run.out());
    assertEquals(1, bed.admin.requests.size());
  }

  @Test
  void disable_sends_disable() throws Exception {
    Run run = bed.admin("admin-token", "disable");
    assertEquals(new Run(0, "switched the admin token off\n", ""), run);
    assertEquals(
        List.of(RotateAdminTokenRequest.newBuilder().setDisable(true).build()), bed.admin.requests);
  }

  @Test
  void command_tokenSwitchedOffInTheFile_saysSo() throws Exception {
    Files.writeString(data.resolve("admin.token"), "# The admin token is switched off.\n# More.\n");
    Run run = bed.run("admin-token", "rotate", "--data", data.toString());
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("the admin token is switched off: `"), run.err());
  }
}
