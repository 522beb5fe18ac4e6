package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.check.Actions;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.client.protect.Protection;
import dev.modelgate.envoy.v3.AttributeContext;
import dev.modelgate.envoy.v3.AttributeContext.HttpRequest;
import dev.modelgate.envoy.v3.AuthorizationGrpc;
import dev.modelgate.envoy.v3.CheckRequest;
import dev.modelgate.proxy.Gate;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Envoy's requests that are read on a thread, when there is none. */
final class EnvoyQueueTest {
  @TempDir private Path directory;

  @Test
  void largeRequests_beyondTheQueue_areShed() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("protect.yaml"),
            "{parent: organizations/acme, protocols: openai, principal: {header: x-user}}");
    Gate gate =
        Gate.of(
            Protection.read(file),
            new NoAuthorizer(),
            new NoAuthenticator(),
            new MonotoneClock(Clock.systemUTC()),
            AuditTrail.NONE);
    EnvoyGrpcService service =
        new EnvoyGrpcService(
            gate,
            task -> {
              throw new RejectedExecutionException("full");
            },
            new ErrorMapper());
    String name = InProcessServerBuilder.generateName();
    Server server = InProcessServerBuilder.forName(name).addService(service).build().start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    try {
      var stub = AuthorizationGrpc.newBlockingStub(channel);
      Errors error =
          Errors.of(assertThrows(StatusRuntimeException.class, () -> stub.check(request(20_000))));
      assertEquals("proxies", error.info().getMetadataOrThrow("queue"));
      assertEquals(7, stub.check(request(10)).getStatus().getCode(), "a small one needs none");
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  private static CheckRequest request(int bytes) {
    return CheckRequest.newBuilder()
        .setAttributes(
            AttributeContext.newBuilder()
                .setRequest(
                    AttributeContext.Request.newBuilder()
                        .setHttp(
                            HttpRequest.newBuilder()
                                .setMethod("GET")
                                .setPath("/other")
                                .setRawBody(ByteString.copyFrom(new byte[bytes])))))
        .build();
  }

  /** Never asked. */
  private static final class NoAuthorizer implements Authorizer {
    @Override
    public void check(Question question, AnswerSink sink) {
      throw new AssertionError();
    }

    @Override
    public Actions listActions(Question question) {
      throw new AssertionError();
    }
  }

  /** Never asked. */
  private static final class NoAuthenticator implements Authenticator {
    @Override
    public CompletableFuture<Caller> bearer(String token) {
      throw new AssertionError();
    }

    @Override
    public Caller certificate(List<X509Certificate> chain) {
      throw new AssertionError();
    }
  }
}
