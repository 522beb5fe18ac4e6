package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.Answer;
import dev.modelgate.client.ModelgateClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client and the command line before a sidecar that has TLS. */
final class ClientTlsTest {
  private static final String ANA = "user:ana@acme.com";

  @TempDir Path directory;

  private TlsBed bed;
  private Path ca = Path.of("");
  private Path cert = Path.of("");
  private Path key = Path.of("");

  @BeforeEach
  void start() throws IOException {
    bed =
        TlsBed.start(
            directory,
            options -> {
              TlsBed.withClientCa(options);
              options.tls.clientAuth = "optional";
              options.adminTlsClientAuth = "require";
            });
    ca = bed.authorities().servers().write(directory.resolve("ca.crt"));
    cert = directory.resolve("client.crt");
    key = directory.resolve("client.key");
    bed.authorities().clients().client("CN=scorer").write(cert, key);
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  @Test
  void client_thatTrustsTheAuthority_isAnswered() {
    assertEquals("UNKNOWN_RESOURCE", ask(client("localhost").tls(ca)).reason());
    assertEquals("UNKNOWN_RESOURCE", ask(client("127.0.0.1").tls(ca)).reason());
  }

  @Test
  void client_thatTrustsAnother_isDeniedWithTheCause() throws IOException {
    Path other = bed.authorities().unknown().write(directory.resolve("other.crt"));
    assertUnanswered(ask(client("localhost").tls(other)));
    assertUnanswered(ask(client("localhost").tls()));
  }

  @Test
  void serverName_thatTheCertificateLacks_isDenied() {
    assertUnanswered(ask(client("localhost").tls(ca).tlsServerName("gate.internal")));
    assertEquals(
        "UNKNOWN_RESOURCE", ask(client("127.0.0.1").tls(ca).tlsServerName("localhost")).reason());
  }

  @Test
  void certificate_ofAnUnknownAuthority_isRefusedWhereOneIsRequired() throws IOException {
    Path strange = directory.resolve("strange.crt");
    Path strangeKey = directory.resolve("strange.key");
    bed.authorities().unknown().client("CN=scorer").write(strange, strangeKey);
    CommandRun run =
        profiles(
            "--tls-ca", ca.toString(),
            "--tls-cert", strange.toString(),
            "--tls-key", strangeKey.toString());
    assertEquals(2, run.code(), run.out());
  }

  @Test
  void certificate_thatIsNotThatOfTheKey_isRefusedWhenTheClientIsMade() throws IOException {
    Path other = directory.resolve("other.key");
    bed.authorities().clients().client("CN=x").write(directory.resolve("other.crt"), other);
    ModelgateClient.Builder builder = client("localhost").tls(ca).tlsCertificate(cert, other);
    IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, builder::build);
    assertEquals(
        "TLS: " + cert + ": its first certificate is not that of the private key",
        refused.getMessage());
  }

  @Test
  void socket_besideTls_isRefusedWhenTheClientIsMade() {
    ModelgateClient.Builder builder = ModelgateClient.builder().socket(ca).tls(ca);
    assertThrows(IllegalArgumentException.class, builder::build);
  }

  /** The first connection fails, as its authority is the wrong one; the file is then mended. */
  @Test
  void files_thatChange_countForTheNextConnection() throws IOException {
    Path file = bed.authorities().unknown().write(directory.resolve("changing.crt"));
    try (ModelgateClient client = client("localhost").tls(file).build()) {
      assertUnanswered(client.check(ANA, SidecarBed.FRAUD, "predict"));
      Files.writeString(file, "broken in between");
      assertUnanswered(client.check(ANA, SidecarBed.FRAUD, "predict"));
      bed.authorities().servers().write(file);
      Probe.await(
          "an answer",
          () -> client.check(ANA, SidecarBed.FRAUD, "predict").reason().equals("UNKNOWN_RESOURCE"));
    }
  }

  @Test
  void check_withTheOptionsOfTls_isAnswered() {
    CommandRun run = check("--tls-ca", ca.toString());
    assertEquals(1, run.code(), run.err());
    assertEquals("", run.err());
    assertTrue(run.out().contains("reason: UNKNOWN_RESOURCE"), run.out());
    assertEquals(2, check("--tls-ca", ca.toString(), "--tls-server-name", "gate").code());
    assertEquals(2, check("--tls-ca", "system").code());
    assertEquals(2, check().code());
  }

  @Test
  void administration_withTheOptionsOfTls_takesCertificateAndToken() {
    CommandRun without = profiles("--tls-ca", ca.toString());
    assertEquals(2, without.code(), without.out());
    CommandRun run =
        profiles(
            "--tls-ca", ca.toString(), "--tls-cert", cert.toString(), "--tls-key", key.toString());
    assertEquals(0, run.code(), run.err());
  }

  private CommandRun check(String... tls) {
    return run(
        new String[] {"check", ANA, SidecarBed.FRAUD, "predict", "--address"},
        bed.sidecar().servers().dataPort(),
        tls);
  }

  private CommandRun profiles(String... tls) {
    return run(
        new String[] {"profile", "list", "--data", bed.data().toString(), "--admin-address"},
        bed.sidecar().servers().adminPort(),
        tls);
  }

  private static CommandRun run(String[] command, int port, String... tls) {
    List<String> all = new ArrayList<>(List.of(command));
    all.add("localhost:" + port);
    all.addAll(List.of(tls));
    return CommandRun.of(all.toArray(String[]::new));
  }

  private ModelgateClient.Builder client(String host) {
    return ModelgateClient.builder()
        .address(host, bed.sidecar().servers().dataPort())
        .deadline(Duration.ofSeconds(TlsBed.WAIT_SECONDS_MAX));
  }

  private static Answer ask(ModelgateClient.Builder builder) {
    try (ModelgateClient client = builder.build()) {
      return client.check(ANA, SidecarBed.FRAUD, "predict");
    }
  }

  private static void assertUnanswered(Answer answer) {
    assertEquals("UNAVAILABLE", answer.reason(), answer::toString);
    assertTrue(answer.cause().isPresent());
  }
}
