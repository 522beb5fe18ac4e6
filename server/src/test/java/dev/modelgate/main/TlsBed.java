package dev.modelgate.main;

import dev.modelgate.tls.TestAuthority;
import dev.modelgate.tls.TestAuthority.Issued;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.GetOrganizationRequest;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.buffer.UnpooledByteBufAllocator;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.stub.MetadataUtils;
import io.grpc.util.AdvancedTlsX509KeyManager;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

/** A whole sidecar with TLS, the authorities of its server and its clients, and callers. */
final class TlsBed implements AutoCloseable {
  static final int WAIT_SECONDS_MAX = 10;

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Path directory;
  private final Authorities authorities;
  private final Sidecar sidecar;
  private final String token;
  private final HttpClient scraper;

  /** Who vouches for servers and for clients, and one whom nobody knows. */
  record Authorities(TestAuthority servers, TestAuthority clients, TestAuthority unknown) {}

  /** How to call: whom to trust, and what to show; plain without an authority. */
  record Caller(Optional<X509Certificate> trusted, Optional<Issued> shown) {
    ChannelCredentials credentials() {
      if (trusted.isEmpty()) {
        return InsecureChannelCredentials.create();
      }
      TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
      try {
        builder.trustManager(trustManagers(trusted.get()).getTrustManagers());
        if (shown.isPresent()) {
          builder.keyManager(keyManagers(shown.get()));
        }
        return builder.build();
      } catch (GeneralSecurityException | IOException e) {
        throw new IllegalStateException("the test's own certificates", e);
      }
    }

