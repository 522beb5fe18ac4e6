package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.modelgate.app.check.Actions;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.check.Question;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.ListActionsRequest;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Calls of the data plane that read on a thread, when there is none. */
final class AuthorizationQueueTest {
  @Test
  void lookups_beyondTheQueue_areShed() throws IOException {
    try (AdminPlane plane = new AdminPlane()) {
      var service =
          new AuthorizationGrpcService(
              new NoAuthorizer(),
              plane.lookups(),
              task -> {
                throw new RejectedExecutionException("full");
              },
              new ErrorMapper());
      String name = InProcessServerBuilder.generateName();
      Server server = InProcessServerBuilder.forName(name).addService(service).build().start();
      ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
      try {
        ListActionsRequest request =
            ListActionsRequest.newBuilder()
                .setPrincipal(AdminPlane.ANA)
                .setModel(AdminPlane.FRAUD)
                .build();
        Errors error =
            Errors.of(
                assertThrows(
                    StatusRuntimeException.class,
                    () -> AuthorizationServiceGrpc.newBlockingStub(channel).listActions(request)));
        assertEquals("listings", error.info().getMetadataOrThrow("queue"));
      } finally {
        channel.shutdownNow();
        server.shutdownNow();
      }
    }
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
}
