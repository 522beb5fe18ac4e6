package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One call of a caller through a gateway. */
final class GatewayCall extends ClientCall.Listener<byte[]> {
  private static final int SECONDS_MAX = 30;
  private static final int MESSAGES_MAX = 1_000_000;

  private final ClientCall<byte[], byte[]> call;
  private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
  private final CompletableFuture<StatusRuntimeException> ended = new CompletableFuture<>();

  private GatewayCall(ClientCall<byte[], byte[]> call) {
    this.call = call;
  }

  static GatewayCall begin(Channel channel, String method, CallOptions options, Metadata headers) {
    GatewayCall begun = new GatewayCall(channel.newCall(ProtectedBed.method(method), options));
    begun.call.start(begun, headers);
    begun.call.request(MESSAGES_MAX);
    return begun;
  }

  GatewayCall send(byte[] message) {
    call.sendMessage(message);
    return this;
  }

  GatewayCall half() {
    call.halfClose();
    return this;
  }

  void cancel() {
    call.cancel("by the test", null);
  }

  byte[] next() throws InterruptedException {
    byte @Nullable [] message = messages.poll(SECONDS_MAX, TimeUnit.SECONDS);
    assertTrue(message != null, () -> "no message; " + ended.getNow(null));
    return Objects.requireNonNull(message);
  }

  /** How it ended. */
  StatusRuntimeException ended() {
    try {
      return ended.get(SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the call does not end", e);
    }
  }

  boolean isEnded() {
    return ended.isDone();
  }

  boolean wentWell() {
    return ended().getStatus().isOk();
  }

  @Override
  public void onMessage(byte[] message) {
    messages.add(message);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    ended.complete(status.asRuntimeException(trailers));
  }
}
