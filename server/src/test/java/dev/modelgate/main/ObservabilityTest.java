package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Metrics, liveness, readiness and health of a running sidecar. */
final class ObservabilityTest {
  private static final String CLEO = "user:cleo@acme.com";
  private static final Path DOCUMENT = Path.of("../docs/operations.md");

  @TempDir Path directory;

  private final HttpClient http = HttpClient.newHttpClient();
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
  void metrics_ofChecks_moveWithThem() throws Exception {
    Map<String, Double> before = metrics();
    bed.answer(CLEO, SidecarBed.FRAUD, "predict");
    bed.answer(CLEO, SidecarBed.FRAUD, "predict");
    bed.answer(CLEO, SidecarBed.CHURN, "predict");
    assertThrows(
        StatusRuntimeException.class, () -> bed.check("nonsense", SidecarBed.FRAUD, "predict"));
    Map<String, Double> after = metrics();
    assertMoved(2, "modelgate_checks_total{decision=\"allow\",reason=\"\"}", before, after);
    assertMoved(1, "modelgate_checks_total{decision=\"deny\",reason=\"NO_GRANT\"}", before, after);
    assertMoved(1, "modelgate_check_seconds_count{cache=\"hit\"}", before, after);
    assertMoved(2, "modelgate_check_seconds_count{cache=\"miss\"}", before, after);
    assertMoved(2, "modelgate_store_evaluations_seconds_count", before, after);
    assertMoved(1, "modelgate_refusals_total{reason=\"INVALID_FIELD\"}", before, after);
    assertTrue(after.getOrDefault("modelgate_cache_entries", 0.0) >= 2, after::toString);
    assertTrue(after.getOrDefault("modelgate_cache_bytes", 0.0) > 0, after::toString);
    assertTrue(
        after.keySet().stream().anyMatch(name -> name.startsWith("modelgate_check_seconds_bucket")),
        "latencies have no histogram");
  }

  @Test
  void metrics_ofChanges_moveWithThem() throws Exception {
    Map<String, Double> before = metrics();
    SidecarBed.share(bed.admin(), SidecarBed.CHURN, CLEO, "user");
    Map<String, Double> after = metrics();
    assertMoved(1, "modelgate_change_sets_total", before, after);
    assertMoved(1, "modelgate_commits_seconds_count", before, after);
    assertMoved(0, "modelgate_recheck_mismatches_total", before, after);
    assertTrue(
        value(after, "wal_syncs") > value(before, "wal_syncs"),
        "a change was acknowledged without a sync");
    assertTrue(value(after, "block_cache_bytes") >= 0, after::toString);
  }

  @Test
  void metrics_documentedAndReal_areTheSame() throws Exception {
    bed.answer(CLEO, SidecarBed.FRAUD, "predict");
    assertThrows(
        StatusRuntimeException.class, () -> bed.check("nonsense", SidecarBed.FRAUD, "predict"));
    Set<String> real = new TreeSet<>();
    for (String name : metrics().keySet()) {
      String bare = name.replaceAll("\\{.*", "").replaceAll("_(bucket|count|sum|max)$", "");
      if (bare.startsWith("modelgate_")) {
        real.add(bare);
      }
    }
    Set<String> documented = new TreeSet<>();
    Matcher names = Pattern.compile("`(modelgate_[a-z_]+)").matcher(Files.readString(DOCUMENT));
    while (names.find()) {
      documented.add(names.group(1));
    }
    assertEquals(documented, real);
  }

  @Test
  void http_otherPathsAndMethods_areRefused() throws Exception {
    assertEquals(200, get("/livez").statusCode());
    assertEquals(200, get("/readyz").statusCode());
    assertEquals(404, get("/metric").statusCode());
    assertEquals(404, get("/metrics/x").statusCode());
    HttpRequest post =
        HttpRequest.newBuilder(uri("/metrics"))
            .POST(HttpRequest.BodyPublishers.ofString("x"))
            .build();
    assertEquals(405, http.send(post, HttpResponse.BodyHandlers.ofString()).statusCode());
  }

  @Test
  void http_clientsThatSayNothing_holdUpNobody() throws Exception {
    try (Socket one = idle();
        Socket two = idle();
        Socket three = idle()) {
      assertEquals(200, get("/livez").statusCode());
      assertTrue(one.isConnected() && two.isConnected() && three.isConnected());
    }
  }

  @Test
  void health_serves_andNotWhileStopping() throws Exception {
    var health =
        HealthGrpc.newBlockingStub(bed.dataChannel()).withDeadlineAfter(10, TimeUnit.SECONDS);
    for (String service : new String[] {"", "modelgate.v1.AuthorizationService"}) {
      HealthCheckRequest request = HealthCheckRequest.newBuilder().setService(service).build();
      assertEquals(ServingStatus.SERVING, health.check(request).getStatus());
    }
    URI ready = uri("/readyz");
    bed.sidecar().close();
    assertThrows(
        IOException.class,
        () ->
            http.send(HttpRequest.newBuilder(ready).build(), HttpResponse.BodyHandlers.ofString()));
    assertFalse(Files.exists(directory.resolve("data").resolve("modelgate.sock")));
  }

  private Socket idle() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), bed.sidecar().httpPort());
    OutputStream out = socket.getOutputStream();
    out.write("GET /met".getBytes(StandardCharsets.US_ASCII));
    out.flush();
    return socket;
  }

  private static void assertMoved(
      double by, String name, Map<String, Double> before, Map<String, Double> after) {
    double was = before.getOrDefault(name, 0.0);
    assertEquals(by, after.getOrDefault(name, -1.0) - was, 0.001, () -> name + " in " + after);
  }

  private static double value(Map<String, Double> metrics, String name) {
    return metrics.getOrDefault("modelgate_rocksdb_" + name, -1.0);
  }

  private Map<String, Double> metrics() throws Exception {
    Map<String, Double> values = new TreeMap<>();
    get("/metrics")
        .body()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(
            line -> {
              int space = line.lastIndexOf(' ');
              values.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
            });
    return values;
  }

  private HttpResponse<String> get(String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + bed.sidecar().httpPort() + path);
  }
}
