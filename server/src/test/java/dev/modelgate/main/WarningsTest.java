package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.tls.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is turned off says so in the log at every start, and nothing does that is not. */
final class WarningsTest {
  @TempDir Path directory;

  @Test
  void start_withNothingTurnedOff_warnsOfNothing() throws IOException {
    assertEquals(List.of(), warnings(options -> {}));
  }

  @Test
  void everyPlaneThatOthersReachWithoutTls_isWarnedOf_atEveryStart() throws IOException {
    Consumer<ServeOptions> open =
        options -> {
          options.listen = "0.0.0.0";
          options.adminListen = "0.0.0.0";
          options.httpListen = "0.0.0.0";
          options.insecureListen = true;
        };
    for (int start = 0; start < 2; start++) {
      List<String> warnings = warnings(open);
      assertEquals(3, warnings.size(), warnings::toString);
      for (String plane : List.of("data", "admin", "http")) {
        assertTrue(
            warnings.stream()
                .anyMatch(
                    said ->
                        said.startsWith("INSECURE: ")
                            && said.contains(
                                "reach the " + plane + " plane at 0.0.0.0 without TLS")),
            warnings::toString);
      }
    }
  }

  @Test
  void insecureListen_onLoopback_warnsOfNothing() throws IOException {
    assertEquals(List.of(), warnings(options -> options.insecureListen = true));
  }

  @Test
  void callersWithoutACredentialFromAnywhere_areWarnedOf() throws IOException {
    assertEquals(
        List.of(
            "unauthenticated: anybody who reaches the data plane is answered, without a credential"),
        warnings(options -> options.identity.unauthenticated = "anywhere"));
  }

  @Test
  void socketThatEverybodyMayOpen_isWarnedOf() throws IOException {
    assertEquals(
        List.of("socket-mode 0666: whoever can reach the socket's directory may ask"),
        warnings(
            options -> {
              options.socket = directory.resolve("socket").toString();
              options.socketMode = "0666";
            }));
  }

  @Test
  void keyThatOthersMayRead_isWarnedOf() throws IOException {
    Path cert = directory.resolve("tls.crt");
    Path key = directory.resolve("tls.key");
    TestAuthority.create("servers").server("dns:localhost").write(cert, key);
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    assertEquals(
        List.of("insecure-tls-key: other users of this machine have rights on " + key),
        warnings(
            options -> {
              options.tls.cert = cert;
              options.tls.key = key;
              options.tls.insecureKey = true;
            }));
  }

  /** What a start and a stop warn of. */
  private List<String> warnings(Consumer<ServeOptions> change) throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    change.accept(options);
    try (LogWatch watch = new LogWatch()) {
      new Sidecar(options).close();
      return watch.warnings();
    }
  }
}
