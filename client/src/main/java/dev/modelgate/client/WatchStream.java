package dev.modelgate.client;

import dev.modelgate.v1.WatchAccessRequest;
import dev.modelgate.v1.WatchAccessResponse;
import io.grpc.Channel;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All watches of a client on one stream, matched by id.
 *
 * <p>When the stream breaks, it is opened again, at once and then after waits that double from 10
 * ms to 5 s, and every watch is begun again. One that is not answered again within the silence,
 * counted from when the sidecar was last heard, is lost; and so are all when nothing is heard for
 * as long. Where this process itself stood still, what has arrived meanwhile is read first.
 *
 * <p>Safe for concurrent use; no method blocks. Invariant: a watch is in the map from its begin
 * until it is closed or was told that it is lost, and every watch in the map will be told either.
 */
final class WatchStream implements AutoCloseable {
  /** The most watches at a time: what a sidecar takes on one stream. */
  static final int WATCHES_MAX = 10_000;

  /** How long a stream without a watch is kept. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /** How many looks at the time there are within the silence. */
  private static final int TICKS = 10;

  private final Channel channel;
  private final Duration timeout;
  private final long silenceNanos;
  private final LongSupplier nanoTime;
  private final Executor nextTick;

  private final Object lock = new Object();
  // Guarded by lock.
  private final Map<Long, AccessWatch> watches = new LinkedHashMap<>();
  private long lastId;
  private @Nullable WatchSession session;
  private boolean closed;
  private long heardNanos;
  private long usedNanos;
  private final Backoff backoff;
  private long tickAtNanos;
  private boolean ticking;
  private boolean forgiven;
  private Throwable broken = Status.UNAVAILABLE.asRuntimeException();

  /**
   * No watches yet.
   *
   * @param timeout for first answers
   * @param silence after how long without a word everything is lost
   */
  WatchStream(Channel channel, Duration timeout, Duration silence, LongSupplier nanoTime) {
    this(
        channel,
        timeout,
        silence,
        nanoTime,
        CompletableFuture.delayedExecutor(silence.toNanos() / TICKS, TimeUnit.NANOSECONDS));
  }

  /** As the other, with what runs something after a tenth of the silence. */
  WatchStream(
      Channel channel,
      Duration timeout,
      Duration silence,
      LongSupplier nanoTime,
      Executor nextTick) {
    this.channel = channel;
    this.timeout = timeout;
    this.silenceNanos = silence.toNanos();
    this.nanoTime = nanoTime;
    this.nextTick = nextTick;
    this.backoff = new Backoff(nanoTime);
  }

  /** Begins a watch. */
  AccessWatch watch(Question question, Consumer<? super Answer> changes) {
    AccessWatch watch;
    Answer refusal;
    synchronized (lock) {
      watch = new AccessWatch(this, ++lastId, WireConverter.toWire(question), changes);
      refusal = refusal();
      if (refusal == null) {
        watches.put(watch.id, watch);
        usedNanos = nanoTime.getAsLong();
        begin(watch);
        scheduleTick();
      }
    }
    if (refusal != null) {
      watch.tell(refusal, true);
      return watch;
    }
    watch.endWhenLate(timeout);
    return watch;
  }

  /** Ends a watch without a word. */
  void end(AccessWatch watch) {
    synchronized (lock) {
      WatchSession open = session;
      if (watches.remove(watch.id) != null && open != null) {
        usedNanos = nanoTime.getAsLong();
        open.send(WatchAccessRequest.newBuilder().setId(watch.id).build());
      }
    }
  }

  /** Loses all watches and ends the stream. Idempotent. */
  @Override
  public void close() {
    Status closing = Status.CANCELLED.withDescription("the client is closed");
    List<AccessWatch> all;
    WatchSession open;
    synchronized (lock) {
      closed = true;
      open = session;
      session = null;
      all = new ArrayList<>(watches.values());
      watches.clear();
    }
    if (open != null) {
      open.cancel(closing.asRuntimeException());
    }
    all.forEach(watch -> lose(watch, closing.asRuntimeException()));
  }

  /** How many watches are open. */
  int open() {
    synchronized (lock) {
      return watches.size();
    }
  }

  /** When the sidecar was last heard, or the stream opened. */
  long heardNanos() {
    synchronized (lock) {
      return heardNanos;
    }
  }

