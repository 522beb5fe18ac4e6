package dev.modelgate.gateway;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One call of a caller, who asks for each message by itself. */
final class Caller extends ClientCall.Listener<byte[]> {
  private static final int SECONDS_MAX = 30;

  private final ClientCall<byte[], byte[]> call;
  private final CompletableFuture<Metadata> headers = new CompletableFuture<>();
  private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
  private final CompletableFuture<Ended> ended = new CompletableFuture<>();

  record Ended(Status status, Metadata trailers) {}

  private Caller(ClientCall<byte[], byte[]> call) {
    this.call = call;
  }

  static Caller of(Channel channel, String method, CallOptions options, Metadata headers) {
    Caller caller = new Caller(channel.newCall(Bytes.method(method), options));
    caller.call.start(caller, headers);
    return caller;
  }

  static Caller of(Channel channel, String method) {
    return of(channel, method, CallOptions.DEFAULT, new Metadata());
  }

  Caller send(byte[] message) {
    call.sendMessage(message);
    return this;
  }

  Caller compress(boolean on) {
    call.setMessageCompression(on);
    return this;
  }

  Caller half() {
    call.halfClose();
    return this;
  }

  Caller ask(int messages) {
    call.request(messages);
    return this;
  }

  void cancel() {
    call.cancel("by the test", null);
  }

  /** The next message, asked for here. */
  byte[] next() throws InterruptedException {
    return ask(1).taken();
  }

  /** The next message that was asked for before. */
  byte[] taken() throws InterruptedException {
    byte @Nullable [] message = messages.poll(SECONDS_MAX, TimeUnit.SECONDS);
    assertTrue(message != null, () -> "no message; " + ended.getNow(null));
    return java.util.Objects.requireNonNull(message);
  }

  Metadata headers() throws Exception {
    return headers.get(SECONDS_MAX, TimeUnit.SECONDS);
  }

  boolean isReady() {
    return call.isReady();
  }

  /** How it ended; asks for what may still come. */
  Ended ended() throws Exception {
    call.request(1_000);
    return endedUnasked();
  }

  /** How it ended. */
  Ended endedUnasked() throws Exception {
    return ended.get(SECONDS_MAX, TimeUnit.SECONDS);
  }

  int waiting() {
    return messages.size();
  }

  @Override
  public void onHeaders(Metadata received) {
    headers.complete(received);
  }

  @Override
  public void onMessage(byte[] message) {
    messages.add(message);
  }

  @Override
  public void onClose(Status status, Metadata trailers) {
    ended.complete(new Ended(status, trailers));
  }
}
