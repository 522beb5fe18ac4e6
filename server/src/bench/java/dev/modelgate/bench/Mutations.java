package dev.modelgate.bench;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Gives and takes grants of the crowd at a steady rate, one after the other, each durable before
 * the next, in a thread of its own; lasts until it is closed.
 */
final class Mutations implements AutoCloseable {
  private final BenchServer server;
  private final boolean related;
  private final long pauseNanos;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final Thread thread = new Thread(this::run, "mutations");
  private final SplittableRandom random = new SplittableRandom(3);
  private volatile boolean open = true;
  private volatile long made;

  private Mutations(BenchServer server, boolean related, int perSecond) {
    this.server = server;
    this.related = related;
    this.pauseNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
  }

  /**
   * Begins.
   *
   * @param related whether they concern pairs of the hot set, else none of its users and models
   */
  static Mutations start(BenchServer server, boolean related, int perSecond) {
    Mutations mutations = new Mutations(server, related, perSecond);
    mutations.thread.start();
    return mutations;
  }

  /** How many were acknowledged so far. */
  long made() {
    return made;
  }

  private void run() {
    try {
      long next = System.nanoTime();
      while (open) {
        int user = random.nextInt(Crowd.HOT_USERS);
        int model = random.nextInt(Crowd.HOT_MODELS);
        if (!related) {
          user += Crowd.USERS / 2;
          model += Crowd.MODELS / 2;
        }
        change(true, user, model);
        next = pause(next);
        change(false, user, model);
        next = pause(next);
      }
    } catch (RuntimeException e) {
      failure.set(e);
    }
  }

  private void change(boolean give, int user, int model) {
    server
        .commit(Scene.ORGANIZATION, Filling.give(give, Crowd.model(model), Crowd.user(user)))
        .toCompletableFuture()
        .join();
    made++;
  }

  /** Until the next is due; one that is late does not make the later ones late. */
  private long pause(long last) {
    long next = last + pauseNanos;
    long wait = next - System.nanoTime();
    if (wait > 0) {
      LockSupport.parkNanos(wait);
    }
    return next;
  }

  @Override
  public void close() {
    open = false;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Throwable failed = failure.get();
    if (failed != null) {
      throw new IllegalStateException("a mutation failed", failed);
    }
  }
}
