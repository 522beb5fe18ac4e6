package dev.modelgate.bench;

import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.Map;

/** The service under test with methods more: checks of the same state with other caches. */
final class PlaneService implements BindableService {
  private final BindableService service;
  private final Map<String, BindableService> others;

  /**
   * @param others whose Check is offered under the name that is their key
   */
  PlaneService(BindableService service, Map<String, BindableService> others) {
    this.service = service;
    this.others = Map.copyOf(others);
  }

  /** A method with the messages of Check, named in camel case with a capital. */
  static MethodDescriptor<CheckRequest, CheckResponse> method(String name) {
    return AuthorizationServiceGrpc.getCheckMethod().toBuilder()
        .setFullMethodName(
            MethodDescriptor.generateFullMethodName(AuthorizationServiceGrpc.SERVICE_NAME, name))
        .setSchemaDescriptor(null)
        .build();
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"})
  public ServerServiceDefinition bindService() {
    ServerServiceDefinition.Builder all =
        ServerServiceDefinition.builder(AuthorizationServiceGrpc.SERVICE_NAME);
    for (ServerMethodDefinition<?, ?> method : service.bindService().getMethods()) {
      all.addMethod(method);
    }
    String check = AuthorizationServiceGrpc.getCheckMethod().getFullMethodName();
    others.forEach(
        (name, other) -> {
          ServerMethodDefinition method = other.bindService().getMethod(check);
          all.addMethod(method(name), method.getServerCallHandler());
        });
    return all.build();
  }
}
