package dev.modelgate.client.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.client.ModelgateClient;
import dev.modelgate.client.ScriptedAuthorization;
import dev.modelgate.client.ScriptedWatches;
import dev.modelgate.client.Sidecar;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceImplBase;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Hazard 39: handlers that block, as those do that write tokens in a loop, hold up neither the
 * first answer nor the cut of any other call, though one stream tells all of them.
 */
final class BlockingHandlerTest {
  private static final long BLOCKS = 1;
  private static final long BLOCKS_IN_THE_END = 2;
  private static final long BLOCKS_NEVER = 3;

  private final ScriptedWatches watches = new ScriptedWatches();
  private final CountDownLatch released = new CountDownLatch(1);
  private final BlockingQueue<Long> blocked = new LinkedBlockingQueue<>();
  private final Sidecar sidecar;
  private final ModelgateClient client;
  private final Sidecar server;
  private final ManagedChannel channel;

  BlockingHandlerTest() throws IOException {
    sidecar = Sidecar.onLoopback(watches);
    client =
        ModelgateClient.builder()
            .address("127.0.0.1", sidecar.port())
            .deadline(Duration.ofSeconds(20))
            .watchSilence(Duration.ofMinutes(1))
            .build();
    ModelgateInterceptor interceptor =
        ModelgateInterceptor.builder(client, ProtectedServer.HEADER, ProtectedServer.MAPPER)
            .build();
    server = Sidecar.onLoopback(() -> ServerInterceptors.intercept(new Handlers(), interceptor));
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    released.countDown();
    channel.shutdownNow();
    server.close();
    client.close();
    sidecar.close();
  }

  @Test
  void handler_thatBlocks_holdsUpNoAnswerAndNoCut() throws Exception {
    Ends first = call(BLOCKS);
    assertEquals(BLOCKS, blocked());
    Ends second = call(BLOCKS);
    assertEquals(BLOCKS, blocked());
    watches.last().tell(ScriptedAuthorization.DENY);
    assertEquals(Status.Code.PERMISSION_DENIED, first.end());
    assertEquals(Status.Code.PERMISSION_DENIED, second.end());
  }

  @Test
  void handler_thatBlocksWhenItIsCancelled_holdsUpNoCut() throws Exception {
    Ends first = call(BLOCKS_IN_THE_END);
    Ends second = call(BLOCKS_IN_THE_END);
    first.awaitAnswer();
    second.awaitAnswer();
    watches.last().tell(ScriptedAuthorization.DENY);
    assertEquals(Status.Code.PERMISSION_DENIED, first.end());
    assertEquals(Status.Code.PERMISSION_DENIED, second.end());
    assertEquals(BLOCKS_IN_THE_END, blocked());
    assertEquals(BLOCKS_IN_THE_END, blocked());
    Ends third = call(BLOCKS_NEVER);
    third.awaitAnswer();
  }

  private long blocked() throws InterruptedException {
    return Objects.requireNonNull(blocked.poll(20, TimeUnit.SECONDS), "no handler has begun");
  }

  private Ends call(long id) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-principal", Metadata.ASCII_STRING_MARSHALLER), "user:ana");
    Ends ends = new Ends();
    AuthorizationServiceGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .streamCheck(ends)
        .onNext(
            StreamCheckRequest.newBuilder()
                .setId(id)
                .setCheck(CheckRequest.newBuilder().setModel("fraud"))
                .build());
    return ends;
  }

  private void block(long id) {
    blocked.add(id);
    try {
      assertTrue(released.await(60, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Block where the id of a message says so. */
  private final class Handlers extends AuthorizationServiceImplBase {
    @Override
    public StreamObserver<StreamCheckRequest> streamCheck(
        StreamObserver<StreamCheckResponse> observer) {
      long[] last = new long[1];
      ((ServerCallStreamObserver<StreamCheckResponse>) observer)
          .setOnCancelHandler(
              () -> {
                if (last[0] == BLOCKS_IN_THE_END) {
                  block(last[0]);
                }
              });
      return new StreamObserver<>() {
        @Override
        public void onNext(StreamCheckRequest request) {
          last[0] = request.getId();
          if (last[0] == BLOCKS) {
            block(last[0]);
          }
          observer.onNext(StreamCheckResponse.newBuilder().setId(request.getId()).build());
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
          observer.onCompleted();
        }
      };
    }
  }

  /** What a caller is answered, and how his call ends. */
  private static final class Ends implements StreamObserver<StreamCheckResponse> {
    private final BlockingQueue<Status.Code> ends = new LinkedBlockingQueue<>();
    private final CountDownLatch answered = new CountDownLatch(1);

    Status.Code end() throws InterruptedException {
      return Objects.requireNonNull(ends.poll(20, TimeUnit.SECONDS), "the call goes on");
    }

    void awaitAnswer() throws InterruptedException {
      assertTrue(answered.await(20, TimeUnit.SECONDS), "no answer");
    }

    @Override
    public void onNext(StreamCheckResponse response) {
      answered.countDown();
    }

    @Override
    public void onError(Throwable failure) {
      ends.add(Status.fromThrowable(failure).getCode());
    }

    @Override
    public void onCompleted() {
      ends.add(Status.Code.OK);
    }
  }
}
