package dev.modelgate.bench;

import dev.modelgate.main.Main;
import io.grpc.Metadata;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * A whole sidecar, as {@code serve} runs it, in a process of its own with a heap of 128 MB. It
 * listens on a socket in its data directory and for administrators on a port of loopback.
 */
final class ServeProcess implements AutoCloseable {
  private static final long STARTING_SECONDS_MAX = 120;
  private static final String ADMIN_PLANE = "admin plane 127.0.0.1:";

  private final Process process;
  private final Path data;
  private final Path socket;
  private final Started started;
  private final double foreignCores;

  /** What it said until it served. */
  private record Started(double seconds, int adminPort) {}

  private ServeProcess(
      Process process, Path data, Path socket, Started started, double foreignCores) {
    this.process = process;
    this.data = data;
    this.socket = socket;
    this.started = started;
    this.foreignCores = foreignCores;
  }

  /**
   * Starts one over the directory, and returns when it serves.
   *
   * @throws IllegalStateException if it does not within 120 s
   */
  static ServeProcess start(Path data) throws IOException {
    Path socket = data.resolve("serve.sock");
    Path errors = data.resolve("serve.err");
    ForeignCores foreign = new ForeignCores(List.of(ProcessHandle.current()));
    long begin = System.nanoTime();
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx128m",
                    "-XX:+UseSerialGC",
                    "-XX:MaxDirectMemorySize=128m",
                    "-classpath",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    "serve",
                    "--data=" + data,
                    "--socket=" + socket,
                    "--port=0",
                    "--admin-port=0",
                    "--http-port=0"))
            .redirectError(errors.toFile())
            .start();
    CompletableFuture<Started> serving = new CompletableFuture<>();
    // Reads to the end, or a server with much to say stands still.
    Thread reader = new Thread(() -> read(process, begin, serving), "serve-out");
    reader.setDaemon(true);
    reader.start();
    try {
      Started started = serving.orTimeout(STARTING_SECONDS_MAX, TimeUnit.SECONDS).join();
      double foreignCores = foreign.until(List.of(ProcessHandle.current(), process.toHandle()));
      return new ServeProcess(process, data, socket, started, foreignCores);
    } catch (CompletionException e) {
      process.destroyForcibly();
      throw new IllegalStateException("serve did not start: " + Files.readString(errors), e);
    }
  }

  private static void read(Process process, long begin, CompletableFuture<Started> serving) {
    int adminPort = 0;
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(ADMIN_PLANE)) {
          adminPort = Integer.parseInt(line.substring(ADMIN_PLANE.length()));
        }
        if (line.equals("serving")) {
          serving.complete(new Started((System.nanoTime() - begin) / 1e9, adminPort));
        }
      }
      serving.completeExceptionally(new IOException("it ended"));
    } catch (IOException e) {
      serving.completeExceptionally(e);
    }
  }

  /** From the start of the process until it said that it serves, in seconds. */
  double startSeconds() {
    return started.seconds();
  }

  /** How many cores others used until then. */
  double foreignCores() {
    return foreignCores;
  }

  /** Its process. */
  ProcessHandle handle() {
    return process.toHandle();
  }

  /** The port of the admin plane. */
  int adminPort() {
    return started.adminPort();
  }

  /** What a call of the system administrator carries. */
  Metadata credential() throws IOException {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + Files.readString(data.resolve("admin.token")).strip());
    return headers;
  }

  /** Its checks, asked these questions. */
  Subject subject(String questions) {
    return Subject.ofProcess("unix:" + socket, "", CallKinds.CHECK, questions, process.toHandle());
  }

  /** Its resident memory, in millions of bytes. */
  double residentMegabytes() throws IOException {
    return ChildServer.residentBytes(process.toHandle()) / 1e6;
  }

  @Override
  public void close() {
    // Its handle, for destroying the process itself would close what is being read.
    boolean unused = process.toHandle().destroy();
    ChildServer.end(process);
  }
}
