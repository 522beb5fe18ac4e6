package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.Answer;
import dev.modelgate.client.ModelgateClient;
import dev.modelgate.tls.TestAuthority;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What TLS and addresses keep from starting, in one line; and what starts but says so. */
final class TransportStartTest {
  @TempDir Path directory;

  private final TestAuthority authority = TestAuthority.create("servers");
  private Path cert = Path.of("");
  private Path key = Path.of("");

  @BeforeEach
  void writeFiles() throws IOException {
    cert = directory.resolve("tls.crt");
    key = directory.resolve("tls.key");
    authority.server("dns:localhost").write(cert, key);
  }

  @Test
  void address_thatOthersReach_isRefusedWithoutTls() {
    for (String setting : List.of("--listen", "--admin-listen", "--http-listen")) {
      serve(setting, "0.0.0.0").assertRefused(setting + ": `0.0.0.0` (expected: a loopback");
      serve(setting, "::").assertRefused("for there is no tls-cert; insecure-listen allows it");
    }
  }

  @Test
  void address_thatOthersReach_isInsecureWithoutTlsAndSaysSo() throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.listen = "0.0.0.0";
    options.insecureListen = true;
    try (Sidecar sidecar = new Sidecar(options)) {
      Probe probe = new Probe(sidecar.httpPort());
      assertEquals(1, probe.metric("modelgate_insecure_listen{plane=\"data\"}"));
      assertTrue(probe.body("/metrics").contains("modelgate_insecure_listen{plane=\"admin\"} 0"));
      assertTrue(probe.body("/metrics").contains("modelgate_insecure_listen{plane=\"http\"} 0"));
    }
  }

  @Test
  void address_thatOthersReach_isFineWithTls() throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.adminListen = "0.0.0.0";
    options.tls.cert = cert;
    options.tls.key = key;
    try (Sidecar sidecar = new Sidecar(options)) {
      assertTrue(sidecar.servers().adminPort() > 0);
    }
  }

  @Test
  void key_thatOthersMayRead_isRefused() throws IOException {
    for (String mode : List.of("rw-r--r--", "rw-----w-", "rw-rw----")) {
      Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(mode));
      tls().assertRefused(key + ": its mode is 06");
    }
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    tls().assertRefused("its mode is 0644 (expected: 0750 or narrower; insecure-tls-key allows");
  }

  @Test
  void key_thatOthersMayRead_isAllowedByASettingAndShown() throws IOException {
    try (TlsBed bed =
        TlsBed.start(
            directory,
            options -> {
              setMode(options.tls.key, "rw-r--r--");
              options.tls.insecureKey = true;
            })) {
      assertEquals(1, bed.metric("modelgate_insecure_tls_key"));
    }
  }

  @Test
  void key_thatItsGroupMayRead_isFine() throws IOException {
    try (TlsBed bed = TlsBed.start(directory, options -> setMode(options.tls.key, "r--r-----"))) {
      assertEquals(0, bed.metric("modelgate_insecure_tls_key"));
    }
  }

  @Test
  void files_thatAreOfNoUse_areRefusedWithTheirNames() throws IOException {
    Path none = directory.resolve("none.pem");
    Path empty = Files.writeString(directory.resolve("empty.pem"), "nothing here\n");
    Path other = directory.resolve("other.crt");
    authority.server("dns:localhost").write(other, directory.resolve("other.key"));
    tls(none, key).assertRefused(none + ": there is no such file");
    tls(cert, none).assertRefused(none + ": there is no such file");
    tls(empty, key).assertRefused(empty + ": holds no certificate (expected: PEM)");
    tls(key, key).assertRefused(key + ": holds no certificate");
    tls(other, key).assertRefused(other + ": its first certificate is not that of the private key");
    Files.setPosixFilePermissions(empty, PosixFilePermissions.fromString("rw-------"));
    tls(cert, empty).assertRefused(empty + ": holds 0 private keys (expected: one, PEM)");
    tls("--tls-client-ca", empty.toString()).assertRefused(empty + ": holds no certificate");
    tls("--tls-client-ca", none.toString()).assertRefused(none + ": there is no such file");
  }

  @Test
  void certificate_thatHasExpired_startsSoThatTheSocketServes() throws IOException {
    Instant now = Instant.now();
    authority
        .server(
            TestAuthority.ecKeys(), now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)))
        .write(cert, key);
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    Path socket = directory.resolve("data").resolve("modelgate.sock");
    options.socket = socket.toString();
    options.tls.cert = cert;
    options.tls.key = key;
    try (Sidecar sidecar = new Sidecar(options);
        ModelgateClient client =
            ModelgateClient.builder().socket(socket).deadline(Duration.ofSeconds(10)).build()) {
      Answer answer = client.check("user:ana@acme.com", SidecarBed.FRAUD, "predict");
      assertEquals("UNKNOWN_RESOURCE", answer.reason(), sidecar::toString);
    }
  }

  private static void setMode(@Nullable Path file, String mode) {
    try {
      Files.setPosixFilePermissions(
          Objects.requireNonNull(file), PosixFilePermissions.fromString(mode));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private CommandRun tls(String... args) {
    List<String> all = new ArrayList<>(List.of("--tls-cert", cert.toString()));
    all.addAll(List.of("--tls-key", key.toString()));
    all.addAll(List.of(args));
    return serve(all.toArray(String[]::new));
  }

  private CommandRun tls(Path certFile, Path keyFile) {
    return serve("--tls-cert", certFile.toString(), "--tls-key", keyFile.toString());
  }

  private CommandRun serve(String... args) {
    List<String> command = new ArrayList<>(List.of("serve", "--log-level", "error"));
    command.addAll(List.of("--port", "0", "--admin-port", "0", "--http-port", "0"));
    command.addAll(List.of("--socket", "none", "--data", directory.resolve("data").toString()));
    command.addAll(List.of(args));
    return CommandRun.of(command.toArray(String[]::new));
  }
}
