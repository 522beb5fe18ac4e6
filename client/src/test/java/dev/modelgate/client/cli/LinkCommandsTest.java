package dev.modelgate.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.v1.DeleteExternalLinkRequest;
import dev.modelgate.v1.PutExternalLinkRequest;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** link put and delete: what they send, and where a secret goes. */
final class LinkCommandsTest {
  private static final String APP = "organizations/acme/applications/scoring";
  private static final String SECRET = RecordingAdmin.LINK_SECRET;

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
  void linkPut_newSecret_isAloneOnStandardOutput() throws Exception {
    Run run = bed.admin("link", "put", APP, "partner", "--verbose");
    assertEquals(
        new Run(
            0,
            SECRET + "\n",
            "put link:partner to " + APP + " at revision r7; its secret is not shown again\n"),
        run);
  }

  @Test
  void linkPut_json_isTheAnswer() throws Exception {
    Run run = bed.admin("link", "put", APP, "partner", "--output", "json");
    assertEquals("", run.err());
    assertEquals(2, run.out().split(SECRET, -1).length, run.out());
    assertTrue(run.out().contains("\"secret\": \"" + SECRET + "\""), run.out());
  }

  @Test
  void linkPut_full_isSent() throws Exception {
    String line =
        "link put %s partner --role consumer --expires 30d --rotate-secret --etag e1 --reason why"
            + " --request-id id-1 --on-behalf-of user:ana";
    assertEquals(0, bed.admin(line.formatted(APP).split(" ")).exitCode());
    PutExternalLinkRequest request = put(0);
    assertEquals(APP, request.getResource());
    assertEquals("partner", request.getId());
    assertEquals("consumer", request.getRole());
    assertEquals(
        Instant.parse("2026-01-31T00:00:00Z").getEpochSecond(),
        request.getExpiresAt().getSeconds());
    assertTrue(request.getRotateSecret());
    assertEquals("e1", request.getEtag());
    assertEquals("why", request.getReason());
    assertEquals("id-1", request.getRequestId());
    assertEquals("user:ana", bed.lastHeader("x-modelgate-on-behalf-of"));
  }

  @Test
  void linkPut_secretLostWithTheFirstAnswer_saysHowToGetAnother() throws Exception {
    bed.admin.failures.add(CliBed.outcomeUnknown());
    Run run = bed.admin("link", "put", APP, "partner");
    assertEquals(0, run.exitCode());
    assertEquals("put link:partner to " + APP + " at revision r7\n", run.out());
    assertTrue(run.err().startsWith("no secret came with this answer"), run.err());
    assertEquals(put(0).getRequestId(), put(1).getRequestId());
    assertEquals("r5", put(1).getBaseRevision());
    assertFalse(put(1).hasExpiresAt());
  }

  @Test
  void linkDelete_withEtag_isSent() throws Exception {
    Run run = bed.admin("link", "delete", APP, "partner", "--etag", "e1", "--reason", "why");
    assertEquals(new Run(0, "deleted link:partner to " + APP + " at revision r7\n", ""), run);
    DeleteExternalLinkRequest request = (DeleteExternalLinkRequest) bed.admin.requests.get(0);
    assertEquals(APP, request.getResource());
    assertEquals("partner", request.getId());
    assertEquals("e1", request.getEtag());
    assertEquals("why", request.getReason());
  }

  @Test
  void link_refused_exitsTwoAndNamesTheField() throws Exception {
    for (String verb : List.of("put", "delete")) {
      bed.admin.failures.add(CliBed.invalid());
      Run run = bed.admin("link", verb, APP, "partner");
      assertEquals(2, run.exitCode());
      assertEquals("", run.out());
      assertTrue(run.err().contains("field principal: expected a kind"), run.err());
    }
    assertEquals(2, bed.admin.requests.size());
  }

  @Test
  void link_usageErrors_sendNothing() throws Exception {
    Run without = bed.admin("link", "put", APP);
    assertEquals(2, without.exitCode());
    assertTrue(without.err().startsWith("error: Missing required parameter: 'ID'"), without.err());
    Run expires = bed.admin("link", "put", APP, "partner", "--expires", "soon");
    assertEquals(2, expires.exitCode());
    assertTrue(expires.err().contains("`soon` (expected: such as"), expires.err());
    assertEquals(2, bed.admin("link", "delete", APP).exitCode());
    assertEquals(2, bed.run("link").exitCode());
    assertEquals(List.of(), bed.admin.requests);
  }

  private PutExternalLinkRequest put(int index) {
    return (PutExternalLinkRequest) bed.admin.requests.get(index);
  }
}
