package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import io.grpc.ManagedChannel;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What grpcurl asks before it calls: without it nobody without the proto files gets anywhere. */
final class ReflectionTest {
  @TempDir Path directory;

  private SidecarBed bed;

  @BeforeEach
  void begin() throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.proxy.protectFile =
        Files.writeString(
            directory.resolve("protect.yaml"),
            "{parent: organizations/acme, protocols: openai, principal: {header: x-user}}");
    bed = new SidecarBed(options);
  }

  @AfterEach
  void end() {
    bed.close();
  }

  @Test
  void reflection_onBothPlanes_describesTheirServices() throws Exception {
    describes(bed.dataChannel(), "modelgate.v1.AuthorizationService");
    describes(bed.dataChannel(), "envoy.service.auth.v3.Authorization");
    describes(bed.adminChannel(), "modelgate.v1.AdminService");
    describes(bed.adminChannel(), "google.iam.v1.IAMPolicy");
  }

  private static void describes(ManagedChannel channel, String service) throws Exception {
    ServerReflectionRequest list = ServerReflectionRequest.newBuilder().setListServices("").build();
    Set<String> listed =
        ask(channel, list).getListServicesResponse().getServiceList().stream()
            .map(ServiceResponse::getName)
            .collect(Collectors.toSet());
    for (String name :
        List.of(
            service,
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "grpc.reflection.v1alpha.ServerReflection")) {
      assertTrue(listed.contains(name), () -> name + " is not in " + listed);
    }
    ServerReflectionRequest symbol =
        ServerReflectionRequest.newBuilder().setFileContainingSymbol(service).build();
    FileDescriptorProto file =
        FileDescriptorProto.parseFrom(
            ask(channel, symbol).getFileDescriptorResponse().getFileDescriptorProto(0));
    assertEquals(service.substring(0, service.lastIndexOf('.')), file.getPackage());
  }

  private static ServerReflectionResponse ask(
      ManagedChannel channel, ServerReflectionRequest request) throws Exception {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> out =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable t) {
                    answer.completeExceptionally(t);
                  }

                  @Override
                  public void onCompleted() {}
                });
    out.onNext(request);
    out.onCompleted();
    return answer.get(20, TimeUnit.SECONDS);
  }
}
