package dev.modelgate.bench;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What one round has seen; only the event loop of its channel writes. */
public final class LoadRun {
  private final int inFlight;
  private final long start = System.nanoTime();
  private final long end;
  private final CountDownLatch done;
  private final Histogram latencies = new Histogram(TimeUnit.SECONDS.toNanos(60), 3);
  private long checks;
  private long allowed;
  private long refused;
  private volatile @Nullable Throwable failure;

  LoadRun(int inFlight, long millis) {
    this.inFlight = inFlight;
    this.end = start + TimeUnit.MILLISECONDS.toNanos(millis);
    this.done = new CountDownLatch(inFlight);
  }

  /** How many calls are in flight. */
  public int inFlight() {
    return inFlight;
  }

  /**
   * An answer has come.
   *
   * @param begin when its call began, {@link System#nanoTime}
   * @param answered the checks that it answers
   * @param allows how many of them it allows
   * @return whether another call is to be made
   */
  public boolean saw(long begin, int answered, int allows) {
    long now = System.nanoTime();
    latencies.recordValue(now - begin);
    checks += answered;
    allowed += allows;
    return now < end;
  }

  /**
   * A call was refused for want of room, which is no answer.
   *
   * @return whether another call is to be made
   */
  public boolean wasRefused() {
    refused++;
    return System.nanoTime() < end;
  }

  /** One slot makes no more calls. */
  public void ended() {
    done.countDown();
  }

  /** A call has failed, which fails the benchmark. */
  public void failed(Throwable t) {
    failure = t;
    while (done.getCount() > 0) {
      done.countDown();
    }
  }

  /** Waits for the end; {@code <checks> <allowed> <refused> <nanoseconds> <p50> <p99>}. */
  String await() throws InterruptedException {
    done.await();
    long nanos = System.nanoTime() - start;
    if (failure != null) {
      throw new IllegalStateException("a call failed", failure);
    }
    return "%d %d %d %d %d %d"
        .formatted(
            checks,
            allowed,
            refused,
            nanos,
            latencies.getValueAtPercentile(50),
            latencies.getValueAtPercentile(99));
  }

  /** Passes failures on to a run. */
  public abstract static class Observer<T> implements StreamObserver<T> {
    private final LoadRun run;

    /** Of a call of this run. */
    protected Observer(LoadRun run) {
      this.run = run;
    }

    @Override
    public void onError(Throwable t) {
      run.failed(t);
    }
  }
}
