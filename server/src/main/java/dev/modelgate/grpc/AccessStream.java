package dev.modelgate.grpc;

import dev.modelgate.app.check.AccessListener;
import dev.modelgate.app.check.AccessWatches;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.identity.Asking;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import dev.modelgate.v1.WatchAccessRequest;
import dev.modelgate.v1.WatchAccessResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One stream of watched accesses. Something is written at least every {@value #HEARTBEAT_MS} ms and
 * a tick, and only when the transport has room, so that what waits is at most two answers for each
 * watch; who leaves no room for {@value #SLOW_MS_MAX} ms is ended, for he has long heard nothing. A
 * request is asked for when one was answered.
 */
final class AccessStream implements StreamObserver<WatchAccessRequest> {
  /** The most watches of one stream. */
  static final int WATCHES_MAX = 10_000;

  /** The most requests of one stream that are taken in and not answered. */
  static final int IN_FLIGHT_MAX = 1_024;

  /** After how long a silence a heartbeat is written, in milliseconds; promised are 250. */
  static final long HEARTBEAT_MS = 200;

  /** How long a reader may leave no room, in milliseconds. */
  static final long SLOW_MS_MAX = 2_000;

  private static final WatchAccessResponse HEARTBEAT = WatchAccessResponse.getDefaultInstance();

  private final AccessStreams streams;
  private final AccessWatches watches;
  private final CheckMessages messages;
  private final AskingBounds bounds;
  private final CheckTrail trail;
  private final Asking asking = CallerContext.ASKING.get();
  private final ErrorMapper errors;
  private final Object caller = Connection.turn();
  private final ServerCallStreamObserver<WatchAccessResponse> call;

  // Guarded by this; that lock is taken before those of the watches, never after.
  private final Map<Long, ToldAccess> open = new HashMap<>();
  private final Deque<ToldAccess> outbox = new ArrayDeque<>();
  private int owed;
  private long spokeNanos;
  private boolean spoke;
  private boolean blocked;
  private long blockedSinceNanos;
  private boolean halfClosed;
  private boolean draining;
  private boolean ended;

  AccessStream(
      AccessStreams streams,
      AccessWatches watches,
      CheckMessages messages,
      AskingBounds bounds,
      CheckTrail trail,
      ErrorMapper errors,
      ServerCallStreamObserver<WatchAccessResponse> call,
      long nowNanos) {
    this.streams = streams;
    this.watches = watches;
    this.messages = messages;
    this.bounds = bounds;
    this.trail = trail;
    this.errors = errors;
    this.call = call;
    this.spokeNanos = nowNanos;
    call.disableAutoRequest();
    call.setOnReadyHandler(this::drain);
    call.setOnCancelHandler(this::end);
    call.request(IN_FLIGHT_MAX);
  }

  /** Who watches, to be told apart from others. */
  Object caller() {
    return caller;
  }

  @Override
  public void onNext(WatchAccessRequest request) {
    ToldAccess access;
    Refusal refusal = null;
    synchronized (this) {
      if (ended) {
        return;
      }
      ToldAccess known = open.get(request.getId());
      access = known == null ? new ToldAccess(this, request.getId(), messages, errors) : known;
      access.asked();
      if (request.getId() == 0 || request.hasCheck()) {
        refusal = refusal(request.getId(), known != null);
      }
      if (request.hasCheck() && refusal == null) {
        open.put(request.getId(), access);
      }
    }
    if (refusal != null) {
      access.lost(refusal);
    } else if (!request.hasCheck()) {
      access.end();
    } else {
      begin(request, access);
    }
  }

  @Override
  public void onError(Throwable thrown) {
    end();
  }

  /** No more requests; what is watched goes on. */
  @Override
  public synchronized void onCompleted() {
    halfClosed = true;
    drain();
  }

  /** Ends the stream for want of something. */
  void refuse(Refusal refusal) {
    fail(refusal.asException());
  }

  /** Ends the stream. */
  void fail(RuntimeException failure) {
    synchronized (this) {
      if (!ended) {
        end();
        call.onError(errors.toException(failure));
      }
    }
  }

  /** Writes a heartbeat where it is time, and ends a reader that is too slow. */
  void tick(long nowNanos) {
    synchronized (this) {
      if (ended) {
        return;
      }
      if (spoke) {
        spoke = false;
        spokeNanos = nowNanos;
        blocked = false;
      }
      if (call.isReady()) {
        blocked = false;
        if (nowNanos - spokeNanos >= TimeUnit.MILLISECONDS.toNanos(HEARTBEAT_MS)) {
          spokeNanos = nowNanos;
          call.onNext(HEARTBEAT);
        }
        return;
      }
      if (!blocked) {
        blocked = true;
        blockedSinceNanos = nowNanos;
      }
      if (nowNanos - blockedSinceNanos < TimeUnit.MILLISECONDS.toNanos(SLOW_MS_MAX)) {
        return;
      }
    }
    refuse(
        Refusal.of(Fault.OVERLOADED, "what is told is not read in time")
            .with("queue", "access-readers"));
  }

  /** Has an access written that has something to tell. Called under the lock. */
  void enqueue(ToldAccess access) {
    outbox.add(access);
    drain();
  }

  private @Nullable Refusal refusal(long id, boolean isKnown) {
    if (id == 0) {
      return Refusal.ofField(Fault.INVALID_FIELD, "id", "0", "1 or more");
    }
    if (isKnown) {
      // The watch that has it is lost too: its watcher could not tell the two apart.
      return Refusal.ofField(
          Fault.INVALID_FIELD, "id", Long.toUnsignedString(id), "an id that is not in use");
    }
    return open.size() < WATCHES_MAX ? null : Refusal.ofSize("id", open.size() + 1L, WATCHES_MAX);
  }

  private void begin(WatchAccessRequest request, ToldAccess access) {
    AccessListener listener = trail.first(request.getCheck(), access);
    try {
      Question question = messages.question(request.getCheck());
      Optional<Refusal> refusal = bounds.refusal(asking, question);
      if (refusal.isPresent()) {
        watches.refuse(question, refusal.get(), listener);
      } else {
        access.begun(watches.watch(question, caller, request.getSerializedSize(), listener));
      }
    } catch (RuntimeException e) {
      listener.lost(errors.toRefusal(e));
    }
  }

  private synchronized void drain() {
    if (draining) {
      return; // Further down on this thread's stack.
    }
    draining = true;
    boolean more = true;
    while (more && !ended && call.isReady()) {
      ToldAccess next = outbox.poll();
      if (next != null) {
        write(next);
      }
      if (owed > 0 && !halfClosed) {
        int answered = owed;
        owed = 0;
        call.request(answered); // May have something told at once.
      }
      more = !outbox.isEmpty();
    }
    draining = false;
    if (halfClosed && open.isEmpty() && outbox.isEmpty() && !ended) {
      end();
      call.onCompleted();
    }
  }

  private void write(ToldAccess access) {
    for (WatchAccessResponse response : access.take()) {
      call.onNext(response);
      spoke = true;
    }
    owed += access.answered();
    if (access.isOver()) {
      open.remove(access.id(), access);
    }
  }

  private void end() {
    List<ToldAccess> all;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      all = new ArrayList<>(open.values());
      open.clear();
      outbox.clear();
    }
    streams.ended(this);
    streams.later(() -> all.forEach(ToldAccess::stop));
  }
}
