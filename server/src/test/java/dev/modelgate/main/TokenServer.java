package dev.modelgate.main;

import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A prediction server that answers a request with tokens without end, every {@value #TOKEN_MS} ms,
 * until its handler hears that the call is cancelled.
 */
final class TokenServer implements AutoCloseable {
  static final String METHOD = "tokens.TokenService/Generate";
  static final MethodDescriptor<CheckRequest, CheckResponse> GENERATE =
      MethodDescriptor.<CheckRequest, CheckResponse>newBuilder()
          .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
          .setFullMethodName(METHOD)
          .setRequestMarshaller(ProtoUtils.marshaller(CheckRequest.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(CheckResponse.getDefaultInstance()))
          .build();

  private static final long TOKEN_MS = 250;

  private final Set<ServerCallStreamObserver<CheckResponse>> running =
      ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final Server server;

  TokenServer(ServerInterceptor interceptor) throws IOException {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("tokens.TokenService")
            .addMethod(
                GENERATE,
                ServerCalls.asyncServerStreamingCall(
                    (request, observer) ->
                        generate((ServerCallStreamObserver<CheckResponse>) observer)))
            .build();
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(ServerInterceptors.intercept(service, interceptor))
            .build()
            .start();
    var unused =
        timer.scheduleWithFixedDelay(this::token, TOKEN_MS, TOKEN_MS, TimeUnit.MILLISECONDS);
  }

  int port() {
    return server.getPort();
  }

  /** The calls whose handlers have not heard that they are cancelled. */
  int running() {
    return running.size();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    server.shutdownNow();
  }

  private void generate(ServerCallStreamObserver<CheckResponse> observer) {
    observer.setOnCancelHandler(() -> running.remove(observer));
    observer.onNext(CheckResponse.getDefaultInstance());
    running.add(observer); // From now on the timer's thread writes.
    if (observer.isCancelled()) {
      running.remove(observer);
    }
  }

  private void token() {
    running.forEach(observer -> observer.onNext(CheckResponse.getDefaultInstance()));
  }
}
