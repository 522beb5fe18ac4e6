package dev.modelgate.bench;

import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.BatchCheckResult;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;

/**
 * gRPC by itself: the messages of the data plane, each answered at once with the same answer, on
 * one event loop and without anything of ours around a call. What a check is compared with.
 */
final class EchoServer extends AuthorizationServiceGrpc.AuthorizationServiceImplBase
    implements AutoCloseable {
  private static final CheckResponse ECHOED =
      CheckResponse.newBuilder()
          .setDecision(Decision.DECISION_ALLOW)
          .setRevision("AVlte_VCesnAIwAAAAAAEAAAFQ")
          .build();

  private static final BatchCheckResult ECHOED_ITEM =
      BatchCheckResult.newBuilder().setResponse(ECHOED).build();

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Server server;

  private EchoServer(NettyServerBuilder builder, Class<? extends ServerChannel> channel) {
    try {
      this.server =
          builder
              .channelType(channel)
              .bossEventLoopGroup(loop)
              .workerEventLoopGroup(loop)
              .directExecutor()
              .addService(withEcho())
              .build()
              .start();
    } catch (IOException e) {
      loop.shutdownGracefully();
      throw new UncheckedIOException(e);
    }
  }

  /** On a unix socket. */
  static EchoServer on(Path socket) {
    SocketAddress address = new DomainSocketAddress(socket.toFile());
    return new EchoServer(
        NettyServerBuilder.forAddress(address), EpollServerDomainSocketChannel.class);
  }

  /** On a free port of the loopback address. */
  static EchoServer on(ServerCredentials credentials) {
    return new EchoServer(
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0), credentials),
        EpollServerSocketChannel.class);
  }

  /** Where it listens, when it does on a port. */
  int port() {
    return server.getPort();
  }

  /** Check is there under its other name too, by which the load knows an echo. */
  private ServerServiceDefinition withEcho() {
    ServerServiceDefinition.Builder all =
        ServerServiceDefinition.builder(AuthorizationServiceGrpc.SERVICE_NAME);
    for (ServerMethodDefinition<?, ?> method : bindService().getMethods()) {
      all.addMethod(method);
    }
    return all.addMethod(
            PlaneService.method(CallKinds.methodOf(CallKinds.ECHO)),
            ServerCalls.asyncUnaryCall(this::check))
        .build();
  }

  @Override
  public void check(CheckRequest request, StreamObserver<CheckResponse> observer) {
    observer.onNext(ECHOED);
    observer.onCompleted();
  }

  @Override
  public void batchCheck(BatchCheckRequest request, StreamObserver<BatchCheckResponse> observer) {
    BatchCheckResponse.Builder response = BatchCheckResponse.newBuilder();
    for (int i = 0; i < request.getItemsCount(); i++) {
      response.addResults(ECHOED_ITEM);
    }
    observer.onNext(response.build());
    observer.onCompleted();
  }

  @Override
  public StreamObserver<StreamCheckRequest> streamCheck(
      StreamObserver<StreamCheckResponse> observer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(StreamCheckRequest request) {
        observer.onNext(
            StreamCheckResponse.newBuilder().setId(request.getId()).setResponse(ECHOED).build());
      }

      @Override
      public void onError(Throwable t) {
        // The load has ended.
      }

      @Override
      public void onCompleted() {
        observer.onCompleted();
      }
    };
  }

  @Override
  public void close() {
    server.shutdownNow();
    loop.shutdownGracefully();
  }
}
