package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.internal.RpcError;
import dev.modelgate.tls.TestAuthority;
import dev.modelgate.tls.TestAuthority.Issued;
import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.HandlerRegistry;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.Base64;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mutual TLS on both sides of a gateway: callers are who their certificates say, and the server is
 * the one that its certificate names.
 */
final class GatewayTlsTest {
  private static final String INFER = "inference.GRPCInferenceService/ModelInfer";
  private static final String RULES =
      """
      parent: organizations/acme/environments/prod
      protocols: [open-inference]
      principal: {certificate: {uri: "spiffe://acme.org/sa/{id}", principal: "serviceAccount:{id}"}}
      """;

  @TempDir private Path directory;
  private final TestAuthority servers = TestAuthority.create("servers");
  private final TestAuthority clients = TestAuthority.create("clients");
  private final Queue<String> peers = new ConcurrentLinkedQueue<>();
  private SidecarBed sidecar;
  private Server upstream;

  @BeforeEach
  void start() throws IOException {
    sidecar = new SidecarBed(ProtectedBed.sidecarOptions(directory));
    sidecar.sample();
    SidecarBed.share(sidecar.admin(), SidecarBed.FRAUD, "serviceAccount:scorer", "user");
    Issued server = servers.server("dns:model.test");
    upstream =
        Grpc.newServerBuilderForPort(
                0,
                TlsServerCredentials.newBuilder()
                    .keyManager(pem(server.certificate()), pem(server.key()))
                    .trustManager(pem(clients.certificate()))
                    .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                    .build())
            .fallbackHandlerRegistry(new Echo())
            .build()
            .start();
    servers.write(directory.resolve("servers.crt"));
    clients.write(directory.resolve("clients.crt"));
    servers
        .server("dns:localhost")
        .write(directory.resolve("gateway.crt"), directory.resolve("gateway.key"));
    clients.client("CN=gateway").write(directory.resolve("own.crt"), directory.resolve("own.key"));
  }

  @AfterEach
  void stop() throws InterruptedException {
    upstream.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    sidecar.close();
  }

  @Test
  void caller_isWhoHisCertificateSays_andTheServerSeesThatOfTheGateway() throws Exception {
    try (GatewayProcess gateway = new GatewayProcess(options("model.test"))) {
      byte[] request = ProtectedBed.request("fraud");
      assertArrayEquals(request, echoed(gateway, "uri:spiffe://acme.org/sa/scorer", request));
      assertEquals("CN=gateway", peers.poll());
      assertEquals(
          "PERMISSION_DENIED NO_GRANT", refusal(gateway, "uri:spiffe://acme.org/sa/other"));
      assertEquals(
          "UNAUTHENTICATED UNAUTHENTICATED", refusal(gateway, "uri:spiffe://acme.org/scorer"));
      assertTrue(peers.isEmpty());
    }
  }

  /** Whoever took the server's place gets nothing of a request. */
  @Test
  void server_ofAnotherName_isNotSpokenTo() throws Exception {
    try (GatewayProcess gateway = new GatewayProcess(options("other.test"))) {
      assertEquals(
          "UNAVAILABLE", refusal(gateway, "uri:spiffe://acme.org/sa/scorer").substring(0, 11));
      assertTrue(peers.isEmpty());
    }
  }

  private GatewayOptions options(String serverName) throws IOException {
    GatewayOptions options = ProtectedBed.options(directory, upstream.getPort(), RULES);
    options.tls.cert = directory.resolve("gateway.crt");
    options.tls.key = directory.resolve("gateway.key");
    options.tls.clientCa = directory.resolve("clients.crt");
    options.upstreamTlsCa = directory.resolve("servers.crt").toString();
    options.upstreamTlsCert = directory.resolve("own.crt");
    options.upstreamTlsKey = directory.resolve("own.key");
    options.upstreamTlsServerName = serverName;
    return options;
  }

  private byte[] echoed(GatewayProcess gateway, String name, byte[] request) throws Exception {
    ManagedChannel channel = channel(gateway, name);
    try {
      GatewayCall call =
          GatewayCall.begin(channel, INFER, CallOptions.DEFAULT, new Metadata())
              .send(request)
              .half();
      byte[] reply = call.next();
      assertTrue(call.wentWell());
      return reply;
    } finally {
      channel.shutdownNow();
    }
  }

  /** The code and the reason. */
  private String refusal(GatewayProcess gateway, String name) throws IOException {
    ManagedChannel channel = channel(gateway, name);
    try {
      StatusRuntimeException ended =
          GatewayCall.begin(channel, INFER, CallOptions.DEFAULT, new Metadata())
              .send(ProtectedBed.request("fraud"))
              .half()
              .ended();
      RpcError error = RpcError.of(ended);
      return error.code() + " " + error.reason();
    } finally {
      channel.shutdownNow();
    }
  }

  private ManagedChannel channel(GatewayProcess gateway, String name) throws IOException {
    Issued shown = clients.client("CN=x", name);
    ChannelCredentials credentials =
        TlsChannelCredentials.newBuilder()
            .trustManager(pem(servers.certificate()))
            .keyManager(pem(shown.certificate()), pem(shown.key()))
            .build();
    return Grpc.newChannelBuilderForAddress("localhost", gateway.gateway().port(), credentials)
        .build();
  }

  private static InputStream pem(Object object) throws IOException {
    String text =
        object instanceof PrivateKey key
            ? "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(key.getEncoded())
                + "\n-----END PRIVATE KEY-----\n"
            : TestAuthority.pem(object);
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Answers each message with the same bytes, and keeps the subject of whoever asks. */
  private final class Echo extends HandlerRegistry {
    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
      return ServerMethodDefinition.create(ProtectedBed.method(name), this::begin);
    }

    private ServerCall.Listener<byte[]> begin(ServerCall<byte[], byte[]> call, Metadata headers) {
      try {
        peers.add(
            Objects.requireNonNull(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION))
                .getPeerPrincipal()
                .getName());
      } catch (SSLPeerUnverifiedException e) {
        throw new IllegalStateException("a connection without a certificate", e);
      }
      call.sendHeaders(new Metadata());
      call.request(1);
      return new ServerCall.Listener<>() {
        @Override
        public void onMessage(byte[] message) {
          call.sendMessage(message);
        }

        @Override
        public void onHalfClose() {
          call.close(Status.OK, new Metadata());
        }
      };
    }
  }
}
