package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.store.rocksdb.NewerStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts that cannot succeed: one line, exit code 2, and nothing left behind. */
final class StartFailureTest {
  private static final long WAIT_SECONDS_MAX = 10;

  @TempDir Path directory;

  @Test
  void portInUse_isNamedForEachOfTheThree() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      serve("--port", port).assertRefused("error: port " + port + ": cannot listen there");
      serve("--admin-port", port)
          .assertRefused("error: admin port " + port + ": cannot listen there");
      serve("--http-port", port)
          .assertRefused("error: http port " + port + ": cannot listen there");
    }
  }

  @Test
  void lastStepThatFails_leavesNoLockSocketPortOrThread() throws IOException {
    Set<String> before = threads();
    int dataPort;
    int httpPort;
    try (ServerSocket data = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerSocket http = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      dataPort = data.getLocalPort();
      httpPort = http.getLocalPort();
    }
    Path socket = directory.resolve("s");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      // The admin plane listens last.
      serve(
              "--port",
              Integer.toString(dataPort),
              "--http-port",
              Integer.toString(httpPort),
              "--admin-port",
              Integer.toString(taken.getLocalPort()),
              "--socket",
              socket.toString())
          .assertRefused("admin port");
    }
    assertFalse(Files.exists(socket));
    for (int port : List.of(dataPort, httpPort)) {
      new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS_MAX);
    while (!before.containsAll(threads()) && System.nanoTime() < deadline) {
      LockSupport.parkNanos(1_000_000);
    }
    assertTrue(before.containsAll(threads()), () -> "left: " + threads());
    new SidecarBed(directory.resolve("data")).close();
  }

  @Test
  void socketPath_mayHave107BytesAndNoMore() throws IOException {
    Path longest = pathOfBytes(107);
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.socket = longest.toString();
    try (SidecarBed bed = new SidecarBed(options)) {
      assertEquals(longest, bed.sidecar().servers().socket().orElseThrow());
      assertEquals(
          "rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(longest)));
    }
    assertFalse(Files.exists(longest), "a stop removes its socket");
    serve("--socket", pathOfBytes(108).toString())
        .assertRefused("its path has 108 bytes (expected: at most 107)");
  }

  @Test
  void staleSocket_isReplaced() throws IOException {
    Path socket = directory.resolve("s");
    listen(socket).close();
    assertTrue(Files.exists(socket));
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.socket = socket.toString();
    try (SidecarBed bed = new SidecarBed(options);
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      assertEquals(socket, bed.sidecar().servers().socket().orElseThrow());
      assertTrue(client.connect(UnixDomainSocketAddress.of(socket)));
    }
  }

  @Test
  void socketOfALiveProcess_isRefusedAndLeftAlone() throws IOException {
    Path socket = directory.resolve("s");
    try (ServerSocketChannel other = listen(socket)) {
      serve("--socket", socket.toString()).assertRefused("another process listens there");
      try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        assertTrue(client.connect(UnixDomainSocketAddress.of(socket)));
      }
      assertTrue(other.isOpen());
    }
  }

  @Test
  void otherFileAtTheSocketPath_isRefusedAndLeftAlone() throws IOException {
    Path file = Files.writeString(directory.resolve("s"), "precious");
    serve("--socket", file.toString()).assertRefused("there is a file of that name");
    assertEquals("precious", Files.readString(file));
    serve("--socket", directory.resolve("none/s").toString()).assertRefused("cannot listen there");
  }

  @Test
  void dataDirectoryOfANewerSchema_isRefused() throws IOException {
    Path data = Files.createTempDirectory(directory, "newer");
    NewerStore.create(data.resolve("store"));
    serve("--data", data.toString()).assertRefused("has the newer schema 1000 (expected: ");
  }

  @Test
  void dataDirectoryBelowAFile_isRefused() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "x");
    serve("--data", file.resolve("a/b").toString()).assertRefused("data directory " + file);
    serve("--data", file.toString()).assertRefused("is not a directory");
  }

  @Test
  void dataDirectoryWithoutRights_isRefused() throws IOException {
    Path closed = Files.createDirectory(directory.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-x------"));
    if (Files.isWritable(closed)) {
      // The superuser may write there, but nobody may make a directory in /proc.
      serve("--data", "/proc/modelgate")
          .assertRefused("data directory /proc/modelgate: cannot be made");
    } else {
      serve("--data", closed.toString()).assertRefused("no right to write");
      serve("--data", closed.resolve("x").toString()).assertRefused("cannot be made or read");
    }
  }

  @Test
  void dataDirectoryOpenToOthers_isRefusedAndLeftAsItIs() throws IOException {
    Path data = directory.resolve("data");
    new SidecarBed(data).close();
    for (String mode : List.of("rwxr-xr-x", "rwxrwx---", "rwxr-x--x")) {
      Files.setPosixFilePermissions(data, PosixFilePermissions.fromString(mode));
      serve("--data", data.toString()).assertRefused("(expected: 0750 or narrower)");
      assertEquals(mode, PosixFilePermissions.toString(Files.getPosixFilePermissions(data)));
    }
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
    serve("--data", data.toString()).assertRefused("its mode is 0755 ");
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    new SidecarBed(data).close();
  }

  @Test
  void emptyDataDirectory_isTightenedAndANewOneIsMadeTight() throws IOException {
    Path empty = Files.createDirectory(directory.resolve("empty"));
    Files.setPosixFilePermissions(empty, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path fresh = directory.resolve("a/b");
    for (Path data : List.of(empty, fresh)) {
      new SidecarBed(data).close();
      assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(data)));
      assertEquals(
          "rw-------",
          PosixFilePermissions.toString(
              Files.getPosixFilePermissions(data.resolve("admin.token"))));
    }
  }

  @Test
  void tokenThatOthersMayRead_isRefused() throws IOException {
    Path data = directory.resolve("data");
    new SidecarBed(data).close();
    Path token = data.resolve("admin.token");
    for (String mode : List.of("rw-r-----", "rw----r--", "rwx------")) {
      Files.setPosixFilePermissions(token, PosixFilePermissions.fromString(mode));
      serve("--data", data.toString()).assertRefused("admin.token: its mode is 0");
    }
    Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("r--------"));
    new SidecarBed(data).close();
  }

  @Test
  void tokenThatIsTooShort_isRefused() throws IOException {
    Path data = directory.resolve("data");
    new SidecarBed(data).close();
    Files.writeString(data.resolve("admin.token"), "short\n");
    serve("--data", data.toString()).assertRefused("the token is shorter than 32 characters");
  }

  /** On free ports and without a socket, unless the arguments say otherwise. */
  private CommandRun serve(String... args) {
    List<String> command = new ArrayList<>(List.of("serve", "--log-level", "error"));
    command.addAll(List.of(args));
    for (String port : List.of("--port", "--admin-port", "--http-port")) {
      addUnlessThere(command, port, "0");
    }
    addUnlessThere(command, "--socket", "none");
    addUnlessThere(command, "--data", directory.resolve("data").toString());
    return CommandRun.of(command.toArray(String[]::new));
  }

  private static void addUnlessThere(List<String> command, String option, String value) {
    if (!command.contains(option)) {
      command.addAll(List.of(option, value));
    }
  }

  private Path pathOfBytes(int bytes) {
    int prefix = directory.toString().getBytes(StandardCharsets.UTF_8).length + 1;
    return directory.resolve("s".repeat(bytes - prefix));
  }

  private static ServerSocketChannel listen(Path socket) throws IOException {
    return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket));
  }

  private static Set<String> threads() {
    Set<String> names = new TreeSet<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("modelgate")) {
        names.add(thread.getName() + " " + thread.getId());
      }
    }
    return names;
  }
}
