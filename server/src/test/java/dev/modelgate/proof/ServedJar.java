package dev.modelgate.proof;

import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.BufferedReader;
import java.io.IOException;
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

/** The built jar, serving in a process of its own on free ports, with stubs. */
final class ServedJar implements AutoCloseable {
  private static final int STOP_SECONDS_MAX = 60;

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
    while (line != null && !line.equals("serving")) {
      if (line.matches("(data|admin) plane 127.0.0.1:\\d+")) {
        int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1));
        ports.put(line.substring(0, line.indexOf(' ')), port);
      }
      line = lines.readLine();
    }
    this.dataChannel = channel(ports.getOrDefault("data", 0));
    this.adminChannel = channel(ports.getOrDefault("admin", 0));
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
        List.of("--admin-address", "127.0.0.1:" + ports.get("admin"), "--data", data.toString()));
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

  @Override
  public void close() {
    dataChannel.shutdownNow();
    adminChannel.shutdownNow();
    process.destroy();
    try {
      process.onExit().get(STOP_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      process.destroyForcibly();
      throw new AssertionError("the server did not stop within " + STOP_SECONDS_MAX + " s", e);
    }
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
