package dev.modelgate.trail;

import dev.modelgate.app.audit.TrailEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks the chain of a trail without a sidecar: every line is what was written, every event
 * follows the one before it, none is missing between the recorded beginning and the recorded end.
 * Who can write the files can make another chain of them; he cannot make one that goes through a
 * {@link Link} that was noted elsewhere, which is what the anchor is for.
 */
public final class TrailVerifier {
  /** The most breaks that are listed. */
  static final int BREAKS_MAX = 100;

  /**
   * What was found.
   *
   * @param events how many lines are events
   * @param first number of the first one, 0 for none
   * @param last the last one
   * @param breaks where the chain breaks, and how; empty when it is whole
   */
  public record Report(long events, long first, Link last, List<String> breaks) {
    /** Copies the list. */
    public Report {
      breaks = List.copyOf(breaks);
    }

    /** Whether the chain is whole. */
    public boolean isWhole() {
      return breaks.isEmpty();
    }
  }

  private final Optional<Link> anchor;
  private final Optional<Link> head;
  private final List<String> breaks = new ArrayList<>();
  private Link last = Link.START;
  private Link beforeFirst = Link.START;
  private Instant time = Instant.EPOCH;
  private long first;
  private long events;
  private boolean follows = true;
  private boolean removalIsRecorded;
  private boolean anchored;

  private TrailVerifier(Optional<Link> anchor, Optional<Link> head) {
    this.anchor = anchor;
    this.head = head;
  }

  /**
   * Verifies the trail of a data directory.
   *
   * @param directory with the segments
   * @param anchor an event that is known from elsewhere, which must be in the chain or right before
   *     it
   */
  public static Report directory(Path directory, Optional<Link> anchor) throws IOException {
    // Before the events: a sidecar that is running writes some more meanwhile.
    Optional<Link> head = HeadFile.read(directory);
    TrailVerifier verifier = new TrailVerifier(anchor, head);
    for (Segment segment : Segment.list(directory)) {
      verifier.file(segment.file());
    }
    verifier.end();
    verifier.endAtHead();
    return verifier.report();
  }

  /**
   * Verifies an exported file, compressed if its name ends in {@code .gz}: lines of the trail, or
   * events of the audit, of which those that are of the trail carry their lines.
   */
  public static Report file(Path file, Optional<Link> anchor) throws IOException {
    TrailVerifier verifier = new TrailVerifier(anchor, Optional.empty());
    ExportedLines.read(
        file, (line, number) -> verifier.line(line, file.getFileName() + " line " + number));
    verifier.end();
    return verifier.report();
  }

  private Report report() {
    return new Report(events, first, last, breaks);
  }

  private void file(Path file) throws IOException {
    Segment.Lines lines = Segment.lines(file);
    int number = 0;
    for (byte[] line : lines.whole()) {
      number++;
      line(line, file.getFileName() + " line " + number);
    }
    if (lines.rest().length > 0) {
      broken(
          file.getFileName()
              + " line "
              + (number + 1)
              + ": torn, "
              + lines.rest().length
              + " bytes without an end");
      follows = false;
    }
  }

  private void line(byte[] line, String place) {
    try {
      take(TrailLine.read(line), place);
    } catch (BadLineException e) {
      broken(place + ": " + e.getMessage());
      follows = false;
    }
  }

  private void take(TrailLine line, String place) {
    Link link = line.link();
    if (events == 0) {
      first = link.sequence();
      beforeFirst = new Link(first - 1, line.previous());
      last = beforeFirst;
      follows &= first != 1 || line.previous().equals(Link.START.hash());
      if (!follows) {
        broken(place + ": event 1 follows something");
      }
      follows = true;
    }
    String event = place + ": event " + link.sequence();
    if (link.sequence() > last.sequence() + 1) {
      broken(
          event
              + " stands after event "
              + last.sequence()
              + ", "
              + (link.sequence() - last.sequence() - 1)
              + " are missing");
    } else if (link.sequence() <= last.sequence()) {
      broken(event + " stands after event " + last.sequence());
    } else if (follows && !line.previous().equals(last.hash())) {
      broken(event + " was written after another event " + last.sequence() + " than stands here");
    } else if (line.time().isBefore(time)) {
      broken(event + " is older than the one before");
    }
    follows = true;
    last = link;
    time = line.time();
    events++;
    removalIsRecorded |=
        line.event().kind() == TrailEvent.Kind.TRAIL
            && line.event().what().equals(TrailWriter.SEGMENT_REMOVED)
            && beforeFirst.toString().equals(line.event().before().get(TrailWriter.LAST));
    if (anchor.filter(known -> known.sequence() == link.sequence()).isPresent()) {
      compareAnchor(link);
    }
    if (head.filter(known -> known.sequence() == link.sequence() && !known.equals(link))
        .isPresent()) {
      broken(event + " is another one than the file `" + HeadFile.NAME + "` says");
    }
  }

  private void compareAnchor(Link link) {
    anchored = true;
    if (anchor.filter(link::equals).isEmpty()) {
      broken("event " + link.sequence() + " is another one than that of the anchor");
    }
  }

  private void end() {
    anchor
        .filter(known -> known.sequence() == beforeFirst.sequence())
        .ifPresent(known -> compareAnchor(beforeFirst));
    if (events > 0 && first > 1 && !removalIsRecorded && !anchored) {
      broken(
          "events 1 to "
              + (first - 1)
              + " are missing, and the trail has no record of their removal");
    }
    if (anchor.isPresent() && !anchored) {
      broken("event " + anchor.get().sequence() + " of the anchor is not there");
    }
  }

  /** The head may be behind by what was written since, and never ahead. */
  private void endAtHead() {
    if (head.isEmpty()) {
      if (events > 0) {
        broken(
            "the file `" + HeadFile.NAME + "`, which names the last event, is missing or damaged");
      }
    } else if (head.get().sequence() > last.sequence()) {
      broken(
          "events "
              + (last.sequence() + 1)
              + " to "
              + head.get().sequence()
              + " are missing at the end");
    }
  }

  private void broken(String what) {
    if (breaks.size() < BREAKS_MAX) {
      breaks.add(what);
    }
  }
}
