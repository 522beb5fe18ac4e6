package dev.modelgate.main;

import com.nimbusds.jose.util.JSONArrayUtils;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A Keycloak in a process of its own, with realm {@code acme}: user ana in group risk, client
 * {@code front} whose tokens are for audience {@code modelgate}, and client {@code other}.
 */
final class Keycloak implements AutoCloseable {
  private static final Duration START_MAX = Duration.ofMinutes(4);
  private static final String REALM =
      """
      {"realm": "acme", "enabled": true, "sslRequired": "none", "groups": [{"name": "risk"}],
       "users": [{"username": "ana", "email": "ana@acme.com", "emailVerified": true, "enabled": true,
         "firstName": "Ana", "lastName": "Acme", "groups": ["/risk"],
         "credentials": [{"type": "password", "value": "secret", "temporary": false}]}],
       "clients": [
        {"clientId": "front", "publicClient": true, "directAccessGrantsEnabled": true,
         "protocolMappers": [
          {"name": "audience", "protocol": "openid-connect",
           "protocolMapper": "oidc-audience-mapper",
           "config": {"included.custom.audience": "modelgate", "access.token.claim": "true"}},
          {"name": "groups", "protocol": "openid-connect",
           "protocolMapper": "oidc-group-membership-mapper",
           "config": {"claim.name": "groups", "full.path": "false", "access.token.claim": "true"}}]},
        {"clientId": "other", "publicClient": true, "directAccessGrantsEnabled": true}]}
      """;
  private static final String SIGNING_KEY =
      """
      {"name": "rotated", "providerId": "rsa-generated",
       "providerType": "org.keycloak.keys.KeyProvider",
       "config": {"priority": ["200"], "algorithm": ["RS256"], "keySize": ["2048"]}}
      """;

  private final Process process;
  private final String base;
  private final HttpClient http = HttpClient.newHttpClient();

  private Keycloak(Process process, String base) {
    this.process = process;
    this.base = base;
  }

  /**
   * Starts it and makes the realm.
   *
   * @param distributions the directory that the distribution was unpacked to
   * @param scratch where its output goes
   */
  static Keycloak start(Path distributions, Path scratch) throws Exception {
    int port = freePort();
    Path home;
    try (Stream<Path> unpacked = Files.list(distributions)) {
      home =
          unpacked
              .filter(path -> path.getFileName().toString().startsWith("keycloak-"))
              .findFirst()
              .orElseThrow();
    }
    Path output = scratch.resolve("keycloak.log");
    ProcessBuilder command =
        new ProcessBuilder(
                "bash",
                home.resolve("bin/kc.sh").toString(),
                "start-dev",
                "--db=dev-mem",
                "--cache=local",
                "--http-host=127.0.0.1",
                "--http-port=" + port)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    command.environment().put("JAVA_HOME", System.getProperty("java.home"));
    command.environment().put("JAVA_OPTS_KC_HEAP", "-Xms64m -Xmx512m");
    command.environment().put("KC_BOOTSTRAP_ADMIN_USERNAME", "admin");
    command.environment().put("KC_BOOTSTRAP_ADMIN_PASSWORD", "admin");
    Keycloak keycloak = new Keycloak(command.start(), "http://127.0.0.1:" + port);
    try {
      keycloak.awaitStart(output);
      keycloak.send("POST", "/admin/realms", REALM, 201);
      return keycloak;
    } catch (Exception e) {
      keycloak.close();
      throw e;
    }
  }

  /** The realm's name in its tokens. */
  String issuer() {
    return base + "/realms/acme";
  }

  /** An access token of ana. */
  String token(String client) throws Exception {
    return login("acme", client, "ana", "secret", "access_token");
  }

  /** A refresh token of ana. */
  String refreshToken(String client) throws Exception {
    return login("acme", client, "ana", "secret", "refresh_token");
  }

  /** The component that the realm's RSA key for signatures comes from. */
  String signingKey() throws Exception {
    for (Object component : JSONArrayUtils.parse(send("GET", keys(), "", 200))) {
      if (component instanceof Map<?, ?> map && "rsa-generated".equals(map.get("providerId"))) {
        return String.valueOf(map.get("id"));
      }
    }
    throw new IllegalStateException("the realm has no RSA key");
  }

  /** Makes a key that signs from now on; the old one is still published. */
  void addSigningKey() throws Exception {
    send("POST", "/admin/realms/acme/components", SIGNING_KEY, 201);
  }

  /** Withdraws a key. */
  void removeKey(String component) throws Exception {
    send("DELETE", "/admin/realms/acme/components/" + component, "", 204);
  }

  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    children.forEach(ProcessHandle::destroy);
    try {
      if (process.waitFor(30, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }

  private static String keys() {
    return "/admin/realms/acme/components?type=org.keycloak.keys.KeyProvider";
  }

  private void awaitStart(Path output) throws Exception {
    long end = System.nanoTime() + START_MAX.toNanos();
    while (!isUp()) {
      if (System.nanoTime() > end || !process.isAlive()) {
        throw new IllegalStateException("Keycloak did not start:\n" + Files.readString(output));
      }
      TimeUnit.MILLISECONDS.sleep(250); // Between two looks.
    }
  }

  private boolean isUp() throws InterruptedException {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(base + "/realms/master"))
              .timeout(Duration.ofSeconds(10))
              .build();
      return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private String login(String realm, String client, String user, String password, String wanted)
      throws IOException, InterruptedException, ParseException {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(base + "/realms/" + realm + "/protocol/openid-connect/token"))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                BodyPublishers.ofString(
                    "grant_type=password&client_id="
                        + client
                        + "&username="
                        + user
                        + "&password="
                        + password))
            .build();
    HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
    require(response, 200);
    return String.valueOf(JSONObjectUtils.parse(response.body()).get(wanted));
  }

  private String send(String method, String path, String body, int expected)
      throws IOException, InterruptedException, ParseException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(Duration.ofSeconds(60))
            .header(
                "Authorization",
                "Bearer " + login("master", "admin-cli", "admin", "admin", "access_token"))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
    require(response, expected);
    return response.body();
  }

  private static void require(HttpResponse<String> response, int expected) {
    if (response.statusCode() != expected) {
      throw new IllegalStateException(
          response.request().uri() + ": " + response.statusCode() + " " + response.body());
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
