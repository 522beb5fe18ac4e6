package dev.modelgate.main;

import static dev.modelgate.main.SidecarBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.trail.TrailVerifier;
import dev.modelgate.v1.GetPolicyRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A full disk under the trail, the decision log and the store of a sidecar: checks are answered as
 * before, nothing is allowed that was not, what is lost is counted, and all goes on when there is
 * room. Runs on a small tmpfs of its own, for which the tests need the right to mount.
 */
final class SidecarDiskFullTest {
  private static final GetPolicyRequest POLICY =
      GetPolicyRequest.newBuilder().setResource(FRAUD).build();
  private static final String TRAIL_FAILURES = "modelgate_audit_failures_total";
  private static final String TRAIL_DROPPED = "modelgate_audit_events_dropped_total";
  private static final String LOG_FAILURES = "modelgate_decision_log_failures_total";
  private static final String LOG_DROPPED = "modelgate_decision_log_dropped_total";
  private static final String LOG_LINES = "modelgate_decision_log_lines_total";

  @TempDir private Path directory;

  private Path disk;
  private Path filler;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(directory.resolve("disk"));
    filler = disk.resolve("filler");
    run("mount", "-t", "tmpfs", "-o", "size=96m", "modelgate-test", disk.toString());
  }

  @AfterEach
  void unmount() throws Exception {
    run("umount", "-l", disk.toString());
  }

  @Test
  void fullDisk_changesNoAnswer_countsWhatIsLost_andIsOverWithTheRoom() throws Exception {
    ServeOptions options = SidecarBed.options(disk.resolve("data"));
    options.decisionLog.mode = "full";
    options.audit.bytesPerMinute = 1 << 20;
    try (SidecarBed bed = new SidecarBed(options)) {
      bed.sample();
      Probe probe = new Probe(bed.sidecar().httpPort());
      requireAnswers(bed);
      fill();
      Probe.await(
          "lost events and decisions are counted",
          () -> {
            requireAnswers(bed);
            refused(bed);
            return probe.metric(TRAIL_FAILURES) > 0
                && probe.metric(TRAIL_DROPPED) > 0
                && probe.metric(LOG_FAILURES) > 0
                && probe.metric(LOG_DROPPED) > 0;
          });
      assertEquals(200, probe.status("/readyz"), "checks go on");
      revokeUntilItIsRefused(bed);
      requireAnswers(bed);
      Files.delete(filler);
      double lines = probe.metric(LOG_LINES);
      Probe.await(
          "decisions are written again",
          () -> {
            requireAnswers(bed);
            return probe.metric(LOG_LINES) > lines;
          });
      long written = bed.sidecar().trail().written();
      Probe.await(
          "events are written again",
          () -> {
            refused(bed);
            return bed.sidecar().trail().written() > written;
          });
      Probe.await("changes are taken again", () -> probe.metric("modelgate_store_writable") == 1);
      SidecarBed.share(bed.admin(), FRAUD, "user:ben@acme.com", "user");
      assertEquals("ALLOW", bed.answer("user:ben@acme.com", FRAUD, "predict"));
    }
    Path trail = disk.resolve("data/audit");
    assertEquals(List.of(), TrailVerifier.directory(trail, Optional.empty()).breaks());
    assertTrue(
        Files.readString(trail.resolve(name(trail))).contains("\"dropped\":"),
        "an event tells of those that were lost");
  }

  /** From the cache, from the store, and for somebody who may not. */
  private static void requireAnswers(SidecarBed bed) {
    assertEquals("ALLOW", bed.answer("user:cleo@acme.com", FRAUD, "predict"));
    assertEquals("NO_GRANT", bed.answer("user:ben@acme.com", FRAUD, "predict"));
    assertEquals(
        "NO_GRANT", bed.answer("user:x" + System.nanoTime() + "@acme.com", FRAUD, "predict"));
  }

  private static void refused(SidecarBed bed) {
    assertThrows(
        StatusRuntimeException.class, () -> bed.adminFor("user:cleo@acme.com").getPolicy(POLICY));
  }

  /** What is answered holds; then one is not known, or refused, and changes no answer. */
  private static void revokeUntilItIsRefused(SidecarBed bed) {
    for (int i = 0; i < 200; i++) {
      try {
        for (int role = 0; role < 2; role++) {
          SidecarBed.share(
              bed.admin(), FRAUD, "serviceAccount:scorer", role == 0 ? "user" : "viewer");
        }
      } catch (StatusRuntimeException e) {
        Status.Code code = e.getStatus().getCode();
        assertTrue(
            List.of(Status.Code.UNKNOWN, Status.Code.UNAVAILABLE).contains(code), e::toString);
        return;
      }
    }
  }

  private void fill() throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertTrue(String.valueOf(e.getMessage()).contains("No space"), e.getMessage());
    }
  }

  private static Path name(Path trail) throws IOException {
    try (var files = Files.list(trail)) {
      return files
          .map(Path::getFileName)
          .filter(file -> file.toString().endsWith(".jsonl"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
  }
}
