package dev.modelgate.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.v1.BreakGlassRequest;
import dev.modelgate.v1.RotateAdminTokenRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
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
  void breakGlass_full_isSent_andNeedsAReasonAndATime() throws Exception {
    String[] bare = {"break-glass", CliBed.FRAUD, "user:ben", "--role", "editor"};
    assertEquals(2, bed.admin(with(bare, "--for", "30m")).exitCode());
    assertEquals(2, bed.admin(with(bare, "--reason", "why")).exitCode());
    assertEquals(List.of(), bed.admin.requests);
    Run run = bed.admin(with(bare, "--for", "30m", "--reason", "why", "--can-use-data"));
    assertEquals(
        new Run(0, "broke glass for user:ben on " + CliBed.FRAUD + " at revision r7\n", ""), run);
    BreakGlassRequest request = (BreakGlassRequest) bed.admin.requests.get(0);
    assertEquals("user:ben", request.getPrincipal());
    assertEquals("editor", request.getRole());
    assertEquals(1_800, request.getDuration().getSeconds());
    assertEquals("why", request.getReason());
    assertTrue(request.getCanUseData());
  }

  private static String[] with(String[] first, String... more) {
    return Stream.concat(Arrays.stream(first), Arrays.stream(more)).toArray(String[]::new);
  }

  @Test
  void command_tokenSwitchedOffInTheFile_saysSo() throws Exception {
    Files.writeString(data.resolve("admin.token"), "# The admin token is switched off.\n# More.\n");
    Run run = bed.run("admin-token", "rotate", "--data", data.toString());
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains("the admin token is switched off: `"), run.err());
  }
}
