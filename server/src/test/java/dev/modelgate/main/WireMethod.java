package dev.modelgate.main;

import com.google.iam.v1.IAMPolicyGrpc;
import com.google.protobuf.Descriptors.Descriptor;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * One method of a running sidecar.
 *
 * @param name its full name
 * @param takesOne whether exactly one request is sent
 * @param needsCredential whether nobody is answered without one
 */
record WireMethod(
    ManagedChannel channel,
    String name,
    Descriptor request,
    boolean takesOne,
    boolean needsCredential) {
  private static final Set<String> OPEN =
      Set.of("Check", "BatchCheck", "StreamCheck", "WatchAccess", "ListActions");

  /** Those of our services, and of Google's. */
  static List<WireMethod> ours(SidecarBed bed) {
    List<WireMethod> all = new ArrayList<>();
    for (var method : AuthorizationServiceGrpc.getServiceDescriptor().getMethods()) {
      all.add(of(bed.dataChannel(), method, !OPEN.contains(method.getBareMethodName())));
    }
    for (ServiceDescriptor service :
        List.of(AdminServiceGrpc.getServiceDescriptor(), IAMPolicyGrpc.getServiceDescriptor())) {
      service.getMethods().forEach(method -> all.add(of(bed.adminChannel(), method, true)));
    }
    return all;
  }

  /** Those of health and reflection too. */
  static List<WireMethod> all(SidecarBed bed) {
    List<WireMethod> all = ours(bed);
    for (ManagedChannel channel : List.of(bed.dataChannel(), bed.adminChannel())) {
      for (ServiceDescriptor service :
          List.of(HealthGrpc.getServiceDescriptor(), ServerReflectionGrpc.getServiceDescriptor())) {
        service.getMethods().forEach(method -> all.add(of(channel, method, false)));
      }
    }
    return all;
  }

  private static WireMethod of(
      ManagedChannel channel, MethodDescriptor<?, ?> method, boolean needsCredential) {
    var schema =
        (ProtoMethodDescriptorSupplier) Objects.requireNonNull(method.getSchemaDescriptor());
    return new WireMethod(
        channel,
        method.getFullMethodName(),
        schema.getMethodDescriptor().getInputType(),
        method.getType().clientSendsOneMessage(),
        needsCredential);
  }
}
