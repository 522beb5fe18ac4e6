package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.modelgate.client.Answer;
import dev.modelgate.client.ModelgateClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose the socket is, who may use it, and that a client who may is answered. */
final class SocketModeTest {
  private static final Map<String, String> MODES =
      Map.of("0600", "rw-------", "0660", "rw-rw----", "0666", "rw-rw-rw-");

  @TempDir Path directory;

  @Test
  void mode_thatIsSet_isThatOfTheSocket() throws IOException {
    for (Map.Entry<String, String> mode : MODES.entrySet()) {
      Path data = directory.resolve(mode.getKey());
      withSocket(
          data,
          options -> options.socketMode = mode.getKey(),
          socket -> {
            assertEquals(
                mode.getValue(),
                PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            assertAnswered(socket);
          });
    }
  }

  @Test
  void group_thatIsSet_isThatOfTheSocketWhoseOwnerStaysTheProcess() throws IOException {
    Object group = Files.getAttribute(directory, "unix:gid");
    withSocket(
        directory.resolve("data"),
        options -> options.socketGroup = group.toString(),
        socket -> {
          assertEquals(group, Files.getAttribute(socket, "unix:gid"));
          assertEquals(
              Files.getAttribute(Path.of("/proc/self"), "unix:uid"),
              Files.getAttribute(socket, "unix:uid"));
          assertAnswered(socket);
        });
  }

  @Test
  void group_thatIsNone_isRefusedAndLeavesNoSocket() {
    Path data = directory.resolve("data");
    CommandRun.of(
            "serve",
            "--log-level",
            "error",
            "--data",
            data.toString(),
            "--socket-group",
            "no such",
            "--port",
            "0",
            "--admin-port",
            "0",
            "--http-port",
            "0")
        .assertRefused("modelgate.sock: there is no group no such");
    assertFalse(Files.exists(data.resolve("modelgate.sock")));
  }

  /** What is to be found out about a socket. */
  @FunctionalInterface
  private interface Look {
    void at(Path socket) throws IOException;
  }

  private static void withSocket(Path data, Consumer<ServeOptions> change, Look look)
      throws IOException {
    ServeOptions options = SidecarBed.options(data);
    Path socket = data.resolve("modelgate.sock");
    options.socket = socket.toString();
    change.accept(options);
    try (Sidecar sidecar = new Sidecar(options)) {
      assertEquals(socket, sidecar.servers().socket().orElseThrow());
      look.at(socket);
    }
  }

  private static void assertAnswered(Path socket) {
    try (ModelgateClient client =
        ModelgateClient.builder().socket(socket).deadline(Duration.ofSeconds(10)).build()) {
      Answer answer = client.check("user:ana@acme.com", SidecarBed.FRAUD, "predict");
      assertEquals("UNKNOWN_RESOURCE", answer.reason());
    }
  }
}
