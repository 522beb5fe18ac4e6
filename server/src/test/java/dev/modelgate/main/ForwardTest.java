package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.config.SettingException;
import dev.modelgate.proxy.UpstreamHeaders;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forward-auth at a whole sidecar, as nginx, Traefik and Caddy ask it. */
final class ForwardTest {
  private static final String INFER = "/v2/models/fraud/infer";
  private static final String DOCUMENT =
      """
      parent: organizations/acme/environments/prod
      protocols: [open-inference]
      principal: {header: x-user}
      """;

  private final HttpClient client = HttpClient.newHttpClient();

  @TempDir private Path directory;
  private SidecarBed bed;

  @BeforeEach
  void start() throws IOException {
    bed = new SidecarBed(options(options -> {}));
    bed.sample();
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  @Test
  void allowedRequest_passes_withHeadersForTheServer() throws Exception {
    HttpResponse<String> answer = ask("POST", INFER, "x-user", EnvoyTest.ANA);
    assertEquals(200, answer.statusCode());
    assertEquals("", answer.body());
    assertEquals(EnvoyTest.ANA, header(answer, "x-modelgate-principal"));
    assertEquals(SidecarBed.FRAUD, header(answer, "x-modelgate-model"));
    assertFalse(header(answer, "x-modelgate-revision").isEmpty());
  }

  @Test
  void openRequest_passes_andNothingIsSaidOfAnybody() throws Exception {
    HttpResponse<String> answer =
        ask("GET", "/v2/health/live", "x-modelgate-principal", EnvoyTest.ANA);
    assertEquals(200, answer.statusCode());
    for (String name : UpstreamHeaders.NAMES) {
      assertEquals(Optional.of(""), answer.headers().firstValue(name), name + " is there, empty");
    }
  }

  @Test
  void refusedRequests_haveTheirStatusAndASmallBody() throws Exception {
    HttpResponse<String> denied = ask("POST", INFER, "x-user", EnvoyTest.BEN);
    assertEquals(403, denied.statusCode());
    assertEquals("NO_GRANT", header(denied, "x-modelgate-reason"));
    assertEquals("", header(denied, "x-modelgate-principal"));
    assertEquals("application/json", header(denied, "content-type"));
    assertEquals(
        "{\"error\":{\"code\":403,\"status\":\"PERMISSION_DENIED\",\"reason\":\"NO_GRANT\","
            + "\"message\":\"NO_GRANT\"}}\n",
        denied.body());
    assertEquals(401, ask("POST", INFER).statusCode());
    assertEquals(400, ask("POST", "/v2//models/fraud/infer", "x-user", "a").statusCode());
    assertEquals(403, ask("POST", "/other", "x-user", EnvoyTest.ANA).statusCode());
  }

  @Test
  void revokedAccess_isDeniedWithTheNextRequest() throws Exception {
    assertEquals(200, ask("POST", INFER, "x-user", "user:cleo@acme.com").statusCode());
    SidecarBed.revoke(bed.admin(), SidecarBed.FRAUD, "group:risk");
    assertEquals(403, ask("POST", INFER, "x-user", "user:cleo@acme.com").statusCode());
  }

  @Test
  void headersOfTheProxy_standOnceEach_orNothingIsBelieved() throws Exception {
    String[][] bad = {
      {"x-original-uri", INFER},
      {"x-original-method", "POST"},
      {"x-forwarded-method", "POST", "x-forwarded-uri", INFER},
      {"x-original-method", "POST", "x-original-uri", INFER, "x-original-uri", INFER},
      {"x-original-method", "POST", "x-original-method", "POST", "x-original-uri", INFER},
    };
    for (String[] headers : bad) {
      HttpRequest.Builder request = request("/authz/forward").header("x-user", EnvoyTest.ANA);
      for (int i = 0; i < headers.length; i += 2) {
        request.header(headers[i], headers[i + 1]);
      }
      assertEquals(400, send(request).statusCode(), String.join(" ", headers));
    }
    HttpRequest.Builder both =
        request("/authz/forward")
            .header("x-user", EnvoyTest.ANA)
            .header("x-original-method", "POST")
            .header("x-original-uri", "/v2/models/churn/infer")
            .header("x-forwarded-method", "POST")
            .header("x-forwarded-uri", INFER);
    assertEquals(403, send(both).statusCode(), "the other names are the client's");
  }

  @Test
  void callWithAMessage_isDenied_forTheProxyPassesNone() throws Exception {
    HttpResponse<String> answer =
        ask(
            "POST",
            "/inference.GRPCInferenceService/ModelInfer",
            "x-user",
            EnvoyTest.ANA,
            "content-type",
            "application/grpc");
    assertEquals(403, answer.statusCode());
    assertEquals("NO_MODEL", header(answer, "x-modelgate-reason"));
  }

  @Test
  void upgrade_isRefused() throws Exception {
    try (SocketChannel channel =
        SocketChannel.open((InetSocketAddress) bed.sidecar().forwardAddress().orElseThrow())) {
      String answer =
          exchange(
              channel,
              raw("POST", INFER, "x-user: " + EnvoyTest.ANA + "\r\nUpgrade: websocket\r\n"));
      assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
    }
  }

  @Test
  void headerThatIsNoUtf8_isRefused_andOneThatIsNamesItsPrincipal() throws Exception {
    try (SocketChannel channel =
        SocketChannel.open((InetSocketAddress) bed.sidecar().forwardAddress().orElseThrow())) {
      String latin = exchange(channel, raw("POST", INFER, "x-user: user:\u00e9\r\n"));
      assertTrue(latin.startsWith("HTTP/1.1 400 "), latin);
    }
    bed.put("user:\u00e9");
    SidecarBed.share(bed.admin(), SidecarBed.FRAUD, "user:\u00e9", "user");
    try (SocketChannel channel =
        SocketChannel.open((InetSocketAddress) bed.sidecar().forwardAddress().orElseThrow())) {
      String answer = exchange(channel, raw("POST", INFER, "x-user: user:\u00c3\u00a9\r\n"));
      assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
      assertTrue(answer.contains("x-modelgate-principal: user:%C3%A9\r\n"), answer);
    }
  }

  @Test
  void otherPaths_letNothingThrough() throws Exception {
    for (String path : List.of("/", "/authz", "/authz/forward/", "/authz/forward?x", "/livez")) {
      HttpRequest.Builder request =
          request(path)
              .header("x-user", EnvoyTest.ANA)
              .header("x-original-method", "POST")
              .header("x-original-uri", INFER);
      assertEquals(403, send(request).statusCode(), path);
    }
  }

  @Test
  void socket_answersManyRequestsOfOneConnection_andGoesWithTheSidecar() throws Exception {
    Path socket = directory.resolve("forward.sock");
    ServeOptions options =
        options(
            changed -> {
              changed.data = directory.resolve("other");
              changed.proxy.forwardListen = "unix:" + socket;
              changed.proxy.forwardHeaders = "forwarded";
            });
    try (SidecarBed other = new SidecarBed(options)) {
      other.sample();
      assertEquals(
          "rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(socket));
        for (String user : List.of(EnvoyTest.ANA, EnvoyTest.BEN, EnvoyTest.ANA)) {
          String answer =
              exchange(
                  channel,
                  raw("POST", INFER, "x-user: " + user + "\r\n")
                      .replace("X-Original-Method", "X-Forwarded-Method")
                      .replace("X-Original-URI", "X-Forwarded-Uri"));
          String status = user.equals(EnvoyTest.ANA) ? "HTTP/1.1 200 " : "HTTP/1.1 403 ";
          assertTrue(answer.startsWith(status), answer);
        }
      }
    }
    assertFalse(Files.exists(socket));
  }

  @Test
  void settingsThatDoNotGo_areRefusedAtStart() {
    refused("without rules that read the body", changed -> protect(changed, "openai"));
    refused("without `certificate`", this::proveByCertificate);
    refused("protect-file with it", changed -> changed.proxy.protectFile = null);
    refused("without tls-client-ca", changed -> changed.proxy.forwardListen = "0.0.0.0:0");
    refused(
        "without tls-client-ca",
        changed -> {
          changed.proxy.forwardListen = "0.0.0.0:0";
          changed.insecureListen = true;
        });
    refused("unauthenticated is never", changed -> changed.identity.unauthenticated = "never");
    refused("HOST:PORT or unix:PATH", changed -> changed.proxy.forwardListen = "127.0.0.1");
    refused("HOST:PORT or unix:PATH", changed -> changed.proxy.forwardListen = "127.0.0.1:70000");
    refused("original, forwarded", changed -> changed.proxy.forwardHeaders = "both");
  }

  private void refused(String problem, Consumer<ServeOptions> change) {
    SettingException e =
        assertThrows(
            SettingException.class,
            () -> {
              ServeOptions options =
                  options(
                      changed -> {
                        changed.data = directory.resolve("refused");
                        change.accept(changed);
                      });
              new Sidecar(options).close();
            },
            problem);
    assertTrue(String.valueOf(e.getMessage()).contains(problem), e.getMessage());
  }

  private ServeOptions options(Consumer<ServeOptions> change) throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.proxy.protectFile = Files.writeString(directory.resolve("protect.yaml"), DOCUMENT);
    options.proxy.forwardListen = "127.0.0.1:0";
    change.accept(options);
    return options;
  }

