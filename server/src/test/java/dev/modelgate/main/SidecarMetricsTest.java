package dev.modelgate.main;

import static dev.modelgate.main.SidecarBed.CHURN;
import static dev.modelgate.main.SidecarBed.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.identity.TestIssuer;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.ListGrantsRequest;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sidecar that is used shows it at {@code /metrics}, as the reference page says. */
final class SidecarMetricsTest {
  private static final Path PAGE = Path.of("..", "docs", "operations.md");
  private static final ListGrantsRequest ANY = ListGrantsRequest.getDefaultInstance();
  private static final String CLEO = "user:cleo@acme.com";
  private static final String ALLOWED = "modelgate_checks_total{decision=\"allow\",reason=\"\"}";
  private static final String NO_GRANT =
      "modelgate_checks_total{decision=\"deny\",reason=\"NO_GRANT\"}";
  private static final String HITS = "modelgate_check_seconds_count{hit=\"true\"}";
  private static final String MISSES = "modelgate_check_seconds_count{hit=\"false\"}";

  private final TestIssuer issuer = new TestIssuer();

  @TempDir Path directory;
  private SidecarBed bed;
  private Probe probe;

  @BeforeEach
  void start() throws IOException {
    issuer.answerWith(503);
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.cacheBytes = 32 << 10;
    options.missThreads = 1;
    options.missQueue = 16;
    options.identity.issuer = issuer.issuer();
    options.identity.audience = "modelgate";
    options.identity.organizations = "acme";
    bed = new SidecarBed(options);
    bed.sample();
    probe = new Probe(bed.sidecar().httpPort());
  }

  @AfterEach
  void stop() {
    bed.close();
    issuer.close();
  }

  @Test
  void checks_areCountedByDecisionReasonAndCache() {
    assertEquals(0, probe.metric(ALLOWED));
    bed.answer(CLEO, FRAUD, "predict");
    assertEquals(1, probe.metric(ALLOWED));
    assertEquals(1, probe.metric(MISSES));
    assertEquals(0, probe.metric(HITS));
    assertEquals(1, probe.metric("modelgate_store_evaluations_seconds_count"));
    assertEquals(1, probe.metric("modelgate_cache_entries"));
    assertTrue(probe.metric("modelgate_cache_bytes") > 0);
    bed.answer(CLEO, FRAUD, "predict");
    assertEquals(2, probe.metric(ALLOWED));
    assertEquals(1, probe.metric(HITS));
    assertEquals(1, probe.metric("modelgate_check_seconds_bucket{hit=\"true\",le=\"+Inf\"}"));
    Probe.await("a recheck", () -> probe.metric("modelgate_rechecks_total") == 1);
    assertEquals(0, probe.metric("modelgate_recheck_mismatches_total"));
    bed.answer(CLEO, CHURN, "predict");
    assertEquals(1, probe.metric(NO_GRANT));
    assertThrows(StatusRuntimeException.class, () -> bed.answer(CLEO, FRAUD, "fly"));
    assertEquals(1, probe.metric("modelgate_refusals_total{reason=\"UNKNOWN_ACTION\"}"));
    assertEquals(2, probe.metric(ALLOWED));
  }

  @Test
  void credentials_areCountedByWhatIsWrong() {
    assertThrows(StatusRuntimeException.class, () -> bed.admin("Bearer x").listGrants(ANY));
    assertEquals(1, probe.metric("modelgate_credentials_refused_total{problem=\"malformed\"}"));
    String failures = "modelgate_keys_failures_total{issuer=\"oidc\"}";
    Probe.await("keys that cannot be had", () -> probe.metric(failures) == 1);
    assertEquals(-1, probe.metric("modelgate_keys_age_seconds{issuer=\"oidc\"}"));
  }