    SSLContext context() throws GeneralSecurityException, IOException {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          shown.isEmpty() ? null : keyManagers(shown.get()),
          trustManagers(trusted.orElseThrow()).getTrustManagers(),
          null);
      return context;
    }
  }

  private TlsBed(Path directory, Authorities authorities, Sidecar sidecar)
      throws IOException, GeneralSecurityException {
    this.directory = directory;
    this.authorities = authorities;
    this.sidecar = sidecar;
    this.token = Files.readString(sidecar.token().path()).strip();
    this.scraper = client(trusting());
  }

  /** Starts with a certificate for localhost; the settings may still be changed. */
  static TlsBed start(Path directory, Consumer<ServeOptions> change) throws IOException {
    Files.createDirectories(directory);
    Authorities authorities =
        new Authorities(
            TestAuthority.create("servers"),
            TestAuthority.create("clients"),
            TestAuthority.create("unknown"));
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.tls.cert = directory.resolve("tls.crt");
    options.tls.key = directory.resolve("tls.key");
    authorities
        .servers()
        .server("dns:localhost", "ip:127.0.0.1")
        .write(options.tls.cert, options.tls.key);
    authorities.clients().write(directory.resolve("clients.crt"));
    change.accept(options);
    try {
      return new TlsBed(directory, authorities, new Sidecar(options));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the test's own certificates", e);
    }
  }

  /** Asks for client certificates. */
  static void withClientCa(ServeOptions options) {
    options.tls.clientCa = options.data.resolveSibling("clients.crt");
  }

  /** The sidecar's data directory. */
  Path data() {
    return directory.resolve("data");
  }

  Authorities authorities() {
    return authorities;
  }

  Sidecar sidecar() {
    return sidecar;
  }

  int httpPort() {
    return sidecar.httpPort();
  }

  List<Integer> ports() {
    return List.of(sidecar.servers().dataPort(), sidecar.servers().adminPort(), httpPort());
  }

  /** Trusts the server, shows nothing. */
  Caller trusting() {
    return new Caller(Optional.of(authorities.servers().certificate()), Optional.empty());
  }

  /** Trusts another authority. */
  Caller distrusting() {
    return new Caller(Optional.of(authorities.unknown().certificate()), Optional.empty());
  }

  /** Without TLS. */
  Caller plain() {
    return new Caller(Optional.empty(), Optional.empty());
  }

  /** Shows a good certificate. */
  Caller scorer() {
    return showing(authorities.clients().client("CN=scorer"));
  }

  /** Shows a certificate of an authority that the server does not know. */
  Caller stranger() {
    return showing(authorities.unknown().client("CN=scorer"));
  }

  /** Shows a certificate that is for servers only. */
  Caller serverAsClient() {
    return showing(authorities.clients().server("dns:localhost"));
  }

  Caller showing(Issued issued) {
    return new Caller(Optional.of(authorities.servers().certificate()), Optional.of(issued));
  }

  ManagedChannel dataChannel(Caller caller) {
    return channel(sidecar.servers().dataPort(), caller);
  }

  /** The reason of a denial. */
  String check(Caller caller) {
    ManagedChannel channel = dataChannel(caller);
    try {
      return check(channel).getReason();
    } finally {
      channel.shutdownNow();
    }
  }

  static CheckResponse check(ManagedChannel channel) {
    return AuthorizationServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(WAIT_SECONDS_MAX, TimeUnit.SECONDS)
        .check(
            CheckRequest.newBuilder()
                .setPrincipal("user:ana@acme.com")
                .setModel("organizations/acme/models/fraud")
                .setAction("predict")
                .build());
  }

  /** What the data plane says to whoever gets through its handshake, whoever that is. */
  ServingStatus health(Caller caller) {
    ManagedChannel channel = dataChannel(caller);
    try {
      return health(channel);
    } finally {
      channel.shutdownNow();
    }
  }

  static ServingStatus health(ManagedChannel channel) {
    return HealthGrpc.newBlockingStub(channel)
        .withDeadlineAfter(WAIT_SECONDS_MAX, TimeUnit.SECONDS)
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }

  /** What the admin plane says to a question for an organization that is not there. */
  Status.Code adminCode(Caller caller) {
    ManagedChannel channel = channel(sidecar.servers().adminPort(), caller);
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + token);
    try {
      AdminServiceGrpc.newBlockingStub(channel)
          .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
          .withDeadlineAfter(WAIT_SECONDS_MAX, TimeUnit.SECONDS)
          .getOrganization(
              GetOrganizationRequest.newBuilder().setName("organizations/acme").build());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNAVAILABLE) {
        throw e;
      }
      return e.getStatus().getCode();
    } finally {
      channel.shutdownNow();
    }
  }

  /** The status of an answer over HTTPS. */
  int https(Caller caller, String path)
      throws IOException, GeneralSecurityException, InterruptedException {
    return get(client(caller), path).statusCode();
  }

  /** What {@code /metrics} shows. */
  String metrics() {
    try {
      return get(scraper, "/metrics").body();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError("the metrics cannot be read", e);
    }
  }

  /** The value of one series of the metrics; NaN when it is not there. */
  double metric(String series) {
    return metrics()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .findFirst()
        .orElse(Double.NaN);
  }

  /**
   * The version that a client agrees on which speaks one alone.
   *
   * @throws SSLException with the alert that the server sent
   */
  String handshake(int port, String version) throws IOException {
    // BoringSSL, because Java's own TLS does not offer the old versions any more.
    SslContext context =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL)
            .trustManager(authorities.servers().certificate())
            .endpointIdentificationAlgorithm(null)
            .protocols(version)
            .build();
    SSLEngine engine = context.newEngine(UnpooledByteBufAllocator.DEFAULT);
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(WAIT_SECONDS_MAX * 1_000);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      shake(engine, socket);
      return engine.getSession().getProtocol();
    }
  }

  @Override
  public void close() {
    sidecar.close();
  }

  private static HttpClient client(Caller caller) throws IOException, GeneralSecurityException {
    return HttpClient.newBuilder().sslContext(caller.context()).build();
  }

  private HttpResponse<String> get(HttpClient client, String path)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create("https://localhost:" + httpPort() + path)).build(),
        BodyHandlers.ofString());
  }

  private static ManagedChannel channel(int port, Caller caller) {
    return NettyChannelBuilder.forAddress("localhost", port, caller.credentials()).build();
  }

  private static void shake(SSLEngine engine, Socket socket) throws IOException {
    ByteBuffer empty = ByteBuffer.allocate(0);
    ByteBuffer plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
    ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    ByteBuffer in = ByteBuffer.allocate(engine.getSession().getPacketBufferSize() * 4);
    in.flip();
    engine.beginHandshake();
    HandshakeStatus next = engine.getHandshakeStatus();
    while (next != HandshakeStatus.FINISHED && next != HandshakeStatus.NOT_HANDSHAKING) {
      switch (next) {
        case NEED_TASK -> {
          engine.getDelegatedTask().run();
          next = engine.getHandshakeStatus();
        }
        case NEED_WRAP -> {
          out.clear();
          next = engine.wrap(empty, out).getHandshakeStatus();
          socket.getOutputStream().write(out.array(), 0, out.position());
        }
        default -> {
          SSLEngineResult result = engine.unwrap(in, plain);
          next = result.getHandshakeStatus();
          // A handshake may end with too few bytes for more, which an idle server never sends.
          if (next == HandshakeStatus.NEED_UNWRAP
              && result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
            in.compact();
            int read = socket.getInputStream().read(in.array(), in.position(), in.remaining());
            if (read < 0) {
              throw new SSLException("the server hung up");
            }
            in.position(in.position() + read);
            in.flip();
          }
        }
      }
    }
  }

  private static TrustManagerFactory trustManagers(X509Certificate trusted)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("trusted", trusted);
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    return factory;
  }

  /** Shows its certificate whatever authorities the server names; Java's own would hold it back. */
  private static KeyManager[] keyManagers(Issued shown) {
    AdvancedTlsX509KeyManager manager = new AdvancedTlsX509KeyManager();
    manager.updateIdentityCredentials(new X509Certificate[] {shown.certificate()}, shown.key());
    return new KeyManager[] {manager};
  }
}