  /** Looks at what time has changed. */
  void tick() {
    List<AccessWatch> lost = new ArrayList<>();
    WatchSession silent = null;
    Throwable cause;
    synchronized (lock) {
      ticking = false;
      long now = nanoTime.getAsLong();
      // Who looks late perhaps stood still, and has not read yet what was sent to him.
      forgiven = !forgiven && now - tickAtNanos > silenceNanos / 4;
      if (!forgiven) {
        WatchSession open = session;
        boolean isIdle = watches.isEmpty() && now - usedNanos >= IDLE_NANOS;
        if (open != null && (isIdle || now - heardNanos >= silenceNanos)) {
          silent = open;
          breakUp(open, silence());
        }
        for (AccessWatch watch : watches.values()) {
          if (watch.last != null && !watch.assured && now - watch.assuredNanos >= silenceNanos) {
            lost.add(watch);
          }
        }
        lost.forEach(watch -> watches.remove(watch.id));
      }
      if (session == null && !watches.isEmpty() && backoff.isOver()) {
        reopen();
      }
      cause = broken;
      scheduleTick();
    }
    if (silent != null) {
      silent.cancel(silence());
    }
    lost.forEach(watch -> lose(watch, cause));
  }

  /** Why nothing can be watched now, or null. Opens the stream where that is due. */
  private @Nullable Answer refusal() {
    if (closed) {
      return WireConverter.toAnswer(
          Status.CANCELLED.withDescription("the client is closed").asRuntimeException());
    }
    if (watches.size() >= WATCHES_MAX) {
      return Answer.failed(
          "WATCHES_FULL",
          new IllegalStateException(
              "watches: " + WATCHES_MAX + " (expected: fewer than " + WATCHES_MAX + ")"));
    }
    if (session == null && backoff.isOver()) {
      reopen();
    }
    return session == null ? WireConverter.toAnswer(broken) : null;
  }

  /** Opens the stream, and begins again what is watched. */
  private void reopen() {
    WatchSession opened = new WatchSession(this, channel, lock);
    session = opened;
    heardNanos = nanoTime.getAsLong();
    opened.open();
    if (session == opened) {
      watches.values().forEach(this::begin);
    }
  }

  private void begin(AccessWatch watch) {
    WatchSession open = session;
    if (open != null) {
      open.send(WatchAccessRequest.newBuilder().setId(watch.id).setCheck(watch.question).build());
    }
  }

  /** The server has said something. */
  void told(WatchSession from, WatchAccessResponse response) {
    AccessWatch watch;
    Answer answer;
    boolean isFirst;
    synchronized (lock) {
      if (from != session) {
        return;
      }
      heardNanos = nanoTime.getAsLong();
      backoff.succeeded();
      watch = watches.get(response.getId());
      if (watch == null) {
        return; // A heartbeat, or it was ended.
      }
      answer = WireConverter.toAnswer(response);
      isFirst = watch.last == null;
      watch.assured = true;
      if (answer.cause().isPresent()) {
        watches.remove(watch.id);
      } else if (!watch.isNews(answer)) {
        return; // It was begun again on another stream.
      }
      watch.last = answer;
    }
    watch.tell(answer, isFirst);
  }

  /** Called under the lock. */
  private void breakUp(WatchSession from, Throwable cause) {
    if (from != session) {
      return;
    }
    session = null;
    broken = cause;
    backoff.failed();
    for (AccessWatch watch : watches.values()) {
      if (watch.assured) {
        watch.assured = false;
        watch.assuredNanos = heardNanos;
      }
    }
  }

  /** A stream has ended. */
  void broken(WatchSession from, Throwable cause) {
    List<AccessWatch> unanswered = new ArrayList<>();
    synchronized (lock) {
      if (from != session) {
        return;
      }
      breakUp(from, cause);
      if (!watches.isEmpty() && backoff.isOver()) {
        reopen();
      } else {
        // Whoever waits for a first answer need not wait for another attempt.
        watches.values().stream().filter(each -> each.last == null).forEach(unanswered::add);
        unanswered.forEach(watch -> watches.remove(watch.id));
      }
    }
    if (!unanswered.isEmpty()) {
      Answer failed = WireConverter.toAnswer(cause);
      // Not on this thread, which may be one that opens a stream under the lock.
      CompletableFuture<Void> unused =
          CompletableFuture.runAsync(() -> unanswered.forEach(each -> each.tell(failed, true)));
    }
  }

  /** Tells a watch that was taken out of the map. */
  private static void lose(AccessWatch watch, Throwable cause) {
    watch.tell(Answer.failed("WATCH_LOST", cause), watch.last == null);
  }

  private RuntimeException silence() {
    return Status.UNAVAILABLE
        .withDescription(
            "nothing was heard of the sidecar for "
                + TimeUnit.NANOSECONDS.toMillis(silenceNanos)
                + " ms")
        .asRuntimeException();
  }

  private void scheduleTick() {
    if (!ticking && !closed && (session != null || !watches.isEmpty())) {
      ticking = true;
      tickAtNanos = nanoTime.getAsLong() + silenceNanos / TICKS;
      nextTick.execute(this::tick);
    }
  }
}
