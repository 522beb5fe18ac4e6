package dev.modelgate.metrics;

import dev.modelgate.app.Telemetry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.snapshots.Unit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts checks by decision and reason, latencies, cache, store and commits. Labels are decisions
 * and reasons, never names: at most {@value #REASONS_MAX} reasons, more count as {@code OTHER}.
 * Each metric is described in {@code docs/operations.md}, which a test holds.
 */
public final class PrometheusTelemetry implements Telemetry {
  private static final int REASONS_MAX = 64;
  private static final String OTHER = "OTHER";

  /** Shown from the start, so that an alarm can be set before the first refusal. */
  private static final List<String> LIMITS =
      List.of(
          "connections",
          "connections-per-peer",
          "connection",
          "caller",
          "answers",
          "misses",
          "listings",
          "proxies",
          "admin",
          "imports",
          "exports",
          "watches",
          "accesses",
          "access-streams",
          "access-readers",
          "size",
          "page",
          "condition",
          "group-depth",
          "metadata",
          "handshake",
          "pings",
          "resets",
          "frames",
          "http-connections",
          "forward-connections",
          "gateway-bytes",
          "gateway-calls");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<String, Counter> denials = new ConcurrentHashMap<>();
  private final Map<String, Counter> refusals = new ConcurrentHashMap<>();
  private final Map<String, Counter> limits = new ConcurrentHashMap<>();
  private final Map<String, Counter> credentials = new ConcurrentHashMap<>();
  private final Map<String, Counter> keyFailures = new ConcurrentHashMap<>();
  private final Counter allowed = checks("allow", "");
  private final Histogram latencies = latencies();
  private final DistributionDataPoint hits = latencies.labelValues("true");
  private final DistributionDataPoint misses = latencies.labelValues("false");
  private final Summary evaluations =
      Summary.builder()
          .name("modelgate_store_evaluations_seconds")
          .help("Misses evaluated from the store")
          .unit(Unit.SECONDS)
          .withoutExemplars()
          .register(registry.getPrometheusRegistry());
  private final Timer commits =
      timer("modelgate.commits", "Groups of changes made durable and published");
  private final Counter changeSets = counter("modelgate.change.sets", "Changes committed");
  private final Counter commitFailures =
      counter("modelgate.commit.failures", "Commits with an unknown outcome");
  private final Counter brokenGlass =
      counter("modelgate.break.glass", "Accesses given in an emergency");
  private final Counter sheds =
      counter("modelgate.sheds", "Checks and rechecks not taken, the miss pool being full");
  private final Counter deferrals =
      counter("modelgate.misses.deferred", "Misses that memory alone could not answer");
  private final Counter rechecks = counter("modelgate.rechecks", "Cached answers recomputed");
  private final Counter mismatches =
      counter("modelgate.recheck.mismatches", "Recomputed answers that differed");
  private final Counter accessEvaluations =
      counter("modelgate.access.evaluations", "Watched accesses evaluated again");
  private final Timer accessChanges =
      Timer.builder("modelgate.access.changes")
          .description("Changes of watched accesses, from the commit to the answer")
          .serviceLevelObjectives(
              Duration.ofMillis(1),
              Duration.ofMillis(10),
              Duration.ofMillis(50),
              Duration.ofMillis(100),
              Duration.ofSeconds(1))
          .register(registry);
  private final Counter evictions =
      counter("modelgate.cache.evictions", "Cached answers let go for want of room");

  private final List<Supplier<Number>> counts = new CopyOnWriteArrayList<>();

  private volatile @Nullable StoreMeters store;

  /** Begins at zero. */
  public PrometheusTelemetry() {
    new JvmMemoryMetrics().bindTo(registry);
    LIMITS.forEach(limit -> limits.put(limit, limits(limit)));
  }

  /** Shows a value that is read when it is asked for. */
  public void gauge(String name, String help, Supplier<Number> value) {
    Gauge.builder(name, value).description(help).strongReference(true).register(registry);
  }

  /** Shows one of the values that share a name and differ in a label. */
  public void gauge(
      String name, String help, String label, String labelValue, Supplier<Number> value) {
    Gauge.builder(name, value)
        .description(help)
        .tag(label, labelValue)
        .strongReference(true)
        .register(registry);
  }

  /** Shows a count that only grows and is kept elsewhere. */
  public void counter(String name, String help, Supplier<Number> value) {
    counts.add(value); // The registry would let go of it.
    FunctionCounter.builder(name, value, supplier -> supplier.get().doubleValue())
        .description(help)
        .register(registry);
  }

  /**
   * Shows the statistics of the store too.
   *
   * @param statistics by name; may throw a {@code StoreException}
   */
  public void watch(Supplier<Map<String, Long>> statistics) {
    store = new StoreMeters(statistics, registry);
  }

  /** Everything in Prometheus's text format. */
  public String scrape() {
    StoreMeters meters = store;
    if (meters != null) {
      meters.refresh();
    }
    return registry.scrape();
  }

  @Override
  public void checked(boolean isAllowed, String reason, boolean hit, long nanos) {
    Counter counter = isAllowed ? allowed : bounded(denials, reason, this::denials);
    counter.increment();
    (hit ? hits : misses).observe(nanos / 1e9);
  }

  @Override
  public void refused(String fault) {
    bounded(refusals, fault, this::refusals).increment();
  }

  @Override
  public void evaluated(long nanos) {
    evaluations.observe(nanos / 1e9);
  }

  @Override
  public void deferred() {
    deferrals.increment();
  }

  @Override
  public void shed() {
    sheds.increment();
  }

  @Override
  public void limited(String limit) {
    bounded(limits, limit, this::limits).increment();
  }

  @Override
  public void rechecked() {
    rechecks.increment();
  }

  @Override
  public void recheckMismatch() {
    mismatches.increment();
  }

  @Override
  public void evicted() {
    evictions.increment();
  }

  @Override
  public void watchEvaluated() {
    accessEvaluations.increment();
  }

  @Override
  public void watchTold(long nanos) {
    accessChanges.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void credentialRefused(String problem) {
    bounded(credentials, problem, this::credentials).increment();
  }

  @Override
  public void keysFailed(String issuer) {
    bounded(keyFailures, issuer, this::keyFailures).increment();
  }

  @Override
  public void committed(int count, long nanos) {
    changeSets.increment(count);
    commits.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void glassBroken() {
    brokenGlass.increment();
  }

  @Override
  public void commitFailed() {
    commitFailures.increment();
  }

  /** The reason's counter; all reasons beyond the first ones share one. */
  private static Counter bounded(
      Map<String, Counter> counters, String reason, Function<String, Counter> maker) {
    Counter counter = counters.get(reason);
    if (counter != null) {
      return counter;
    }
    String name = counters.size() < REASONS_MAX ? reason : OTHER;
    return counters.computeIfAbsent(name, maker);
  }

  private Counter credentials(String problem) {
    return Counter.builder("modelgate.credentials.refused")
        .description("Calls refused for their credential")
        .tag("problem", problem)
        .register(registry);
  }

  private Counter keyFailures(String issuer) {
    return Counter.builder("modelgate.keys.failures")
        .description("Failed attempts to load the keys of an issuer of tokens")
        .tag("issuer", issuer)
        .register(registry);
  }

  private Counter refusals(String fault) {
    return Counter.builder("modelgate.refusals")
        .description("Checks that could not be answered")
        .tag("reason", fault)
        .register(registry);
  }

  private Counter limits(String limit) {
    return Counter.builder("modelgate.limits")
        .description("What a bound refused")
        .tag("limit", limit)
        .register(registry);
  }

  /** Without a reason the answer turns on attributes that the request lacks. */
  private Counter denials(String reason) {
    return checks(reason.isEmpty() ? "conditional" : "deny", reason);
  }

  private Counter checks(String decision, String reason) {
    return Counter.builder("modelgate.checks")
        .description("Checks answered")
        .tag("decision", decision)
        .tag("reason", reason)
        .register(registry);
  }

  /** Not Micrometer's, which reads the clock twice for each value: a tenth of a cached check. */
  private Histogram latencies() {
    return Histogram.builder()
        .name("modelgate_check_seconds")
        .help("Time from question to answer, without the network")
        .unit(Unit.SECONDS)
        .labelNames("hit")
        .classicOnly()
        .classicUpperBounds(1e-6, 5e-6, 20e-6, 100e-6, 1e-3, 10e-3, 50e-3)
        .withoutExemplars()
        .register(registry.getPrometheusRegistry());
  }

  private Timer timer(String name, String help) {
    return Timer.builder(name).description(help).register(registry);
  }

  private Counter counter(String name, String help) {
    return Counter.builder(name).description(help).register(registry);
  }
}
