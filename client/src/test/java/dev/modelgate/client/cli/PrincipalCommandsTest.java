package dev.modelgate.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.v1.RestorePrincipalRequest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** principal restore: what it sends. */
final class PrincipalCommandsTest {
  private static final String ACME = "organizations/acme";
  private static final String DELETED = "deleted:user:ben@acme.com?uid=8388620";
  private static final String RESTORED = "restored user:ben@acme.com at revision r7\n";

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
  void restore_memberOfAPolicy_isSentAsItIs() throws Exception {
    assertEquals(new Run(0, RESTORED, ""), bed.admin("principal", "restore", ACME, DELETED));
    RestorePrincipalRequest request = request(0);
    assertEquals(ACME, request.getOrganization());
    assertEquals(DELETED, request.getPrincipal());
    assertEquals("", request.getUid());
  }

  @Test
  void restore_full_isSent() throws Exception {
    String line =
        "principal restore %s user:ben@acme.com --uid 80000c --reason back --request-id id-1"
            + " --on-behalf-of user:ana";
    assertEquals(0, bed.admin(line.formatted(ACME).split(" ")).exitCode());
    RestorePrincipalRequest request = request(0);
    assertEquals("user:ben@acme.com", request.getPrincipal());
    assertEquals("80000c", request.getUid());
    assertEquals("back", request.getReason());
    assertEquals("id-1", request.getRequestId());
    assertEquals("user:ana", bed.lastHeader("x-modelgate-on-behalf-of"));
  }

  @Test
  void restore_whoseOutcomeIsUnknown_isRepeatedUnderTheSameId() throws Exception {
    bed.admin.failures.add(CliBed.outcomeUnknown());
    assertEquals(new Run(0, RESTORED, ""), bed.admin("principal", "restore", ACME, DELETED));
    assertEquals(request(0).getRequestId(), request(1).getRequestId());
    assertEquals("r5", request(1).getBaseRevision());
  }

  @Test
  void restore_refused_exitsTwoAndNamesTheField() throws Exception {
    bed.admin.failures.add(CliBed.invalid());
    Run run = bed.admin("principal", "restore", ACME, DELETED);
    assertEquals(2, run.exitCode());
    assertEquals("", run.out());
    assertTrue(run.err().contains("field principal: expected a kind"), run.err());
  }

  @Test
  void principal_usageErrors_sendNothing() throws Exception {
    Run without = bed.admin("principal", "restore", ACME);
    assertEquals(2, without.exitCode());
    assertTrue(without.err().startsWith("error: Missing required parameter: 'PRINCIPAL'"));
    assertEquals(2, bed.run("principal").exitCode());
    assertEquals(List.of(), bed.admin.requests);
  }

  private RestorePrincipalRequest request(int index) {
    return (RestorePrincipalRequest) bed.admin.requests.get(index);
  }
}