  @Test
  void changes_moveTheCommitsAndTheStore() {
    double commits = probe.metric("modelgate_commits_seconds_count");
    double changeSets = probe.metric("modelgate_change_sets_total");
    double syncs = probe.metric("modelgate_store_wal_syncs_total");
    double syncSeconds = probe.metric("modelgate_store_wal_sync_seconds_total");
    double written = probe.metric("modelgate_store_wal_written_bytes_total");
    double gets = probe.metric("modelgate_store_gets_total");
    double seeks = probe.metric("modelgate_store_seeks_total");
    double keys = probe.metric("modelgate_store_keys");
    assertTrue(commits > 0 && commits <= changeSets);
    bed.put("user:new@acme.com");
    assertEquals(commits + 1, probe.metric("modelgate_commits_seconds_count"));
    assertEquals(changeSets + 1, probe.metric("modelgate_change_sets_total"));
    assertEquals(syncs + 1, probe.metric("modelgate_store_wal_syncs_total"));
    assertTrue(probe.metric("modelgate_store_wal_sync_seconds_total") > syncSeconds);
    assertTrue(probe.metric("modelgate_store_wal_written_bytes_total") > written);
    assertTrue(probe.metric("modelgate_store_keys") > keys);
    bed.answer("user:new@acme.com", FRAUD, "predict");
    assertTrue(
        probe.metric("modelgate_store_gets_total") + probe.metric("modelgate_store_seeks_total")
            > gets + seeks);
    assertTrue(probe.metric("modelgate_store_memtable_bytes") > 0);
    assertEquals(1, probe.metric("modelgate_store_writable"));
    assertEquals(0, probe.metric("modelgate_store_write_stopped"));
    assertEquals(0, probe.metric("modelgate_commit_failures_total"));
    assertEquals(1, probe.metric("modelgate_organizations"));
    assertEquals(0, probe.metric("modelgate_organizations_restricted"));
  }

  @Test
  void overload_movesShedsAndEvictions() {
    for (int round = 0; round < 100 && !isOverloaded(); round++) {
      BatchCheckRequest.Builder batch = BatchCheckRequest.newBuilder();
      for (int i = 0; i < 1_000; i++) {
        batch
            .addItemsBuilder()
            .setPrincipal("user:u" + round + "-" + i + "@acme.com")
            .setModel(FRAUD)
            .setAction("predict");
      }
      assertEquals(1_000, bed.data().batchCheck(batch.build()).getResultsCount());
    }
    assertTrue(isOverloaded(), probe.body("/metrics"));
    assertTrue(probe.metric("modelgate_cache_bytes") <= 32 << 10);
  }

  @Test
  void names_areThoseOfTheReferencePage() throws IOException {
    checks_areCountedByDecisionReasonAndCache();
    credentials_areCountedByWhatIsWrong();
    Set<String> documented = matches(Files.readString(PAGE), "(?m)^\\| `(modelgate_[a-z_]+)");
    Set<String> shown = matches(probe.body("/metrics"), "(?m)^# TYPE (modelgate_[a-z_]+) ");
    // The largest value of a timer comes with it.
    shown.removeIf(name -> name.endsWith("_max") && shown.contains(name.replaceFirst("_max$", "")));
    assertEquals(documented, shown);
    assertTrue(shown.size() > 30, shown.toString());
  }

  @Test
  void labels_nameNobodyAndNoModel() {
    checks_areCountedByDecisionReasonAndCache();
    credentials_areCountedByWhatIsWrong();
    String scrape = probe.body("/metrics");
    assertEquals(
        Set.of(
            "decision",
            "reason",
            "hit",
            "le",
            "area",
            "id",
            "plane",
            "file",
            "limit",
            "issuer",
            "problem"),
        matches(scrape, "[{,]([a-z_]+)=\""));
    for (String name : Set.of("cleo", "acme", "fraud", "predict", "fly")) {
      assertFalse(scrape.contains(name), name);
    }
  }

  private boolean isOverloaded() {
    return probe.metric("modelgate_sheds_total") > 0
        && probe.metric("modelgate_refusals_total{reason=\"OVERLOADED\"}") > 0
        && probe.metric("modelgate_cache_evictions_total") > 0;
  }

  private static Set<String> matches(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult result) -> result.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
