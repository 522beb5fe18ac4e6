package dev.modelgate.client.cli;

import static dev.modelgate.client.cli.CliBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ResumeRequest;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.Status;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** share, revoke, suspend and resume: what they send, and when they send it again. */
final class MutationCommandsTest {
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
  void share_full_sendsOneMerge() throws Exception {
    String line =
        "share %s --with user:ben@acme.com --role user --can-share --expires 30d"
            + " --not-before 2026-01-02T00:00:00Z --note n --notify --condition context.a --reason why --request-id id-1"
            + " --on-behalf-of user:ana";
    Run run = bed.admin(line.formatted(FRAUD).split(" "));
    assertEquals(
        new Run(0, "shared " + FRAUD + " with user:ben@acme.com at revision r7\n", ""), run);
    UpdateGrantsRequest request = update(0);
    GrantChange change = request.getChanges(0);
    assertEquals(GrantChange.Mode.MODE_MERGE, change.getMode());
    assertEquals("user", change.getRole());
    assertTrue(change.getCanShare());
    assertEquals(
        Instant.parse("2026-01-31T00:00:00Z").getEpochSecond(), change.getExpiresAt().getSeconds());
    assertEquals(
        Instant.parse("2026-01-02T00:00:00Z").getEpochSecond(), change.getNotBefore().getSeconds());
    assertEquals("context.a", change.getCondition());
    assertEquals("n", change.getNote());
    assertTrue(change.getNotify());
    assertEquals("id-1", request.getRequestId());
    assertEquals("why", request.getReason());
    assertEquals("Bearer secret", bed.lastHeader("authorization"));
    assertEquals("user:ana", bed.lastHeader("x-modelgate-on-behalf-of"));
  }

  @Test
  void share_withoutNotify_tellsNobody() throws Exception {
    bed.admin("share", FRAUD, "--with", "user:ben@acme.com", "--note", "n");
    assertEquals("n", update(0).getChanges(0).getNote());
    assertFalse(update(0).getChanges(0).getNotify());
  }

  @Test
  void revoke_withoutRole_removesAll() throws Exception {
    assertEquals(0, bed.admin("revoke", FRAUD, "--from", "group:risk").exitCode());
    assertEquals(GrantChange.Mode.MODE_REMOVE, update(0).getChanges(0).getMode());
    assertFalse(update(0).getChanges(0).hasRole());
    assertFalse(update(0).getRequestId().isEmpty());
  }

  @Test
  void revoke_underACondition_removesThatGrant() throws Exception {
    bed.admin(
        "revoke", FRAUD, "--from", "group:risk", "--role", "user", "--condition", "context.a");
    assertEquals("user", update(0).getChanges(0).getRole());
    assertEquals("context.a", update(0).getChanges(0).getCondition());
    Run run = bed.admin("revoke", FRAUD, "--from", "group:risk", "--condition", "context.a");
    assertEquals(2, run.exitCode());
    assertTrue(run.err().startsWith("error: --condition needs --role"), run.err());
  }

  @Test
  void suspendAndResume_eachTarget_isSent() throws Exception {
    bed.admin("suspend", "--principal", "user:ben", "--organization", "organizations/acme");
    bed.admin("suspend", "--resource", FRAUD);
    Run run = bed.admin("resume", "--organization", "organizations/acme");
    assertEquals(new Run(0, "resumed organizations/acme at revision r7\n", ""), run);
    SuspendRequest first = (SuspendRequest) bed.admin.requests.get(0);
    assertEquals("user:ben", first.getTarget().getPrincipal().getPrincipal());
    SuspendRequest second = (SuspendRequest) bed.admin.requests.get(1);
    assertEquals(FRAUD, second.getTarget().getResource());
    ResumeRequest third = (ResumeRequest) bed.admin.requests.get(2);
    assertEquals("organizations/acme", third.getTarget().getOrganization());
  }

  @Test
  void mutation_json_isTheAnswer() throws Exception {
    Run run = bed.admin("suspend", "--resource", FRAUD, "--output", "json");
    assertEquals(
        """
        {
          "revision": "r7"
        }
        """,
        run.out());
  }

  @Test
  void mutation_outcomeUnknown_isRepeatedOnceWithBaseRevision() throws Exception {
    bed.admin.failures.add(CliBed.outcomeUnknown());
    assertEquals(0, bed.admin("revoke", FRAUD, "--from", "group:risk").exitCode());
    assertEquals(update(0).getRequestId(), update(1).getRequestId());
    assertEquals("", update(0).getBaseRevision());
    assertEquals("r5", update(1).getBaseRevision());
  }

  @Test
  void mutation_unavailable_isRepeatedOnce() throws Exception {
    bed.admin.failures.add(Status.UNAVAILABLE.asRuntimeException());
    bed.admin.failures.add(Status.UNAVAILABLE.asRuntimeException());
    assertEquals(2, bed.admin("suspend", "--resource", FRAUD).exitCode());
    assertEquals(2, bed.admin.requests.size());
  }

  @Test
  void mutation_refused_isNotRepeated() throws Exception {
    bed.admin.failures.add(CliBed.invalid());
    assertEquals(2, bed.admin("revoke", FRAUD, "--from", "x").exitCode());
    assertEquals(1, bed.admin.requests.size());
  }

  private UpdateGrantsRequest update(int index) {
    return (UpdateGrantsRequest) bed.admin.requests.get(index);
  }
}
