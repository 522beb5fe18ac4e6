package dev.modelgate.app.check;

/**
 * The bounds of the check path.
 *
 * @param defaultParent the full name that completes a relative model name; empty for none
 * @param cacheBytesMax the weight of all cached answers, and of the facts that they have in common,
 *     in bytes; 0 switches the cache off
 * @param missThreads the threads that evaluate misses
 * @param missQueueMax the most misses that wait for a thread; more are shed
 * @param recheckEvery one in how many hits is recomputed; 0 for none
 */
public record CheckOptions(
    String defaultParent, long cacheBytesMax, int missThreads, int missQueueMax, int recheckEvery) {
  /** One part in three of the cache is for facts: without them a miss takes several reads. */
  private static final int FACT_PART = 3;

  /** 32 MiB of cache, two threads, 1,024 waiting, one in 1,000 rechecked, no default parent. */
  public static final CheckOptions DEFAULT = new CheckOptions("", 32L << 20, 2, 1_024, 1_000);

  /** The part of the cache that is for facts, in bytes. */
  long factBytesMax() {
    return cacheBytesMax / FACT_PART;
  }

  /** Refuses bounds out of range. */
  public CheckOptions {
    if (cacheBytesMax < 0 || missThreads < 1 || missQueueMax < 1 || recheckEvery < 0) {
      throw new IllegalArgumentException("check options out of range");
    }
  }
}
