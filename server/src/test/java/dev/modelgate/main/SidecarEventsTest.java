package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.rows.Row;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.WatchEventsRequest;
import dev.modelgate.v1.WatchEventsResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events outlive the process: they are read from the log on the disk. */
final class SidecarEventsTest {
  @TempDir Path directory;

  @Test
  @Row("F134")
  void watch_resumedAfterARestart_tellsTheSameEventsOnce() throws IOException {
    List<WatchEventsResponse> before;
    String start;
    try (SidecarBed bed = new SidecarBed(directory)) {
      bed.sample();
      start = bed.admin().watchEvents(from("")).next().getCursor();
      share(bed, "user:ben@acme.com", "user:cleo@acme.com", "serviceAccount:scorer");
      share(bed, "group:risk");
      before = messages(bed, start, 4);
    }
    try (SidecarBed bed = new SidecarBed(directory)) {
      assertEquals(before, messages(bed, start, 4));
      for (int i = 0; i < before.size(); i++) {
        List<WatchEventsResponse> rest = before.subList(i + 1, before.size());
        assertEquals(rest, messages(bed, before.get(i).getCursor(), rest.size()));
      }
      share(bed, "user:ana@acme.com");
      share(bed, "user:late@acme.com");
      WatchEventsResponse last = messages(bed, before.get(3).getCursor(), 1).get(0);
      assertEquals("user:late@acme.com", last.getEvent().getRecipient());
    }
  }

  private static void share(SidecarBed bed, String... recipients) {
    UpdateGrantsRequest.Builder request =
        UpdateGrantsRequest.newBuilder().setResource(SidecarBed.FRAUD);
    for (String recipient : recipients) {
      request.addChanges(
          GrantChange.newBuilder()
              .setMode(GrantChange.Mode.MODE_MERGE)
              .setPrincipal(recipient)
              .setRole("user")
              .setNote("for " + recipient)
              .setNotify(true));
    }
    bed.admin().updateGrants(request.build());
  }

  private static List<WatchEventsResponse> messages(SidecarBed bed, String cursor, int count) {
    Iterator<WatchEventsResponse> watch = bed.admin().watchEvents(from(cursor));
    assertEquals(cursor, watch.next().getCursor());
    List<WatchEventsResponse> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(watch.next());
    }
    return messages;
  }

  private static WatchEventsRequest from(String cursor) {
    return WatchEventsRequest.newBuilder()
        .setOrganization("organizations/acme")
        .setFromCursor(cursor)
        .build();
  }
}
