package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line's preview against a whole sidecar: what it says, and that nothing happens. */
final class PreviewCommandTest {
  private static final String CLEO = "user:cleo@acme.com";
  private static final String BEN = "user:ben@acme.com";

  @TempDir Path directory;

  private SidecarBed bed;

  @BeforeEach
  void begin() throws IOException {
    bed = new SidecarBed(directory.resolve("data"));
    bed.sample();
  }

  @AfterEach
  void end() {
    bed.close();
  }

  @Test
  void preview_ofARevocation_namesWhoLosesIt_andTakesNothing() {
    CommandRun run = run("preview", "revoke", SidecarBed.FRAUD, "--from", "group:risk");
    assertEquals("", run.err());
    assertEquals(
        List.of(
            "PRINCIPAL RESOURCE FROM UNTIL GAINS LOSES CONDITIONAL",
            CLEO + " " + SidecarBed.FRAUD + " now discover,get_use,predict"),
        lines(run));
    assertEquals("ALLOW", bed.answer(CLEO, SidecarBed.FRAUD, "predict"));
    assertEquals(0, run("revoke", SidecarBed.FRAUD, "--from", "group:risk").code());
    assertEquals("NO_GRANT", bed.answer(CLEO, SidecarBed.FRAUD, "predict"));
    CommandRun again =
        run("preview", "suspend", "--principal", CLEO, "--organization", "organizations/acme");
    assertEquals("no access would change\n", again.err());
  }

  @Test
  void preview_onBehalfOfSomebody_isUnderHisLimits() {
    String[] share = {"share", SidecarBed.FRAUD, "--with", BEN, "--on-behalf-of", CLEO};
    CommandRun previewed = run(with("preview", share));
    assertEquals(2, previewed.code());
    assertTrue(previewed.err().contains("NOT_PERMITTED"), previewed.err());
    assertEquals(run(share), previewed, "it fails as the command does");
    assertEquals("NO_GRANT", bed.answer(BEN, SidecarBed.FRAUD, "predict"));
  }

  @Test
  void preview_ofALink_makesNoSecret() {
    String app = SidecarBed.PROD + "/applications/a";
    CommandRun run = run("preview", "link", "put", app, "partner");
    assertEquals(2, run.code());
    assertTrue(run.err().contains("NOT_FOUND"), run.err());
    bed.create(app, BEN);
    run = run("preview", "link", "put", app, "partner");
    assertTrue(run.err().contains("KIND_WITHOUT_LINKS"), "the default profile has none");
    assertEquals("", run.out());
  }

  private CommandRun run(String... args) {
    List<String> all = new ArrayList<>(Arrays.asList(args));
    all.addAll(
        List.of(
            "--data",
            directory.resolve("data").toString(),
            "--admin-address",
            "127.0.0.1:" + bed.sidecar().servers().adminPort()));
    return CommandRun.of(all.toArray(new String[0]));
  }

  private static String[] with(String first, String... rest) {
    List<String> all = new ArrayList<>(List.of(first));
    all.addAll(Arrays.asList(rest));
    return all.toArray(new String[0]);
  }

  private static List<String> lines(CommandRun run) {
    return run.out().lines().map(line -> line.replaceAll(" +", " ")).toList();
  }
}
