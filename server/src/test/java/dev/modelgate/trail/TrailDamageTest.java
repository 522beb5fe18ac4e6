package dev.modelgate.trail;

import static dev.modelgate.trail.Trails.LARGE;
import static dev.modelgate.trail.Trails.SMALL;
import static dev.modelgate.trail.Trails.assertWhole;
import static dev.modelgate.trail.Trails.breaks;
import static dev.modelgate.trail.Trails.replace;
import static dev.modelgate.trail.Trails.texts;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.trail.TrailVerifier.Report;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody does to the files is found, and what a crash does is said. */
final class TrailDamageTest {
  private static final int EVENTS = 20;

  @TempDir private Path data;

  @Test
  void trail_untouched_isWhole() throws Exception {
    Path trail = data.resolve("audit");
    Link last = Trails.write(trail, SMALL, 0, EVENTS);
    assertTrue(Segment.list(trail).size() > 3);
    Report report = TrailVerifier.directory(trail, Optional.of(last));
    assertEquals(new Report(EVENTS, 1, last, List.of()), report);
  }

  @Test
  void bit_flippedAnywhere_isFound() throws Exception {
    Path trail = data.resolve("audit");
    Trails.write(trail, LARGE, 0, 6);
    Path file = Trails.last(trail);
    byte[] good = Files.readAllBytes(file);
    long seed = System.nanoTime();
    System.out.println("TrailDamageTest seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      byte[] bad = good.clone();
      int at = random.nextInt(bad.length);
      bad[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, bad);
      assertFalse(breaks(trail).isEmpty(), "byte " + at);
    }
    Files.write(file, good);
    assertWhole(trail, 6);
  }

  @Test
  void bit_flipped_isNamedByFileAndLine() throws Exception {
    Path trail = data.resolve("audit");
    Trails.write(trail, LARGE, 0, 6);
    Path file = Trails.last(trail);
    List<String> lines = texts(file);
    lines.set(3, lines.get(3).replace("user:u3@", "user:u4@"));
    replace(file, lines);
    assertEquals(
        List.of(
            file.getFileName() + " line 4: its hash is not that of its bytes",
            file.getFileName() + " line 5: event 5 stands after event 3, 1 are missing"),
        breaks(trail));
  }

  @Test
  void event_rewrittenWithItsHash_isFoundAtTheNext() throws Exception {
    Path trail = data.resolve("audit");
    Trails.write(trail, LARGE, 0, 6);
    Path file = Trails.last(trail);
    List<String> lines = texts(file);
    String head = lines.get(3).substring(0, lines.get(3).lastIndexOf(",\"hash\""));
    String other = head.replace("user:u3@", "user:u4@");
    lines.set(3, other + ",\"hash\":\"" + TrailLine.hash(other) + "\"}");
    replace(file, lines);
    assertEquals(
        List.of(
            file.getFileName()
                + " line 5: event 5 was written after another event 4 than stands here"),
        breaks(trail));
  }

  @Test
  void event_removed_isFoundWhereverItWas() throws Exception {
    for (int removed = 0; removed < 6; removed++) {
      Path trail = data.resolve("audit" + removed);
      Trails.write(trail, LARGE, 0, 6);
      List<String> lines = texts(Trails.last(trail));
      lines.remove(removed);
      replace(Trails.last(trail), lines);
      List<String> found = breaks(trail);
      assertEquals(1, found.size(), found::toString);
      assertTrue(found.get(0).contains("missing"), found::toString);
    }
  }

  @Test
  void events_swapped_areFound() throws Exception {
    Path trail = data.resolve("audit");
    Trails.write(trail, LARGE, 0, 6);
    List<String> lines = texts(Trails.last(trail));
    Collections.swap(lines, 2, 3);
    replace(Trails.last(trail), lines);
    assertTrue(breaks(trail).get(0).contains("event 4 stands after event 2"));
    assertTrue(breaks(trail).get(1).contains("event 3 stands after event 4"));
  }

  @Test
  void segment_removed_isFoundWhereverItWas() throws Exception {
    int count = count(data.resolve("model"));
    for (int i = 0; i < count; i++) {
      Path trail = data.resolve("audit" + i);
      Trails.write(trail, SMALL, 0, EVENTS);
      Files.delete(Segment.list(trail).get(i).file());
      List<String> found = breaks(trail);
      assertEquals(1, found.size(), found::toString);
      assertTrue(found.get(0).contains("missing"), found::toString);
    }
  }

  private static int count(Path trail) throws Exception {
    Trails.write(trail, SMALL, 0, EVENTS);
    return Segment.list(trail).size();
  }

