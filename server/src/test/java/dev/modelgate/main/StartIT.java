package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.store.rocksdb.NewerStore;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a sidecar from starting is said in one line, with exit code 2. */
final class StartIT {
  private static final List<String> NO_FLAGS = List.of();

  @TempDir Path directory;

  @Test
  void serve_portInUse_saysWhichOne() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      String data = directory.resolve("a").toString();
      for (String flag : List.of("--port", "--admin-port", "--http-port")) {
        JarProcess.Ended ended =
            JarProcess.run(
                NO_FLAGS,
                "serve",
                "--data",
                data,
                "--socket",
                "none",
                "--port",
                flag.equals("--port") ? port : "0",
                "--admin-port",
                flag.equals("--admin-port") ? port : "0",
                "--http-port",
                flag.equals("--http-port") ? port : "0");
        ended.assertRefused(flag.substring(2).replace('-', ' ') + " " + port);
      }
    }
  }

  @Test
  void serve_directoryThatCannotBeMade_saysSo() throws Exception {
    // Below /proc nobody creates anything, not even root.
    JarProcess.run(NO_FLAGS, "serve", "--data", "/proc/modelgate").assertRefused("/proc/modelgate");
    Path file = Files.writeString(directory.resolve("file"), "x");
    JarProcess.run(NO_FLAGS, "serve", "--data", file.resolve("below").toString())
        .assertRefused("below");
  }

  @Test
  void serve_directoryOfANewerVersion_isLeftAlone() throws Exception {
    Path data = directory.resolve("newer");
    Files.createDirectories(data);
    NewerStore.create(data.resolve("store"));
    JarProcess.run(
            NO_FLAGS,
            "serve",
            "--data",
            data.toString(),
            "--port",
            "0",
            "--admin-port",
            "0",
            "--http-port",
            "0")
        .assertRefused("newer schema");
  }

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
  void serve_launcherKilled_endsTheServerToo() throws Exception {
    try (JarProcess jar = JarProcess.serve(NO_FLAGS, directory.resolve("killed"))) {
      List<ProcessHandle> children = jar.process().descendants().toList();
      assertEquals(1, children.size(), "serve starts itself once more with a bounded heap");
      jar.process().destroyForcibly();
      children.get(0).onExit().get(30, TimeUnit.SECONDS);
    }
    try (JarProcess again = JarProcess.serve(NO_FLAGS, directory.resolve("killed"))) {
      assertTrue(again.port("data") > 0);
    }
  }

  @Test
  void serve_withAHeapOfTheUsers_isOneProcess() throws Exception {
    try (JarProcess jar = JarProcess.serve(List.of("-Xmx128m"), directory.resolve("own"))) {
      assertEquals(0, jar.process().descendants().count());
    }
  }
}
