package dev.modelgate.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.Telemetry;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Probes and scrapes over a real socket, well-behaved and not. */
final class HttpEndpointTest {
  private static final int WAIT_MS_MAX = 10_000;

  private final HttpClient client = HttpClient.newHttpClient();
  private volatile Supplier<String> metrics = () -> "a_total 1\n";
  private final List<String> limited = new CopyOnWriteArrayList<>();
  private final Telemetry telemetry =
      new Telemetry() {
        @Override
        public void limited(String limit) {
          limited.add(limit);
        }
      };
  private volatile BooleanSupplier ready = () -> true;
  private HttpEndpoint endpoint;

  @BeforeEach
  void start() throws IOException {
    endpoint =
        new HttpEndpoint(
            "127.0.0.1",
            0,
            Optional.empty(),
            () -> metrics.get(),
            () -> ready.getAsBoolean(),
            telemetry);
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  @Test
  void metrics_answer_whatIsScraped() throws Exception {
    HttpResponse<String> answer = get("/metrics");
    assertEquals(200, answer.statusCode());
    assertEquals("a_total 1\n", answer.body());
    assertEquals(
        "text/plain; version=0.0.4; charset=utf-8",
        answer.headers().firstValue("content-type").orElse(""));
    assertEquals(200, get("/metrics?name[]=a").statusCode());
  }

  @Test
  void metrics_thatFail_are500AndTheNextRequestIsAnswered() throws Exception {
    metrics =
        () -> {
          throw new IllegalStateException("planned");
        };
    HttpResponse<String> answer = get("/metrics");
    assertEquals(500, answer.statusCode());
    assertEquals("failed\n", answer.body());
    assertEquals(200, get("/readyz").statusCode());
  }

  @Test
  void probes_tellLiveAndReadyApart() throws Exception {
    assertEquals(200, get("/livez").statusCode());
    assertEquals(200, get("/readyz").statusCode());
    ready = () -> false;
    assertEquals(503, get("/readyz").statusCode());
    assertEquals("not serving\n", get("/readyz").body());
    assertEquals(200, get("/livez").statusCode());
  }

  @Test
  void unknownPaths_are404() throws Exception {
    for (String path : List.of("/", "/metrics/", "/Metrics", "/livez/x", "/%6Civez", "//livez")) {
      assertEquals(404, get(path).statusCode(), path);
    }
  }

  @Test
  void otherMethods_are405AndNameTheOneAllowed() throws Exception {
    for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "PATCH")) {
      HttpResponse<String> answer =
          send(HttpRequest.newBuilder(uri("/metrics")).method(method, BodyPublishers.noBody()));
      assertEquals(405, answer.statusCode(), method);
      assertEquals("GET", answer.headers().firstValue("allow").orElse(""), method);
    }
  }

  @Test
  void largeBody_isNotTakenAndTheAnswerStillArrives() throws Exception {
    String answer =
        raw(
            "POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n"
                + "x".repeat(500_000));
    assertTrue(answer.startsWith("HTTP/1.1 405 "), answer);
  }

  @Test
  void oversizeAndMalformedRequests_areRefused() throws Exception {
    assertStatus(414, "GET /" + "x".repeat(2_000) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    assertStatus(431, "GET /livez HTTP/1.1\r\nX: " + "x".repeat(20_000) + "\r\n\r\n");
    assertStatus(400, "nonsense\r\n\r\n");
    assertStatus(400, "GET /livez HTTP/1.1\r\nno colon\r\n\r\n");
    assertEquals(200, get("/livez").statusCode());
  }

  @Test
  void clientThatEndsItsSide_isStillAnswered() throws Exception {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(ascii("GET /readyz HTTP/1.0\r\n\r\n"));
      socket.shutdownOutput();
      assertTrue(read(socket.getInputStream()).startsWith("HTTP/1.1 200 OK"));
    }
  }

  @Test
  void slowClients_doNotHoldUpOthers() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 50; i++) {
        Socket socket = connect();
        slow.add(socket);
        socket.getOutputStream().write(ascii("GET /metrics HTTP/1.1\r\nHo"));
      }
      for (String path : List.of("/livez", "/readyz", "/metrics")) {
        assertEquals(200, get(path).statusCode(), path);
      }
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void connections_oneTooMany_isClosedAndCounted() throws Exception {
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < HttpEndpoint.CONNECTIONS_MAX; i++) {
        open.add(connect());
      }
      try (Socket tooMany = connect()) {
        assertEquals(-1, tooMany.getInputStream().read());
      }
      assertEquals(List.of("http-connections"), limited);
    } finally {
      for (Socket socket : open) {
        socket.close();
      }
    }
  }

  @Test
  void scrapeThatHangs_doesNotHoldUpLiveness() throws Exception {
    CountDownLatch scraping = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    metrics =
        () -> {
          scraping.countDown();
          try {
            return release.await(WAIT_MS_MAX, TimeUnit.MILLISECONDS) ? "late 1\n" : "";
          } catch (InterruptedException e) {
            return "";
          }
        };
    var hanging =
        client.sendAsync(HttpRequest.newBuilder(uri("/metrics")).build(), BodyHandlers.ofString());
    assertTrue(scraping.await(WAIT_MS_MAX, TimeUnit.MILLISECONDS));
    assertEquals(200, get("/livez").statusCode());
    release.countDown();
    assertEquals("late 1\n", hanging.get(WAIT_MS_MAX, TimeUnit.MILLISECONDS).body());
  }

  @Test
  void connectionThatLastsTooLong_isCut() throws Exception {
    try (HttpEndpoint impatient =
            new HttpEndpoint(
                "127.0.0.1",
                0,
                Optional.empty(),
                () -> "",
                () -> true,
                telemetry,
                Duration.ofMillis(100));
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), impatient.port())) {
      socket.setSoTimeout(WAIT_MS_MAX);
      socket.getOutputStream().write(ascii("GET /livez HT"));
      assertEquals(-1, socket.getInputStream().read());
    }
  }

  @Test
  void portInUse_isNamedInOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      IOException e =
          assertThrows(
              IOException.class,
              () ->
                  new HttpEndpoint(
                      "127.0.0.1",
                      taken.getLocalPort(),
                      Optional.empty(),
                      () -> "",
                      () -> true,
                      telemetry));
      String message = String.valueOf(e.getMessage());
      assertTrue(message.startsWith("http port " + taken.getLocalPort() + ": "), message);
      assertEquals(1, message.lines().count(), message);
    }
  }

  private void assertStatus(int status, String request) throws IOException {
    String answer = raw(request);
    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
  }

  /** Sends bytes as they are and reads to the end of the connection. */
  private String raw(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(ascii(request));
      return read(socket.getInputStream());
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port());
    socket.setSoTimeout(WAIT_MS_MAX);
    return socket;
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(
        request.timeout(Duration.ofMillis(WAIT_MS_MAX)).build(), BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + endpoint.port() + path);
  }

  private static String read(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
