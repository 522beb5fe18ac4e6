package dev.modelgate.bench;

import com.google.protobuf.CodedOutputStream;
import dev.modelgate.app.Telemetry;
import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.internal.Endpoint;
import dev.modelgate.client.protect.Protection;
import dev.modelgate.gateway.Admission;
import dev.modelgate.gateway.Callers;
import dev.modelgate.gateway.Gateway;
import dev.modelgate.gateway.GatewaySettings;
import dev.modelgate.gateway.HeaderStrip;
import dev.modelgate.gateway.Inflation;
import dev.modelgate.gateway.OnLoop;
import dev.modelgate.gateway.ProtectedAdmission;
import dev.modelgate.gateway.RunningWatches;
import dev.modelgate.grpc.Bounds;
import io.grpc.HandlerRegistry;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the benchmark of the gateway runs in processes of their own, and the messages it sends. */
final class GatewayParts {
  static final Metadata.Key<String> USER =
      Metadata.Key.of("x-user", Metadata.ASCII_STRING_MARSHALLER);

  private static final byte[] REPLY = new byte[100];
  private static final String RULES =
      """
      parent: organizations/%s/environments/prod
      protocols: [open-inference]
      principal: {header: x-user}
      """
          .formatted(Scene.ORGANIZATION);

  private GatewayParts() {}

  /** The method of the Open Inference Protocol, of whose messages only the model is looked at. */
  static MethodDescriptor<byte[], byte[]> infer() {
    MethodDescriptor.Marshaller<byte[]> bytes =
        new MethodDescriptor.Marshaller<>() {
          @Override
          public InputStream stream(byte[] message) {
            return new ByteArrayInputStream(message);
          }

          @Override
          public byte[] parse(InputStream message) {
            try {
              return message.readAllBytes();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        };
    return MethodDescriptor.newBuilder(bytes, bytes)
        .setFullMethodName("inference.GRPCInferenceService/ModelInfer")
        .setType(MethodDescriptor.MethodType.UNARY)
        .build();
  }

  /** A request for a model with one tensor of raw bytes. */
  static byte[] request(String model, int tensorBytes) {
    byte[] tensor = new byte[tensorBytes];
    byte[] message =
        new byte
            [CodedOutputStream.computeStringSize(1, model)
                + CodedOutputStream.computeByteArraySize(7, tensor)];
    CodedOutputStream out = CodedOutputStream.newInstance(message);
    try {
      out.writeString(1, model);
      out.writeByteArray(7, tensor);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return message;
  }

  /** A sidecar and a server that does nothing; prints socket and port. */
  static void serve(Path directory) throws IOException, InterruptedException {
    BenchServer sidecar = new BenchServer(directory, new Crowd(20_000));
    var upstream =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InsecureServerCredentials.create())
            .maxInboundMessageSize(8 << 20)
            .fallbackHandlerRegistry(
                new HandlerRegistry() {
                  @Override
                  public ServerMethodDefinition<?, ?> lookupMethod(
                      String name, @Nullable String authority) {
                    return ServerMethodDefinition.create(
                        infer(),
                        ServerCalls.asyncUnaryCall(
                            (request, observer) -> {
                              observer.onNext(REPLY);
                              observer.onCompleted();
                            }));
                  }
                })
            .build()
            .start();
    System.out.println(sidecar.socket() + " " + upstream.getPort());
    upstream.awaitTermination();
  }

  /**
   * Four gateways: two that check, with the sidecar in another process and in this one, and two
   * that pass; prints their ports. The sidecars here have no WatchAccess, so a call that is slow is
   * not watched; what it costs to begin to wait for that stays.
   */
  static void gateways(Path socket, int upstreamPort, Path directory) throws InterruptedException {
    BenchServer sidecar = new BenchServer(directory, new Crowd(20_000));
    Gateway checking =
        gateway(
            upstreamPort, loop -> admission(loop, client().socket(socket).executor(loop).build()));
    Gateway own =
        gateway(
            upstreamPort,
            loop ->
                admission(
                    loop,
                    client().channel(sidecar.servers().connectOwn(new OnLoop(loop))).build()));
    Gateway passing = gateway(upstreamPort, loop -> Admission.OPEN);
    Gateway control = gateway(upstreamPort, loop -> Admission.OPEN);
    System.out.println(
        checking.port() + " " + own.port() + " " + passing.port() + " " + control.port());
    Thread.currentThread().join();
  }

  private static ModelgateClient.Builder client() {
    return ModelgateClient.builder().deadline(Duration.ofSeconds(5)).pipelined(true);
  }

  private static Admission admission(EventLoop loop, ModelgateClient client) {
    Callers callers =
        (headers, connection) ->
            CompletableFuture.completedFuture(
                Optional.ofNullable(headers.get(USER))
                    .map(user -> new Callers.Who(user, List.of(), Instant.MAX)));
    return new ProtectedAdmission(
        Protection.parse("bench", RULES),
        callers,
        new HeaderStrip(Set.of("x-user")),
        new Inflation(8 << 20, 1),
        new RunningWatches(
            client, (ms, task) -> loop.schedule(() -> {}, ms, TimeUnit.MILLISECONDS)));
  }

  private static Gateway gateway(int upstreamPort, Function<EventLoop, Admission> admissions) {
    return Gateway.start(
        new GatewaySettings(
            "127.0.0.1",
            0,
            InsecureServerCredentials.create(),
            new Endpoint.Tcp("127.0.0.1", upstreamPort),
            Runtime.getRuntime().availableProcessors(),
            256L << 20,
            8 << 20,
            128 << 10,
            256,
            Bounds.DEFAULT,
            Duration.ZERO),
        admissions,
        Telemetry.NONE);
  }
}
