package dev.modelgate.app.audit;

import java.util.List;

/** Reads the audit trail; blocks for the disk. Thread-safe. */
public interface TrailLog {
  /** One that has no events. */
  TrailLog NONE =
      new TrailLog() {
        @Override
        public List<TrailEntry> read(long sequence, boolean forward) {
          return List.of();
        }

        @Override
        public long firstSince(long micros) {
          return 1;
        }
      };

  /**
   * Reads events from one on, in the order that is asked for; everything that was recorded before
   * the call is there.
   *
   * @param sequence the first to be read; forward it may be one that is removed already, backward
   *     one that does not exist yet
   * @param forward whether the next ones are younger
   * @return as many as are read at once, 4 MiB of them or fewer in the default setting; empty when
   *     there are no more
   */
  List<TrailEntry> read(long sequence, boolean forward);

  /** The number of the first event at that time or later; one more than the last for none. */
  long firstSince(long micros);
}
