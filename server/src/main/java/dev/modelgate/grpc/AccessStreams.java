package dev.modelgate.grpc;

import dev.modelgate.app.check.AccessWatches;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.v1.WatchAccessRequest;
import dev.modelgate.v1.WatchAccessResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open streams of WatchAccess, and the one timer of all of them, which runs while there are
 * any.
 *
 * <p>Closing it, before the servers stop, ends every stream with STOPPING, so that watchers ask
 * elsewhere at once and no stop waits for them. Thread-safe.
 */
public final class AccessStreams implements AutoCloseable {
  /** The most streams of a node. */
  static final int STREAMS_MAX = 1_024;

  /** The most streams of one caller by default: of a credential, or a connection without one. */
  public static final int STREAMS_PER_CALLER_MAX = 64;

  /** How often is looked for what time brings, in milliseconds. */
  private static final long TICK_MS = 10;

  private static final Logger log = LoggerFactory.getLogger(AccessStreams.class);

  private final AccessWatches watches;
  private final int perCallerMax;
  private final LongSupplier nanoTime;
  private final ScheduledExecutorService timer = timer();

  private final Object lock = new Object();
  // Guarded by the lock.
  private final Set<AccessStream> open = new LinkedHashSet<>();
  private final Map<Object, Integer> ofCallers = new HashMap<>();
  private @Nullable Future<?> ticking;
  private boolean stopping;

  /**
   * No streams yet.
   *
   * @param perCallerMax the most streams of one caller
   */
  public AccessStreams(AccessWatches watches, int perCallerMax) {
    this(watches, perCallerMax, System::nanoTime);
  }

  /** As the other, with a clock for heartbeats. */
  AccessStreams(AccessWatches watches, int perCallerMax, LongSupplier nanoTime) {
    this.watches = watches;
    this.perCallerMax = perCallerMax;
    this.nanoTime = nanoTime;
  }

  /** Begins a stream, or refuses it. Called in the context of the call. */
  StreamObserver<WatchAccessRequest> begin(
      CheckMessages messages,
      AskingBounds bounds,
      CheckTrail trail,
      ErrorMapper errors,
      ServerCallStreamObserver<WatchAccessResponse> call) {
    AccessStream stream =
        new AccessStream(
            this, watches, messages, bounds, trail, errors, call, nanoTime.getAsLong());
    Refusal refusal = add(stream);
    if (refusal != null) {
      stream.refuse(refusal);
    }
    return stream;
  }

  /** The streams at the moment; for metrics. */
  public int size() {
    synchronized (lock) {
      return open.size();
    }
  }

  /** Ends all streams, and takes no more. */
  @Override
  public void close() {
    List<AccessStream> all;
    synchronized (lock) {
      stopping = true;
      all = new ArrayList<>(open);
    }
    all.forEach(stream -> stream.refuse(stopping()));
    timer.shutdown();
  }

  /** A stream has ended; it may have been refused. */
  void ended(AccessStream stream) {
    synchronized (lock) {
      if (!open.remove(stream)) {
        return;
      }
      ofCallers.computeIfPresent(stream.caller(), (caller, count) -> count == 1 ? null : count - 1);
      if (open.isEmpty() && ticking != null) {
        ticking.cancel(false);
        ticking = null;
      }
    }
  }

  /** Does something on the timer's thread that would take an event loop too long. */
  void later(Runnable work) {
    try {
      timer.execute(work);
    } catch (RejectedExecutionException e) {
      work.run();
    }
  }

  private @Nullable Refusal add(AccessStream stream) {
    synchronized (lock) {
      if (stopping) {
        return stopping();
      }
      int others = ofCallers.getOrDefault(stream.caller(), 0);
      if (open.size() >= STREAMS_MAX || others >= perCallerMax) {
        return Refusal.of(Fault.OVERLOADED, "too many streams watch accesses")
            .with("queue", "access-streams");
      }
      ofCallers.put(stream.caller(), others + 1);
      open.add(stream);
      if (ticking == null) {
        ticking = timer.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
      }
      return null;
    }
  }

  private void tick() {
    try {
      watches.tick();
    } catch (RuntimeException e) {
      // Nobody may trust what was told when time is not watched.
      log.error("the timer of watched accesses failed, their streams end", e);
      streams().forEach(stream -> stream.fail(e));
    }
    long now = nanoTime.getAsLong();
    for (AccessStream stream : streams()) {
      try {
        stream.tick(now);
      } catch (RuntimeException e) {
        stream.fail(e);
      }
    }
  }

  private List<AccessStream> streams() {
    synchronized (lock) {
      return new ArrayList<>(open);
    }
  }

  private static Refusal stopping() {
    return Refusal.of(Fault.STOPPING, "the server is stopping");
  }

  private static ScheduledExecutorService timer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "modelgate-watch-timer");
              thread.setDaemon(true);
              return thread;
            });
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return timer;
  }
}
