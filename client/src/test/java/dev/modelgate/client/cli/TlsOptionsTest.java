package dev.modelgate.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.ScriptedAuthorization;
import dev.modelgate.client.cli.CliBed.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the options and variables of TLS mean together; real handshakes are the server's tests. */
final class TlsOptionsTest {
  @TempDir Path data;

  private CliBed bed;

  @BeforeEach
  void open() {
    bed = new CliBed(data);
  }

  @AfterEach
  void close() {
    bed.close();
  }

  @Test
  void address_beyondThisMachine_needsTls() {
    for (List<String> command :
        List.of(
            List.of("check", "user:a", "m", "predict", "--address", "10.0.0.1:7070"),
            List.of("roles", CliBed.FRAUD, "--admin-address", "10.0.0.1:7071"))) {
      Run run = bed.run(command.toArray(String[]::new));
      assertEquals(2, run.exitCode());
      assertTrue(run.err().contains("expected: loopback"), run.err());
      assertTrue(run.err().contains("--tls-ca turns TLS on"), run.err());
    }
  }

  @Test
  void halves_ofTls_areRefused() {
    assertError("they need --tls-ca", "--tls-cert", "a.crt", "--tls-key", "a.key");
    assertError("they need --tls-ca", "--tls-server-name", "gate");
    assertError("need each other", "--tls-ca", "system", "--tls-cert", "a.crt");
    assertError("need each other", "--tls-ca", "system", "--tls-key", "a.key");
    assertError("--socket needs no TLS", "--tls-ca", "system", "--socket", "s.sock");
  }

  @Test
  void file_thatIsOfNoUse_isNamed() {
    Path none = data.resolve("none.pem");
    assertError("error: TLS: " + none + ": there is no such file", "--tls-ca", none.toString());
  }

  @Test
  void variables_standForOptionsThatAreNotGiven() {
    bed.variables.put("MODELGATE_CLI_TLS_CERT", "env.crt");
    assertError("they need --tls-ca");
    bed.variables.put("MODELGATE_CLI_TLS_CA", "env-ca.pem");
    assertError("need each other");
    bed.variables.put("MODELGATE_CLI_TLS_KEY", "env.key");
    assertError("TLS: env-ca.pem: there is no such file");
    assertError("TLS: env.crt: there is no such file", "--tls-ca", "system");
    bed.variables.putAll(Map.of("MODELGATE_CLI_TLS_CERT", "", "MODELGATE_CLI_TLS_KEY", " "));
    bed.variables.put("MODELGATE_CLI_TLS_CA", "");
    bed.variables.put("MODELGATE_CLI_TLS_SERVER_NAME", "gate");
    assertError("they need --tls-ca");
  }

  @Test
  void socket_thatIsNamed_isAskedWhateverTheEnvironmentSays() throws IOException {
    if (!System.getProperty("os.name").startsWith("Linux")) {
      return; // Elsewhere there is no socket.
    }
    ScriptedAuthorization sidecar = ScriptedAuthorization.answering(ScriptedAuthorization.ALLOW);
    Path socket = data.resolve("modelgate.sock");
    bed.serve(sidecar, socket);
    bed.variables.put("MODELGATE_CLI_TLS_CA", "system");
    Run run = bed.run("check", "user:a", "m", "predict", "--socket", socket.toString());
    assertEquals(0, run.exitCode(), run.err());
  }

  private void assertError(String expected, String... options) {
    List<String> command = new ArrayList<>(List.of("check", "user:a", "m", "predict"));
    command.addAll(List.of(options));
    Run run = bed.run(command.toArray(String[]::new));
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains(expected), run.err());
  }
}
