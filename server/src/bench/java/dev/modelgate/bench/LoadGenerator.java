package dev.modelgate.bench;

import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.StreamCheckRequest;
import dev.modelgate.v1.StreamCheckResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * The load: a process of its own that lives as long as the benchmark, so that it warms up once.
 * Reads {@code <method> <in flight> <milliseconds>} lines and answers each with {@code <checks>
 * <nanoseconds> <p50> <p99>}, latencies in nanoseconds per call. One connection, one event loop;
 * each answer starts the next call.
 */
public final class LoadGenerator {
  private static final int BATCH = 100;

  private final ManagedChannel channel;
  private final Questions questions;

  private LoadGenerator(ManagedChannel channel, Questions questions) {
    this.channel = channel;
    this.questions = questions;
  }

  /** Serves the lines of standard input; the socket is the only argument. */
  public static void main(String[] args) throws IOException, InterruptedException {
    EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(args[0]))
            .channelType(EpollDomainSocketChannel.class)
            .eventLoopGroup(loop)
            .directExecutor()
            .usePlaintext()
            .build();
    LoadGenerator generator = new LoadGenerator(channel, new Questions());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      System.out.println(
          generator.run(words[0], Integer.parseInt(words[1]), Long.parseLong(words[2])));
    }
    channel.shutdownNow();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private String run(String method, int inFlight, long millis) throws InterruptedException {
    Run run = new Run(inFlight, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis));
    long start = System.nanoTime();
    switch (method) {
      case "stream" -> stream(run, inFlight);
      case "batch" -> {
        for (int i = 0; i < inFlight; i++) {
          batch(run);
        }
      }
      default -> {
        for (int i = 0; i < inFlight; i++) {
          unary(run, method);
        }
      }
    }
    run.done.await();
    long nanos = System.nanoTime() - start;
    if (run.failure != null) {
      throw new IllegalStateException("a call failed", run.failure);
    }
    return "%d %d %d %d"
        .formatted(
            run.checks,
            nanos,
            run.latencies.getValueAtPercentile(50),
            run.latencies.getValueAtPercentile(99));
  }

  /** What one run has seen; only the event loop writes. */
  private static final class Run {
    private final long end;
    private final CountDownLatch done;
    private final Histogram latencies = new Histogram(TimeUnit.SECONDS.toNanos(10), 3);
    private long checks;
    private volatile @Nullable Throwable failure;

    Run(int inFlight, long end) {
      this.end = end;
      this.done = new CountDownLatch(inFlight);
    }

    /** Whether another call is to be made. */
    boolean saw(long begin, int answered) {
      long now = System.nanoTime();
      latencies.recordValue(now - begin);
      checks += answered;
      return now < end;
    }

    void fail(Throwable t) {
      failure = t;
      end();
    }

    void end() {
      while (done.getCount() > 0) {
        done.countDown();
      }
    }
  }

  private void unary(Run run, String method) {
    CheckRequest question = method.equals("cold") ? questions.anywhere() : questions.hot();
    long begin = System.nanoTime();
    ClientCalls.asyncUnaryCall(
        channel.newCall(EchoedService.method(method), CallOptions.DEFAULT),
        question,
        new Observer<CheckResponse>(run) {
          @Override
          public void onCompleted() {
            if (run.saw(begin, 1)) {
              unary(run, method);
            } else {
              run.done.countDown();
            }
          }
        });
  }

  private void batch(Run run) {
    BatchCheckRequest.Builder batch = BatchCheckRequest.newBuilder();
    for (int i = 0; i < BATCH; i++) {
      batch.addItems(questions.hot());
    }
    long begin = System.nanoTime();
    ClientCalls.asyncUnaryCall(
        channel.newCall(AuthorizationServiceGrpc.getBatchCheckMethod(), CallOptions.DEFAULT),
        batch.build(),
        new Observer<BatchCheckResponse>(run) {
          @Override
          public void onCompleted() {
            if (run.saw(begin, BATCH)) {
              batch(run);
            } else {
              run.done.countDown();
            }
          }
        });
  }

  private void stream(Run run, int inFlight) {
    Streamed observer = new Streamed(run, inFlight);
    observer.begin(AuthorizationServiceGrpc.newStub(channel).streamCheck(observer));
  }

  /** One stream; the caller's thread and the event loop take turns in sending. */
  private final class Streamed extends Observer<StreamCheckResponse> {
    private final long[] begun;
    private int open;
    private @Nullable StreamObserver<StreamCheckRequest> out;

    Streamed(Run run, int inFlight) {
      super(run);
      this.begun = new long[inFlight];
      this.open = inFlight;
    }

    synchronized void begin(StreamObserver<StreamCheckRequest> requests) {
      out = requests;
      for (int slot = 0; slot < begun.length; slot++) {
        send(requests, slot);
      }
    }

    @Override
    public synchronized void onNext(StreamCheckResponse response) {
      StreamObserver<StreamCheckRequest> requests = Objects.requireNonNull(out);
      int slot = (int) response.getId();
      if (run.saw(begun[slot], 1)) {
        send(requests, slot);
      } else if (--open == 0) {
        requests.onCompleted();
      }
    }

    @Override
    public void onCompleted() {
      run.end();
    }

    private void send(StreamObserver<StreamCheckRequest> requests, int slot) {
      begun[slot] = System.nanoTime();
      requests.onNext(streamed(slot));
    }
  }

  private StreamCheckRequest streamed(int slot) {
    return StreamCheckRequest.newBuilder().setId(slot).setCheck(questions.hot()).build();
  }

  private abstract static class Observer<T> implements StreamObserver<T> {
    final Run run;

    Observer(Run run) {
      this.run = run;
    }

    @Override
    public void onNext(T response) {}

    @Override
    public void onError(Throwable t) {
      run.fail(t);
    }
  }
}
