package dev.modelgate.grpc;

import dev.modelgate.app.audit.TrailEntry;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.audit.TrailLog;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A trail in memory, of which few events are read at once. */
final class MemoryTrail implements TrailLog {
  private static final int PART = 2;

  private final List<TrailEntry> entries = new ArrayList<>();

  /** Adds an event that happened at a time. */
  synchronized TrailEntry add(Instant at, TrailEvent event) {
    long sequence = entries.size() + 1L;
    TrailEntry entry =
        new TrailEntry(
            sequence, "h" + sequence, "h" + (sequence - 1), at, event, 3, 2, "line " + sequence);
    entries.add(entry);
    return entry;
  }

  /** All events. */
  synchronized List<TrailEntry> all() {
    return List.copyOf(entries);
  }

  @Override
  public synchronized List<TrailEntry> read(long sequence, boolean forward) {
    List<TrailEntry> ordered = new ArrayList<>(entries);
    if (!forward) {
      Collections.reverse(ordered);
    }
    return ordered.stream()
        .filter(entry -> forward ? entry.sequence() >= sequence : entry.sequence() <= sequence)
        .limit(PART)
        .toList();
  }

  @Override
  public synchronized long firstSince(long micros) {
    Instant time = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    return entries.stream()
        .filter(entry -> !entry.time().isBefore(time))
        .findFirst()
        .map(TrailEntry::sequence)
        .orElse(entries.size() + 1L);
  }
}
