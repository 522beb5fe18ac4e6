import com.google.protobuf.DoubleValue;
import com.google.protobuf.MessageLite;
import com.google.protobuf.StringValue;
import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.grpc.ModelgateInterceptor;
import dev.modelgate.client.protect.Principals;
import dev.modelgate.client.protect.Protection;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC server behind Modelgate. Beside a running sidecar:
 *
 * <pre>{@code
 * java -cp server/target/modelgate.jar client/examples/java/Scorer.java \
 *     client/examples/protect.yaml modelgate-data/modelgate.sock
 * }</pre>
 *
 * It serves acme.Scorer of client/examples/scorer.proto on a free port and prints where.
 */
public final class Scorer {
  private static final long PAUSE_MS = 20;

  /**
   * Arguments: the protection document, the sidecar's socket, and how long a check may take, in ms
   * (default 50).
   */
  public static void main(String[] arguments) throws Exception {
    Protection protection = Protection.read(Path.of(arguments[0]));
    Duration deadline = Duration.ofMillis(arguments.length > 2 ? Long.parseLong(arguments[2]) : 50);
    try (ModelgateClient modelgate =
            ModelgateClient.builder().socket(Path.of(arguments[1])).deadline(deadline).build();
        Principals principals = Principals.of(protection)) {
      ModelgateInterceptor interceptor = ModelgateInterceptor.of(modelgate, protection, principals);
      Server server =
          NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
              .addService(ServerInterceptors.intercept(scorer(), interceptor))
              .build()
              .start();
      System.out.println("serving 127.0.0.1:" + server.getPort());
      server.awaitTermination();
    }
  }

  /** What protoc would make of scorer.proto. */
  private static ServerServiceDefinition scorer() {
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    return ServerServiceDefinition.builder("acme.Scorer")
        .addMethod(
            method("Score", MethodType.UNARY),
            ServerCalls.asyncUnaryCall(
                (model, reply) -> {
                  reply.onNext(DoubleValue.of(0.5));
                  reply.onCompleted();
                }))
        .addMethod(
            method("Watch", MethodType.SERVER_STREAMING),
            ServerCalls.asyncServerStreamingCall((model, reply) -> watch(clock, reply)))
        .build();
  }

  private static void watch(ScheduledExecutorService clock, StreamObserver<DoubleValue> reply) {
    ServerCallStreamObserver<DoubleValue> call = (ServerCallStreamObserver<DoubleValue>) reply;
    double[] count = {0};
    Runnable score =
        () -> {
          if (call.isReady()) {
            call.onNext(DoubleValue.of(++count[0]));
          }
        };
    ScheduledFuture<?> scores =
        clock.scheduleWithFixedDelay(score, PAUSE_MS, PAUSE_MS, TimeUnit.MILLISECONDS);
    call.setOnCancelHandler(() -> scores.cancel(false));
  }

  private static MethodDescriptor<StringValue, DoubleValue> method(String name, MethodType type) {
    return MethodDescriptor.<StringValue, DoubleValue>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName("acme.Scorer", name))
        .setRequestMarshaller(marshaller(StringValue.getDefaultInstance()))
        .setResponseMarshaller(marshaller(DoubleValue.getDefaultInstance()))
        .build();
  }

  private static <T extends MessageLite> MethodDescriptor.Marshaller<T> marshaller(T message) {
    return ProtoLiteUtils.marshaller(message);
  }
}
