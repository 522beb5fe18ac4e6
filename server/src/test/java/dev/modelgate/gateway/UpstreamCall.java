package dev.modelgate.gateway;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One call as an upstream sees it, which a test answers step by step. */
final class UpstreamCall extends ServerCall.Listener<byte[]> {
  private static final int SECONDS_MAX = 30;

  private final ServerCall<byte[], byte[]> call;
  private final Metadata headers;
  private final @Nullable Deadline deadline = Context.current().getDeadline();
  private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
  private final CountDownLatch halfClosed = new CountDownLatch(1);
  private final CountDownLatch cancelled = new CountDownLatch(1);

  UpstreamCall(ServerCall<byte[], byte[]> call, Metadata headers) {
    this.call = call;
    this.headers = headers;
  }

  ServerCall<byte[], byte[]> call() {
    return call;
  }

  Metadata headers() {
    return headers;
  }

  @Nullable Deadline deadline() {
    return deadline;
  }

  /** The next message, asked for here. */
  byte[] next() throws InterruptedException {
    call.request(1);
    byte @Nullable [] message = messages.poll(SECONDS_MAX, TimeUnit.SECONDS);
    assertTrue(message != null, "no message");
    return java.util.Objects.requireNonNull(message);
  }

  UpstreamCall begin(Metadata replied) {
    call.sendHeaders(replied);
    return this;
  }

  UpstreamCall reply(byte[] message) {
    call.sendMessage(message);
    return this;
  }

  void end(Status status, Metadata trailers) {
    call.close(status, trailers);
  }

  void end() {
    end(Status.OK, new Metadata());
  }

  void awaitHalfClose() throws InterruptedException {
    assertTrue(halfClosed.await(SECONDS_MAX, TimeUnit.SECONDS));
  }

  boolean isHalfClosed() {
    return halfClosed.getCount() == 0;
  }

  void awaitCancel() throws InterruptedException {
    assertTrue(cancelled.await(SECONDS_MAX, TimeUnit.SECONDS));
  }

  int waiting() {
    return messages.size();
  }

  @Override
  public void onMessage(byte[] message) {
    messages.add(message);
  }

  @Override
  public void onHalfClose() {
    halfClosed.countDown();
  }

  @Override
  public void onCancel() {
    cancelled.countDown();
  }
}
