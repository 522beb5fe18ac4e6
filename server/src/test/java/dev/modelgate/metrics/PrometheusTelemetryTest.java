package dev.modelgate.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.store.StoreException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What each report counts, and that labels stay few. */
final class PrometheusTelemetryTest {
  private final PrometheusTelemetry telemetry = new PrometheusTelemetry();

  @Test
  void reports_eachMoveTheirMetric() {
    telemetry.checked(true, "", true, 700);
    telemetry.checked(false, "NO_GRANT", false, 30_000);
    telemetry.checked(false, "", true, 700);
    telemetry.refused("UNKNOWN_ACTION");
    telemetry.evaluated(5_000_000);
    telemetry.shed();
    telemetry.rechecked();
    telemetry.rechecked();
    telemetry.recheckMismatch();
    telemetry.evicted();
    telemetry.committed(3, 2_000_000);
    telemetry.commitFailed();
    assertShows("modelgate_checks_total{decision=\"allow\",reason=\"\"} 1.0");
    assertShows("modelgate_checks_total{decision=\"deny\",reason=\"NO_GRANT\"} 1.0");
    assertShows("modelgate_checks_total{decision=\"conditional\",reason=\"\"} 1.0");
    assertShows("modelgate_check_seconds_bucket{hit=\"true\",le=\"1.0E-6\"} 2");
    assertShows("modelgate_check_seconds_bucket{hit=\"false\",le=\"2.0E-5\"} 0");
    assertShows("modelgate_check_seconds_bucket{hit=\"false\",le=\"1.0E-4\"} 1");
    assertShows("modelgate_check_seconds_count{hit=\"true\"} 2");
    assertShows("modelgate_refusals_total{reason=\"UNKNOWN_ACTION\"} 1.0");
    assertShows("modelgate_store_evaluations_seconds_sum 0.005");
    assertShows("modelgate_sheds_total 1.0");
    assertShows("modelgate_rechecks_total 2.0");
    assertShows("modelgate_recheck_mismatches_total 1.0");
    assertShows("modelgate_cache_evictions_total 1.0");
    assertShows("modelgate_change_sets_total 3.0");
    assertShows("modelgate_commits_seconds_count 1");
    assertShows("modelgate_commits_seconds_sum 0.002");
    assertShows("modelgate_commit_failures_total 1.0");
  }

  @Test
  void reasons_withoutEnd_shareOneSeriesAtLast() {
    for (int i = 0; i < 10_000; i++) {
      telemetry.checked(false, "R" + i, true, 1);
      telemetry.refused("F" + i);
    }
    long checks = series("modelgate_checks_total{");
    long refusals = series("modelgate_refusals_total{");
    assertTrue(checks <= 66, checks + " series");
    assertTrue(refusals <= 65, refusals + " series");
    assertShows("modelgate_checks_total{decision=\"deny\",reason=\"OTHER\"} 9936.0");
    assertShows("modelgate_refusals_total{reason=\"OTHER\"} 9936.0");
  }

  @Test
  void storeStatistics_areReadOncePerScrapeAndOutliveTheStore() {
    Map<String, Long> statistics = new HashMap<>();
    telemetry.watch(
        () -> {
          if (statistics.isEmpty()) {
            throw new StoreException("planned");
          }
          return Map.copyOf(statistics);
        });
    statistics.putAll(Map.of("wal_syncs", 7L, "stall_micros", 1_500_000L, "odd", 1L));
    assertShows("modelgate_store_wal_syncs_total 7.0");
    assertShows("modelgate_store_stall_seconds_total 1.5");
    assertFalse(telemetry.scrape().contains("odd"), "only listed statistics are shown");
    statistics.clear();
    assertShows("modelgate_store_wal_syncs_total 7.0");
    statistics.put("wal_syncs", 8L);
    assertShows("modelgate_store_wal_syncs_total 8.0");
  }

  private long series(String prefix) {
    return telemetry.scrape().lines().filter(line -> line.startsWith(prefix)).count();
  }

  private void assertShows(String line) {
    String scrape = telemetry.scrape();
    assertEquals(1, scrape.lines().filter(line::equals).count(), () -> line + "\n" + scrape);
  }
}
