package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.app.check.Actions;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.Authorizer;
import dev.modelgate.app.check.Question;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.ListActionsRequest;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Hazard 11: what reads the store does so beside the thread that the call came on. */
final class ListActionsTest {

  @Test
  void listActions_always_readsOnTheExecutorForThat() throws IOException {
    AdminPlane plane = new AdminPlane();
    ExecutorService reading = Executors.newSingleThreadExecutor(task -> new Thread(task, "reads"));
    String name = InProcessServerBuilder.generateName();
    Server server =
        InProcessServerBuilder.forName(name)
            .directExecutor()
            .addService(
                new AuthorizationGrpcService(
                    new NamesItsThread(), plane.lookups(), reading, new ErrorMapper()))
            .build()
            .start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    try {
      var answer =
          AuthorizationServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(30, TimeUnit.SECONDS)
              .listActions(
                  ListActionsRequest.newBuilder()
                      .setPrincipal("user:ana@acme.com")
                      .setModel("organizations/acme")
                      .build());
      assertEquals(List.of("reads"), answer.getActionsList());
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
      reading.shutdownNow();
      plane.close();
    }
  }

  /** Answers with the name of the thread that it was asked on. */
  private static final class NamesItsThread implements Authorizer {
    @Override
    public void check(Question question, AnswerSink sink) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Actions listActions(Question question) {
      return new Actions(List.of(Thread.currentThread().getName()), "", Long.MAX_VALUE);
    }
  }
}
