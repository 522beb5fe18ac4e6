package dev.modelgate.app.check;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Publication;
import dev.modelgate.app.state.PublicationListener;
import dev.modelgate.app.state.Published;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.model.Fault;
import dev.modelgate.model.Refusal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Accesses that are watched: the first answer is a check, and each answer that differs is told.
 *
 * <p>Why none is missed (hazard 39): a watch is registered under its organization before it is
 * evaluated, on the stripes that its answer stands on after that, and then what the answer stands
 * on is held against the stamps and the organization again. A publication raises stamps before it
 * is told here, so it either finds the watch registered, or the comparison finds the stamps raised.
 * A watch whose answer may be wrong waits for one evaluation, however much has changed; an allow
 * that is known to be old is not told. When the time comes up to which an answer holds, it is
 * evaluated again (hazard 6).
 *
 * <p>A publication costs what it concerns, for its watches are found by the stripes that it raised.
 * Callers take turns for evaluations, which have threads that no check can take. A watch that has
 * waited for more than {@value WatchOptions#STALE_MS_MAX} ms is lost, which is a denial.
 *
 * <p>Thread-safe. Listeners are called without a lock.
 */
public final class AccessWatches implements PublicationListener, AutoCloseable {
  private final Publication publication;
  private final Stamps stamps;
  private final MonotoneClock clock;
  private final CachingAuthorizer authorizer;
  private final Authorizer first;
  private final WatchOptions options;
  private final Telemetry telemetry;
  private final LongSupplier nanoTime;
  private final MissPool pool;
  private final AutoCloseable registration;
  private final Runnable cacheRegistration;

  private final Object lock = new Object();
  // Guarded by the lock.
  private final WatchBook book = new WatchBook();
  private final LinkedHashSet<AccessWatch> stale = new LinkedHashSet<>();
  private long bytes;
  private long serial;

  /**
   * No watches yet.
   *
   * @param authorizer evaluates
   * @param first answers first questions: the same one, or one that tells of them
   */
  public AccessWatches(
      Publication publication,
      Stamps stamps,
      MonotoneClock clock,
      CachingAuthorizer authorizer,
      Authorizer first,
      WatchOptions options,
      Telemetry telemetry) {
    this.publication = publication;
    this.stamps = stamps;
    this.clock = clock;
    this.authorizer = authorizer;
    this.first = first;
    this.options = options;
    this.telemetry = telemetry;
    this.nanoTime = options.nanoTime();
    this.pool =
        new MissPool(
            "modelgate-watch-",
            options.threads(),
            options.watchesMax(),
            Telemetry.NONE,
            options.nanoTime());
    this.registration = publication.onPublication(this);
    // A cached answer there was wrong, so what was told may be, too (hazard 9).
    this.cacheRegistration =
        authorizer.onCacheOff(org -> concern(marked -> book.ofOrganization(org, marked)));
  }

  /**
   * Begins to watch. Never blocks.
   *
   * @param caller who takes turns with the others, by {@code equals}
   * @param questionBytes the size of the question, for the bound of all of them
   * @param listener hears the first answer, perhaps before this returns; or why there is none, as
   *     {@link Authorizer#check} says
   * @return ends the watch, again and again if need be; what is told meanwhile means nothing
   * @throws dev.modelgate.model.RefusedException OVERLOADED when too much is watched
   */
  public Runnable watch(
      Question question, Object caller, int questionBytes, AccessListener listener) {
    Standing.Key key = authorizer.standing(question);
    String asking = first.asking();
    AccessWatch watch;
    synchronized (lock) {
      if (book.size() >= options.watchesMax() || bytes + questionBytes > WatchOptions.BYTES_MAX) {
        throw overloaded("too many accesses are watched").asException();
      }
      watch = new AccessWatch(question, key, caller, asking, questionBytes, listener, ++serial);
      bytes += questionBytes;
      book.add(watch, publication.current());
    }
    first.check(question, new FirstAnswer(this, watch));
    return () -> remove(watch);
  }

  /** Takes note of a question that who asks it may not ask, and has the listener hear of it. */
  public void refuse(Question question, Refusal refusal, AccessListener listener) {
    first.refuse(question, refusal, new RefusedSink(listener));
  }

  @Override
  public void published(Published state, List<OrgState> changed, int[] stripes) {
    concern(marked -> book.changed(state, changed, stripes, marked));
  }

  @Override
  public void recovered(Published state) {
    concern(marked -> book.all(state, marked));
  }

  /** Looks for what time has changed. To be called every few ms while anything is watched. */
  public void tick() {
    long nowMicros = clock.nowMicros();
    concern(marked -> book.due(nowMicros, marked));
    List<AccessWatch> late = new ArrayList<>();
    long oldestNanos =
        nanoTime.getAsLong() - TimeUnit.MILLISECONDS.toNanos(WatchOptions.STALE_MS_MAX);
    synchronized (lock) {
      for (AccessWatch watch : stale) {
        if (watch.staleSinceNanos - oldestNanos >= 0) {
          break; // The others wait since later.
        }
        late.add(watch);
      }
    }
    late.forEach(watch -> lose(watch, overloaded("a change could not be looked at in time")));
  }

  /** The accesses that are watched at the moment; for metrics. */
  public int open() {
    synchronized (lock) {
      return book.size();
    }
  }

  /** Those of them of which it is known that they may have changed; for metrics. */
  public int waiting() {
    synchronized (lock) {
      return stale.size();
    }
  }

  /** Evaluates no more; what is still watched hears nothing more, unless its time has come. */
  @Override
  public void close() {
    try {
      registration.close();
    } catch (Exception e) {
      throw new IllegalStateException("a listener could not be unregistered", e);
    }
    cacheRegistration.run();
    pool.close();
  }

  /** Has everything evaluated that is found, under the lock, to be wrong perhaps. */
  private void concern(Consumer<Consumer<AccessWatch>> finder) {
    List<AccessWatch> found = new ArrayList<>();
    synchronized (lock) {
      finder.accept(watch -> mark(watch, found));
    }
    found.forEach(watch -> pool.submit(watch.caller, new Reevaluation(this, watch)));
  }

  /** Notes, under the lock, that what was told may be wrong; adds it to what is to be submitted. */
  private void mark(AccessWatch watch, List<AccessWatch> found) {
    if (stale.add(watch)) {
      watch.staleSinceNanos = nanoTime.getAsLong();
    }
    if (watch.running) {
      watch.again = true;
    } else if (!watch.queued) {
      watch.queued = true;
      found.add(watch);
    }
  }

  /** Evaluates a watch of which something has changed. */
  void evaluate(AccessWatch watch) {
    synchronized (lock) {
      if (watch.closed) {
        return;
      }
      watch.queued = false;
      watch.again = false;
      watch.running = true;
    }
    telemetry.watchEvaluated();
    try {
      Grounds grounds = new Grounds();
      settle(watch, authorizer.answer(watch.question.at(clock.nowMicros()), grounds), grounds);
    } catch (RuntimeException e) {
      lose(watch, Refusals.of(e));
    }
  }

  /**
   * Registers a watch on what its answer stands on, compares, and tells the answer if it is new.
   */
  void settle(AccessWatch watch, Answer answer, Grounds grounds) {
    boolean isOld;
    boolean isTold;
    boolean isFirst;
    long waitedNanos;
    long until = grounds.untilMicros(answer, TimeUnit.MILLISECONDS.toMicros(WatchOptions.TIMED_MS));
    int[] stripes = grounds.stripes();
    synchronized (lock) {
      if (watch.closed) {
        return;
      }
      book.stand(watch, stripes, until);
      isOld =
          watch.again
              || clock.nowMicros() >= until
              || !grounds.hold(stamps, Standing.of(publication.current(), watch.key));
      isFirst = watch.isFirst();
      isTold = watch.isNews(answer) && !(isOld && answer.allowed());
      if (isTold) {
        watch.tell(answer);
      }
      waitedNanos = stale.contains(watch) ? nanoTime.getAsLong() - watch.staleSinceNanos : 0;
    }
    if (isTold) {
      watch.listener.told(answer);
    }
    if (isTold && !isFirst) {
      telemetry.watchTold(waitedNanos);
      first.changed(watch.question, watch.asking, answer, waitedNanos);
    }
    rest(watch, isOld);
  }

  /** Ends an evaluation whose answer was told, for no other may be told before it. */
  private void rest(AccessWatch watch, boolean isOld) {
    concern(
        marked -> {
          watch.running = false;
          if (!watch.closed && (isOld || watch.again)) {
            marked.accept(watch);
          } else {
            stale.remove(watch);
          }
        });
  }

  /** Ends a watch that cannot be told; its listener hears of it once. */
  void lose(AccessWatch watch, Refusal refusal) {
    if (remove(watch)) {
      watch.listener.lost(refusal);
    }
  }

  /** Whether a watch has ended. */
  boolean isClosed(AccessWatch watch) {
    synchronized (lock) {
      return watch.closed;
    }
  }

  private boolean remove(AccessWatch watch) {
    synchronized (lock) {
      if (watch.closed) {
        return false;
      }
      watch.closed = true;
      bytes -= watch.bytes;
      stale.remove(watch);
      book.remove(watch);
      return true;
    }
  }

  static Refusal overloaded(String message) {
    return Refusal.of(Fault.OVERLOADED, message).with("queue", "accesses");
  }
}
