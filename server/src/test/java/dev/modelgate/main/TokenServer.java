package dev.modelgate.main;

import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.grpc.ModelgateInterceptor;
import dev.modelgate.client.protect.Principals;
import dev.modelgate.client.protect.Protection;
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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A prediction server that answers a request with numbered tokens without end, every {@value
 * #TOKEN_MS} ms and each call at a time of its own, until its handler hears that the call is
 * cancelled.
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

  /** The protection document of it: field 2 of a request is the model. */
  static final String RULES =
      """
      parent: organizations/acme/environments/prod
      principal: {header: x-principal}
      grpc:
        tokens.TokenService:
          Generate: {action: predict, model: 2}
      """;

  private static final int TOKEN_MS = 250;
  private static final int TICK_MS = 10;

  private final Map<ServerCallStreamObserver<CheckResponse>, Tokens> running =
      new ConcurrentHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final Server server;
  private int tick;

  /** What a call was sent; for the thread that sends. */
  private static final class Tokens {
    final int turn;
    int sent;

    Tokens(int turn) {
      this.turn = turn;
    }

    CheckResponse next() {
      return CheckResponse.newBuilder().setReason(Integer.toString(++sent)).build();
    }
  }

  TokenServer(List<ServerInterceptor> interceptors) throws IOException {
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
            .addService(ServerInterceptors.intercept(service, interceptors))
            .build()
            .start();
    var unused = timer.scheduleAtFixedRate(this::token, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  /**
   * A process of its own: writes {@code port N}, and ends with its input.
   *
   * @param arguments none, or the port of a sidecar and the path of a protection document, by which
   *     the interceptor then goes
   */
  public static void main(String[] arguments) throws IOException {
    try (TokenServer server =
        new TokenServer(
            arguments.length == 0
                ? List.of()
                : List.of(interceptor(Integer.parseInt(arguments[0]), Path.of(arguments[1]))))) {
      System.out.println("port " + server.port());
      while (System.in.read() >= 0) {
        // Whoever started it says nothing, and closes its input in the end.
      }
    }
  }

  private static ServerInterceptor interceptor(int sidecar, Path document) {
    ModelgateClient client =
        ModelgateClient.builder()
            .address("127.0.0.1", sidecar)
            .deadline(Duration.ofSeconds(20))
            .watchSilence(Duration.ofSeconds(10))
            .build();
    Protection protection = Protection.read(document);
    return ModelgateInterceptor.of(client, protection, Principals.of(protection));
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
    Tokens tokens = new Tokens(calls.incrementAndGet() % (TOKEN_MS / TICK_MS));
    observer.onNext(tokens.next());
    running.put(observer, tokens); // From now on the timer's thread writes.
    if (observer.isCancelled()) {
      running.remove(observer);
    }
  }

  private void token() {
    tick = (tick + 1) % (TOKEN_MS / TICK_MS);
    running.forEach(
        (observer, tokens) -> {
          if (tokens.turn == tick) {
            observer.onNext(tokens.next());
          }
        });
  }
}
