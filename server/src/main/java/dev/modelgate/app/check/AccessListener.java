package dev.modelgate.app.check;

import dev.modelgate.model.Refusal;

/**
 * Hears of one watched access, one call at a time, on any thread, the one that began the watch
 * included. Must be quick and must not throw.
 */
public interface AccessListener {
  /** The first answer, or one with another decision, reason or denied link than the last. */
  void told(Answer answer);

  /**
   * It can no longer be told, so it must be taken for denied; what comes after it means nothing.
   */
  void lost(Refusal refusal);
}
