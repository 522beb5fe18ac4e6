package dev.modelgate.proof;

import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The built jar, serving in a process of its own on free ports, with stubs. */
final class ServedJar implements AutoCloseable {
  private static final int STOP_SECONDS_MAX = 60;

  private static final Pattern PORT =
      Pattern.compile("(data plane|admin plane|http) 127.0.0.1:(\\d+)");

  private final Process process;
  private final Path data;
  private final Map<String, Integer> ports = new HashMap<>();
  private final ManagedChannel dataChannel;
  private final ManagedChannel adminChannel;

  private ServedJar(Process process, Path data) throws IOException {
    this.process = process;
    this.data = data;
    BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
    String line = lines.readLine();
    StringBuilder said = new StringBuilder();
    while (line != null && !line.equals("serving")) {
      said.append(line).append('\n');
      Matcher port = PORT.matcher(line);
      if (port.matches()) {
        ports.put(port.group(1), Integer.valueOf(port.group(2)));
      }
      line = lines.readLine();
    }
    if (line == null) {
      throw new IOException("the server did not start: " + said);
    }
    // Somebody has to read on, or a server with much to say stands still.
    Thread reader = new Thread(() -> lines.lines().forEach(System.out::println), "served-jar");
    reader.setDaemon(true);
    reader.start();
    this.dataChannel = channel(port("data plane"));
    this.adminChannel = channel(port("admin plane"));
  }

  /** Starts it with a data directory and further flags, and waits until it serves. */
  static ServedJar start(Path data, String... flags) throws IOException {
    List<String> command = new ArrayList<>(List.of("serve", "--data", data.toString()));
    command.addAll(List.of("--port", "0", "--admin-port", "0", "--http-port", "0"));
    command.addAll(List.of(flags));
    return new ServedJar(run(command).redirectErrorStream(true).start(), data);
  }

  /** A command of the jar against this server. */
  ProcessBuilder admin(String... command) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(
        List.of("--admin-address", "127.0.0.1:" + port("admin plane"), "--data", data.toString()));
    return run(all);
  }

  AuthorizationServiceGrpc.AuthorizationServiceStub check() {
    return AuthorizationServiceGrpc.newStub(dataChannel);
  }

  AdminServiceGrpc.AdminServiceStub admin() throws IOException {
    return AdminServiceGrpc.newStub(adminChannel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token()));
  }

  AdminServiceGrpc.AdminServiceBlockingStub blockingAdmin() throws IOException {
    return AdminServiceGrpc.newBlockingStub(adminChannel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(token()));
  }

  /**
   * The sum of all samples of a metric with that name and with that label, {@code hit="true"}, or
   * with any for an empty one.
   */
  double metric(String name, String label) throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port("http") + "/metrics");
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    List<String> samples =
        response
            .body()
            .lines()
            .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
            .filter(line -> line.contains(label))
            .toList();
    if (samples.isEmpty()) {
      throw new AssertionError("no metric " + name + " " + label + " in:\n" + response.body());
    }
    return samples.stream()
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Override
  public void close() {
    dataChannel.shutdownNow();
    adminChannel.shutdownNow();
    // Its handle, for destroying the process itself would cut off what it says while it stops.
    boolean unused = process.toHandle().destroy();
    try {
      process.onExit().get(STOP_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      process.destroyForcibly();
      throw new AssertionError("the server did not stop within " + STOP_SECONDS_MAX + " s", e);
    }
  }

  private int port(String what) {
    Integer port = ports.get(what);
    if (port == null) {
      throw new IllegalStateException("the server named no port of its " + what);
    }
    return port;
  }

  private Metadata token() throws IOException {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + Files.readString(data.resolve("admin.token")).strip());
    return headers;
  }

  private static ProcessBuilder run(List<String> command) {
    List<String> whole = new ArrayList<>();
    whole.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    whole.addAll(List.of("-jar", System.getProperty("modelgate.jar")));
    whole.addAll(command);
    return new ProcessBuilder(whole);
  }

  private static ManagedChannel channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }
}
