package dev.modelgate.bench;

import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.util.Locale;

/**
 * The service under test with two methods more: an echo of the same messages, which is what a check
 * is compared with, and a check whose cache is too small for the questions.
 */
final class EchoedService implements BindableService {
  private static final CheckResponse ECHOED =
      CheckResponse.newBuilder()
          .setDecision(Decision.DECISION_ALLOW)
          .setRevision("AVlte_VCesnAIwAAAAAAEAAAFQ")
          .build();

  private final BindableService hot;
  private final BindableService cold;

  EchoedService(BindableService hot, BindableService cold) {
    this.hot = hot;
    this.cold = cold;
  }

  /** The method of that name: {@code echo}, {@code check} or {@code cold}. */
  static MethodDescriptor<CheckRequest, CheckResponse> method(String name) {
    String bare = name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1);
    return AuthorizationServiceGrpc.getCheckMethod().toBuilder()
        .setFullMethodName(
            MethodDescriptor.generateFullMethodName(AuthorizationServiceGrpc.SERVICE_NAME, bare))
        .setSchemaDescriptor(null)
        .build();
  }

  @Override
  @SuppressWarnings({"unchecked", "rawtypes"})
  public ServerServiceDefinition bindService() {
    ServerServiceDefinition.Builder all =
        ServerServiceDefinition.builder(AuthorizationServiceGrpc.SERVICE_NAME);
    for (ServerMethodDefinition<?, ?> method : hot.bindService().getMethods()) {
      all.addMethod(method);
    }
    all.addMethod(
        method("echo"),
        ServerCalls.asyncUnaryCall(
            (request, observer) -> {
              observer.onNext(ECHOED);
              observer.onCompleted();
            }));
    ServerMethodDefinition check =
        cold.bindService().getMethod(AuthorizationServiceGrpc.getCheckMethod().getFullMethodName());
    all.addMethod(method("cold"), check.getServerCallHandler());
    return all.build();
  }
}