  private void protect(ServeOptions options, String protocol) {
    try {
      options.proxy.protectFile =
          Files.writeString(
              directory.resolve("other.yaml"), DOCUMENT.replace("open-inference", protocol));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private void proveByCertificate(ServeOptions options) {
    try {
      options.proxy.protectFile =
          Files.writeString(
              directory.resolve("other.yaml"),
              DOCUMENT.replace("{header: x-user}", "{certificate: sidecar}"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private HttpResponse<String> ask(String method, String target, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        request("/authz/forward")
            .header("X-Original-Method", method)
            .header("X-Original-URI", target);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return send(request);
  }

  private HttpRequest.Builder request(String path) {
    InetSocketAddress address = (InetSocketAddress) bed.sidecar().forwardAddress().orElseThrow();
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + path))
        .version(HttpClient.Version.HTTP_1_1);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static String raw(String method, String target, String headers) {
    return "GET /authz/forward HTTP/1.1\r\nHost: modelgate\r\nX-Original-Method: "
        + method
        + "\r\nX-Original-URI: "
        + target
        + "\r\n"
        + headers
        + "\r\n";
  }

  /** Sends a request, a byte for each character, and reads the head and body of its answer. */
  private static String exchange(SocketChannel channel, String request) throws IOException {
    channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
    StringBuilder answer = new StringBuilder();
    ByteBuffer buffer = ByteBuffer.allocate(4_096);
    while (!isWhole(answer.toString())) {
      if (channel.read(buffer.clear()) < 0) {
        throw new IOException("cut short: " + answer);
      }
      answer.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
    }
    return answer.toString();
  }

  private static boolean isWhole(String answer) {
    int head = answer.indexOf("\r\n\r\n");
    if (head < 0) {
      return false;
    }
    String length = answer.replaceFirst("(?s).*?content-length: (\\d+).*", "$1");
    return answer.length() == head + 4 + Integer.parseInt(length);
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }
}
