package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.CodedOutputStream;
import io.grpc.HandlerRegistry;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A server of the Open Inference Protocol that answers every message with the same bytes, a sidecar
 * with the sample organization, and a gateway between.
 */
final class ProtectedBed implements AutoCloseable {
  static final Metadata.Key<String> USER =
      Metadata.Key.of("x-user", Metadata.ASCII_STRING_MARSHALLER);
  static final String RULES =
      """
      parent: organizations/acme/environments/prod
      protocols: [open-inference]
      principal: {header: x-user}
      """;

  /** Where the sidecar runs. */
  enum Form {
    SEPARATE,
    ONE_PROCESS
  }

  private final Path directory;
  private final Queue<byte[]> received = new ConcurrentLinkedQueue<>();
  private final List<Metadata> headers = new CopyOnWriteArrayList<>();
  private final AtomicInteger cancelled = new AtomicInteger();
  private final Server upstream;
  private final GatewayProcess gateway;
  private final ManagedChannel channel;
  private SidecarBed sidecar;

  ProtectedBed(Path directory, String rules) throws IOException {
    this(directory, rules, Form.SEPARATE);
  }

  ProtectedBed(Path directory, String rules, Form form) throws IOException {
    this(directory, rules, form, sidecarOptions(directory));
  }

  /** With a sidecar of those settings. */
  ProtectedBed(Path directory, String rules, Form form, ServeOptions serve) throws IOException {
    this.directory = directory;
    this.upstream =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                InsecureServerCredentials.create())
            .fallbackHandlerRegistry(new Echo())
            .build()
            .start();
    GatewayOptions options = options(directory, upstream.getPort(), rules);
    if (form == Form.ONE_PROCESS) {
      this.gateway = new GatewayProcess(options, Optional.of(serve));
      this.sidecar = new SidecarBed(gateway.own().orElseThrow());
    } else {
      this.sidecar = new SidecarBed(serve);
      this.gateway = new GatewayProcess(options);
    }
    sidecar.sample();
    this.channel =
        NettyChannelBuilder.forAddress(
                "127.0.0.1", gateway.gateway().port(), InsecureChannelCredentials.create())
            .build();
  }

  static GatewayOptions options(Path directory, int upstreamPort, String rules) throws IOException {
    GatewayOptions options = new GatewayOptions();
    options.config = Files.writeString(directory.resolve("protect.yaml"), rules);
    options.upstream = "127.0.0.1:" + upstreamPort;
    options.sidecar = "unix:" + directory.resolve("data/modelgate.sock");
    options.checkMs = 5_000;
    options.watchLostMs = 5_000;
    options.messageBytes = 1 << 20;
    options.heldBytes = 64 << 20;
    options.windowBytes = 65_535;
    options.calls = 1_024;
    options.connections = 100;
    options.connectionsPerPeer = 100;
    options.drainSeconds = 1;
    return options;
  }

  static ServeOptions sidecarOptions(Path directory) {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.socket = null;
    return options;
  }

  SidecarBed sidecar() {
    return sidecar;
  }

  GatewayProcess gateway() {
    return gateway;
  }

  int upstreamPort() {
    return upstream.getPort();
  }

  ManagedChannel channel() {
    return channel;
  }

  void stopSidecar() {
    sidecar.close();
  }

  void restartSidecar() throws IOException {
    sidecar = new SidecarBed(sidecarOptions(directory));
  }

  /** The messages that reached the server. */
  Queue<byte[]> received() {
    return received;
  }

  /** How many calls of the server were cancelled. */
  AtomicInteger cancelled() {
    return cancelled;
  }

  /** The headers of the calls that reached the server. */
  List<Metadata> headers() {
    return headers;
  }

  static MethodDescriptor<byte[], byte[]> method(String fullName) {
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
        .setFullMethodName(fullName)
        .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
        .build();
  }

  /** A request for each of these models, field 1; several are malformed. */
  static byte[] request(String... models) {
    byte[] tensor = new byte[1_000];
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      for (String model : models) {
        out.writeString(1, model);
      }
      out.writeByteArray(7, tensor);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private final class Echo extends HandlerRegistry {
    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
      return ServerMethodDefinition.create(method(name), this::begin);
    }

    private ServerCall.Listener<byte[]> begin(
        ServerCall<byte[], byte[]> call, Metadata callHeaders) {
      headers.add(callHeaders);
      call.sendHeaders(new Metadata());
      call.request(1);
      return new ServerCall.Listener<>() {
        @Override
        public void onMessage(byte[] message) {
          received.add(message);
          call.sendMessage(message);
          call.request(1);
        }

        @Override
        public void onCancel() {
          cancelled.incrementAndGet();
        }

        @Override
        public void onHalfClose() {
          call.close(Status.OK, new Metadata());
        }
      };
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    gateway.close();
    upstream.shutdownNow();
    sidecar.close();
    assertTrue(gateway.closedCleanly());
  }
}