  @Test
  void event_truncated_isFoundCutAndMarked() throws Exception {
    Path model = data.resolve("model");
    Trails.write(model, LARGE, 0, 6);
    byte[] all = Files.readAllBytes(Trails.last(model));
    int lastBegins = all.length - texts(Trails.last(model)).get(5).length() - 1;
    for (int bytes : new int[] {1, 100, all.length - lastBegins - 1}) {
      Path trail = data.resolve("audit" + bytes);
      Trails.write(trail, LARGE, 0, 5);
      Files.write(
          Trails.last(trail),
          Arrays.copyOfRange(all, lastBegins, lastBegins + bytes),
          StandardOpenOption.APPEND);
      assertEquals(
          List.of(
              Trails.last(trail).getFileName()
                  + " line 6: torn, "
                  + bytes
                  + " bytes without an end"),
          breaks(trail));
      Trails.write(trail, LARGE, 6, 8);
      assertWhole(trail, 8);
      TrailLine mark = Trails.lines(trail).get(5);
      assertEquals("TORN_EVENT_CUT", mark.event().what());
      assertEquals(Integer.toString(bytes), mark.event().before().get("bytes"));
      assertEquals(
          TrailLine.hash(Arrays.copyOfRange(all, lastBegins, lastBegins + bytes)),
          mark.event().before().get("sha256"));
    }
  }

  @Test
  void event_truncatedAfterItWasWhole_staysABreak() throws Exception {
    Path trail = data.resolve("audit");
    Trails.write(trail, LARGE, 0, 6);
    byte[] all = Files.readAllBytes(Trails.last(trail));
    Files.write(Trails.last(trail), Arrays.copyOf(all, all.length - 10));
    Trails.write(trail, LARGE, 6, 8);
    assertEquals(
        List.of("TORN_EVENT_CUT", "EVENTS_MISSING"),
        Trails.lines(trail).stream().skip(5).limit(2).map(line -> line.event().what()).toList());
    assertEquals(1, breaks(trail).size());
    assertTrue(breaks(trail).get(0).contains("event 7 stands after event 5, 1 are missing"));
  }

  @Test
  void start_afterDamage_goesOnInAnotherSegmentAndSaysSo() throws Exception {
    Path trail = data.resolve("audit");
    Trails.write(trail, LARGE, 0, 6);
    Path file = Trails.last(trail);
    List<String> lines = texts(file);
    lines.set(3, "nonsense");
    replace(file, lines);
    byte[] evidence = Files.readAllBytes(file);
    Trails.write(trail, LARGE, 6, 8);
    assertEquals(2, Segment.list(trail).size());
    assertEquals(-1, Arrays.mismatch(evidence, Files.readAllBytes(file)));
    assertEquals(
        "DAMAGE_FOUND",
        TrailLine.read(texts(Trails.last(trail)).get(0).getBytes(UTF_8)).event().what());
    assertEquals(2, breaks(trail).size());
    assertTrue(breaks(trail).get(0).contains("line 4"));
  }

  @Test
  void head_removedOrAltered_isFound() throws Exception {
    Path trail = data.resolve("audit");
    Link last = Trails.write(trail, LARGE, 0, 6);
    Files.writeString(trail.resolve("head"), new Link(6, Link.START.hash()) + "\n");
    assertEquals(1, breaks(trail).size());
    assertTrue(breaks(trail).get(0).contains("event 6 is another one than the file `head` says"));
    Files.writeString(trail.resolve("head"), new Link(4, Link.START.hash()) + "\n");
    assertTrue(breaks(trail).get(0).contains("event 4 is another one than the file `head` says"));
    Files.delete(trail.resolve("head"));
    assertTrue(breaks(trail).get(0).contains("`head`"));
    Trails.write(trail, LARGE, 6, 7);
    assertEquals("DAMAGE_FOUND", Trails.lines(trail).get(6).event().what());
    assertEquals(last, Trails.lines(trail).get(5).link());
  }

  @Test
  void trail_writtenAnew_doesNotPassTheAnchor() throws Exception {
    Path trail = data.resolve("audit");
    Link known = Trails.write(trail, LARGE, 0, 6);
    Path forged = data.resolve("forged");
    Trails.write(forged, LARGE, 1, 9);
    assertWhole(forged, 8);
    assertEquals(
        List.of("event 6 is another one than that of the anchor"),
        TrailVerifier.directory(forged, Optional.of(known)).breaks());
    Path shorter = data.resolve("shorter");
    Trails.write(shorter, LARGE, 0, 4);
    assertEquals(
        List.of("event 6 of the anchor is not there"),
        TrailVerifier.directory(shorter, Optional.of(known)).breaks());
  }

  @Test
  void file_exported_isVerifiedLikeTheTrail() throws Exception {
    Path trail = data.resolve("audit");
    Link last = Trails.write(trail, LARGE, 0, 6);
    Path file = data.resolve("export.jsonl");
    Files.copy(Trails.last(trail), file);
    assertEquals(new Report(6, 1, last, List.of()), TrailVerifier.file(file, Optional.of(last)));
    List<String> lines = texts(file);
    replace(file, lines.subList(2, 6));
    assertEquals(
        List.of("events 1 to 2 are missing, and the trail has no record of their removal"),
        TrailVerifier.file(file, Optional.empty()).breaks());
    Link before = TrailLine.read(lines.get(1).getBytes(UTF_8)).link();
    assertTrue(TrailVerifier.file(file, Optional.of(before)).isWhole());
    replace(file, lines.subList(0, 5));
    assertFalse(TrailVerifier.file(file, Optional.of(last)).isWhole());
  }
}
