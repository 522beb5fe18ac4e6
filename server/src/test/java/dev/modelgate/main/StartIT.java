package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts that need a second real process; the others are in {@link StartFailureTest}. */
final class StartIT {
  private static final List<String> NO_FLAGS = List.of();

  @TempDir Path directory;

  @Test
  void serve_staleSocket_isReplaced_andALiveOneIsNot() throws Exception {
    Path socket = directory.resolve("s.sock");
    try (JarProcess first =
        JarProcess.serve(NO_FLAGS, directory.resolve("one"), "--socket", socket.toString())) {
      JarProcess.run(
              NO_FLAGS,
              "serve",
              "--data",
              directory.resolve("two").toString(),
              "--socket",
              socket.toString(),
              "--port",
              "0",
              "--admin-port",
              "0",
              "--http-port",
              "0")
          .assertRefused("socket");
      first.process().descendants().forEach(ProcessHandle::destroyForcibly);
      first.process().destroyForcibly();
      assertTrue(first.process().waitFor(30, TimeUnit.SECONDS));
    }
    assertTrue(Files.exists(socket), "the killed process cannot have removed its socket");
    try (JarProcess again =
        JarProcess.serve(NO_FLAGS, directory.resolve("three"), "--socket", socket.toString())) {
      assertEquals(
          "rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
      again.process().destroy();
      assertTrue(again.process().waitFor(30, TimeUnit.SECONDS));
    }
    assertFalse(Files.exists(socket), "a clean stop removes the socket");
  }

  @Test
  void serve_withAHeapOfTheUsers_isOneProcess() throws Exception {
    try (JarProcess jar = JarProcess.serve(List.of("-Xmx128m"), directory.resolve("own"))) {
      assertEquals(0, jar.process().descendants().count());
    }
  }
}
