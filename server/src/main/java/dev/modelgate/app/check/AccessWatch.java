package dev.modelgate.app.check;

import dev.modelgate.store.Micros;
import java.util.Comparator;

/** One access that is watched. Its fields are guarded by the lock of {@link AccessWatches}. */
final class AccessWatch {
  /** By the time at which they are to be looked at again. */
  static final Comparator<AccessWatch> BY_DUE =
      Comparator.<AccessWatch>comparingLong(watch -> watch.dueMicros)
          .thenComparingLong(watch -> watch.serial);

  /** As {@code Micros.NEVER}, which answers that hold for ever say. */
  static final long NEVER_DUE = Micros.NEVER;

  private static final StripeIndex.Entry[] NOWHERE = {};

  final Question question;
  final Standing.Key key;
  final Object caller;
  final String asking;
  final int bytes;
  final AccessListener listener;

  /** Told apart from the others by it. */
  final long serial;

  /** Where it is in the index. */
  StripeIndex.Entry[] entries = NOWHERE;

  /** When it is to be looked at again though nothing changes. */
  long dueMicros = NEVER_DUE;

  /** Whether it is being evaluated. The first time begins when it is made. */
  boolean running = true;

  /** Whether it waits for an evaluation. */
  boolean queued;

  /** Whether something changed while it was being evaluated. */
  boolean again;

  /** Since when what was told of it may be wrong; only while it is among those that wait. */
  long staleSinceNanos;

  boolean closed;

  // What was told last.
  private boolean told;
  private String reason = "";
  private String deniedLink = "";
  private boolean conditional;

  AccessWatch(
      Question question,
      Standing.Key key,
      Object caller,
      String asking,
      int bytes,
      AccessListener listener,
      long serial) {
    this.question = question;
    this.key = key;
    this.caller = caller;
    this.asking = asking;
    this.bytes = bytes;
    this.listener = listener;
    this.serial = serial;
  }

  /** Whether nothing was told yet. */
  boolean isFirst() {
    return !told;
  }

  /** Whether an answer says something else than what was told last. */
  boolean isNews(Answer answer) {
    return !told
        || conditional == answer.missing().isEmpty()
        || !reason.equals(answer.reason())
        || !deniedLink.equals(answer.deniedLink());
  }

  /** Remembers what is told. */
  void tell(Answer answer) {
    told = true;
    conditional = !answer.missing().isEmpty();
    reason = answer.reason();
    deniedLink = answer.deniedLink();
  }
}
