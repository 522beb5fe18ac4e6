package dev.modelgate.grpc;

import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.Set;

/**
 * Puts another interceptor before some methods of a service than before the others: those that
 * answer about one access need no credential, those that list need one (hazard 35).
 */
final class CredentialedMethods {
  private CredentialedMethods() {}

  /**
   * The service with an interceptor before each of its methods.
   *
   * @param others before all but the named methods
   * @param auth before the named methods
   * @param bareNames their names without the service's
   * @throws IllegalArgumentException when the service has not all of them
   */
  static ServerServiceDefinition of(
      ServerServiceDefinition service,
      ServerInterceptor others,
      ServerInterceptor auth,
      Set<String> bareNames) {
    ServerServiceDefinition.Builder built =
        ServerServiceDefinition.builder(service.getServiceDescriptor());
    int found = 0;
    for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
      if (bareNames.contains(method.getMethodDescriptor().getBareMethodName())) {
        built.addMethod(intercepted(method, auth));
        found++;
      } else {
        built.addMethod(intercepted(method, others));
      }
    }
    if (found != bareNames.size()) {
      throw new IllegalArgumentException(
          service.getServiceDescriptor().getName() + " has not all of " + bareNames);
    }
    return built.build();
  }

  private static <Q, A> ServerMethodDefinition<Q, A> intercepted(
      ServerMethodDefinition<Q, A> method, ServerInterceptor auth) {
    ServerCallHandler<Q, A> next = method.getServerCallHandler();
    return method.withServerCallHandler((call, headers) -> auth.interceptCall(call, headers, next));
  }
}
