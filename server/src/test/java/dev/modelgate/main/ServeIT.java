package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import dev.modelgate.v1.WatchChangesRequest;
import dev.modelgate.v1.WatchChangesResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process: its flags, its signals, its exit codes, its output. */
final class ServeIT {
  private static final List<String> ONE_PROCESS =
      Runtime.version().feature() < 24
          ? List.of("-Xmx96m")
          : List.of("-Xmx96m", "--sun-misc-unsafe-memory-access=allow");

  @TempDir Path directory;

  @Test
  void sigterm_withStreamsOpen_stopsInTimeWithZeroAndTheTokenWasNeverPrinted() throws Exception {
    Map<String, String> environment = Map.of("MODELGATE_LOG_FORMAT", "json");
    Path data = directory.resolve("data");
    try (JarProcess sidecar =
        JarProcess.serve(
            environment, ONE_PROCESS, data, "--log-level=trace", "--drain-seconds=1")) {
      String token = Files.readString(data.resolve("admin.token")).strip();
      ManagedChannel checking = channel(sidecar.port("data"));
      ManagedChannel admin = channel(sidecar.port("admin"));
      try {
        admin(admin, token)
            .createOrganization(
                CreateOrganizationRequest.newBuilder().setOrganizationId("acme").build());
        assertThrows(
            StatusRuntimeException.class,
            () ->
                admin(admin, "not-" + token)
                    .createOrganization(CreateOrganizationRequest.getDefaultInstance()));
        Collected<StreamCheckResponse> checks = new Collected<>();
        StreamObserver<StreamCheckRequest> questions =
            AuthorizationServiceGrpc.newStub(checking).streamCheck(checks);
        questions.onNext(StreamCheckRequest.newBuilder().setCheck(question()).build());
        Collected<WatchChangesResponse> changes = new Collected<>();
        AdminServiceGrpc.newStub(admin)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(bearer(token)))
            .watchChanges(
                WatchChangesRequest.newBuilder().setOrganization("organizations/acme").build(),
                changes);
        Probe.await("an answer", () -> !checks.answers().isEmpty());
        Probe probe = new Probe(sidecar.port("http"));
        assertEquals(200, probe.status("/readyz"));
        assertFalse(probe.body("/metrics").contains(token));

        sidecar.stop();
        assertTrue(sidecar.process().waitFor(1 + 15, TimeUnit.SECONDS));
        assertEquals(0, sidecar.process().exitValue());
        assertFalse(checks.end().isOk());
        assertFalse(changes.end().isOk());
      } finally {
        checking.shutdownNow();
        admin.shutdownNow();
      }
      List<String> said = sidecar.rest().lines().toList();
      assertTrue(said.size() >= 2, "it says at least that it stops");
      for (String line : said) {
        assertFalse(line.contains(token), line);
        JsonFormat.parser().merge(line, Struct.newBuilder());
      }
    }
    assertFalse(Files.exists(data.resolve("modelgate.sock")));
  }

  @Test
  void secondProcess_keepsTheFlagsAndEndsWithAKilledParent() throws Exception {
    Map<String, String> environment =
        Map.of(
            "JAVA_TOOL_OPTIONS", "-Dmodelgate.test.tool=1",
            "JDK_JAVA_OPTIONS", "-Dmodelgate.test.jdk='a b'");
    List<String> flags = List.of("-Dmodelgate.test.flag=x y", "-XX:+UseParallelGC");
    try (JarProcess sidecar =
        JarProcess.serve(
            environment, flags, directory.resolve("data"), "--heap", "80m", "--socket", "none")) {
      ProcessHandle worker = sidecar.worker();
      assertFalse(worker.equals(sidecar.process().toHandle()), "there is a second process");
      List<String> command = command(worker);
      assertTrue(
          command.containsAll(
              List.of("-Xmx80m", "-XX:+UseParallelGC", "-Dmodelgate.test.flag=x y")),
          command.toString());
      assertFalse(command.contains("-XX:+UseSerialGC"), command.toString());
      assertFalse(command.toString().contains("modelgate.test.tool"), command.toString());
      sidecar.process().destroyForcibly();
      Probe.await("the end of the second process", () -> !worker.isAlive());
    }
  }

  @Test
  void secondProcess_givesItsExitCodeBackAndGetsSignals() throws Exception {
    try (JarProcess killed = JarProcess.serve(List.of(), directory.resolve("data"))) {
      assertTrue(killed.worker().destroyForcibly());
      assertEquals(128 + 9, killed.exitCode());
    }
    // The lock and the socket that it left behind hold up nobody.
    try (JarProcess again = JarProcess.serve(List.of(), directory.resolve("data"))) {
      ProcessHandle worker = again.worker();
      assertTrue(command(worker).containsAll(List.of("-Xmx192m", "-XX:+UseSerialGC")));
      assertEquals(200, new Probe(again.port("http")).status("/readyz"));
      again.stop();
      assertEquals(0, again.exitCode());
      assertFalse(worker.isAlive());
    }
  }

  @Test
  void killed_leavesNothingInTheTemporaryDirectory() throws Exception {
    Path temporary = Files.createDirectory(directory.resolve("tmp"));
    List<String> flags = List.of("-Djava.io.tmpdir=" + temporary);
    try (JarProcess sidecar = JarProcess.serve(flags, directory.resolve("data"))) {
      assertTrue(sidecar.worker().destroyForcibly());
      assertEquals(128 + 9, sidecar.exitCode());
    }
    try (Stream<Path> left = Files.list(temporary)) {
      assertEquals(List.of(), left.toList());
    }
  }

  private static List<String> command(ProcessHandle process) throws IOException {
    Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
    return List.of(Files.readString(file, StandardCharsets.UTF_8).split("\0", -1));
  }

  private static CheckRequest question() {
    return CheckRequest.newBuilder()
        .setPrincipal("user:ana@acme.com")
        .setModel("organizations/acme/models/none")
        .setAction("predict")
        .build();
  }

  private static AdminServiceGrpc.AdminServiceBlockingStub admin(
      ManagedChannel channel, String token) {
    return AdminServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(bearer(token)))
        .withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  private static Metadata bearer(String token) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return headers;
  }

  private static ManagedChannel channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }
}
