package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A call that sends whatever bytes it is given, any number of times, whatever the method takes. */
final class RawCall {
  private static final int WAIT_SECONDS = 20;

  private RawCall() {}

  /**
   * How a call ended.
   *
   * @param answers how many messages came; a stream that stays open is cancelled after the first
   */
  record Ended(Status status, Metadata trailers, int answers) {}

  /** Sends the requests, says that there are no more, and waits for the end. */
  static Ended of(Channel channel, String method, Metadata headers, List<byte[]> requests)
      throws InterruptedException {
    return of(channel, method, headers, requests, CallOptions.DEFAULT);
  }

  static Ended of(
      Channel channel, String method, Metadata headers, List<byte[]> requests, CallOptions options)
      throws InterruptedException {
    MethodDescriptor<byte[], byte[]> descriptor =
        MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodType.BIDI_STREAMING)
            .setFullMethodName(method)
            .setRequestMarshaller(Bytes.INSTANCE)
            .setResponseMarshaller(Bytes.INSTANCE)
            .build();
    ClientCall<byte[], byte[]> call = channel.newCall(descriptor, options);
    Outcome outcome = new Outcome();
    call.start(outcome, headers);
    call.request(Integer.MAX_VALUE);
    call.setMessageCompression(true);
    for (byte[] request : requests) {
      call.sendMessage(request);
    }
    call.halfClose();
    assertTrue(outcome.first.await(WAIT_SECONDS, TimeUnit.SECONDS), method + " does not answer");
    call.cancel("one is enough", null);
    assertTrue(outcome.closed.await(WAIT_SECONDS, TimeUnit.SECONDS), method + " does not end");
    return new Ended(outcome.status, outcome.trailers, outcome.answers.get());
  }

  private static final class Outcome extends ClientCall.Listener<byte[]> {
    private final CountDownLatch first = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicInteger answers = new AtomicInteger();
    private volatile Status status = Status.UNKNOWN;
    private volatile Metadata trailers = new Metadata();

    @Override
    public void onMessage(byte[] message) {
      answers.incrementAndGet();
      first.countDown();
    }

    @Override
    public void onClose(Status end, Metadata more) {
      this.status = answers.get() > 0 ? Status.OK : end;
      this.trailers = more;
      first.countDown();
      closed.countDown();
    }
  }

  private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
    INSTANCE;

    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }
}
