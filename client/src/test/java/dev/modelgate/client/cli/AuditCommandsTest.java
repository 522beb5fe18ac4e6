package dev.modelgate.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import dev.modelgate.client.cli.CliBed.Run;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceImplBase;
import dev.modelgate.v1.AuditEvent;
import dev.modelgate.v1.ChangeEvent;
import dev.modelgate.v1.ListAuditEventsRequest;
import dev.modelgate.v1.ListAuditEventsResponse;
import dev.modelgate.v1.TrailEntry;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** audit: what it asks and what it shows. */
final class AuditCommandsTest {
  private static final String LIST = "audit list organizations/acme";

  @TempDir Path data;

  private final Plane plane = new Plane();
  private CliBed bed = new CliBed(Path.of("."));

  @BeforeEach
  void start() {
    bed = new CliBed(data);
  }

  @AfterEach
  void stop() {
    bed.close();
  }

  @Test
  void list_severalPages_areOneTable() throws Exception {
    assertEquals(
        new Run(
            0,
            """
            TIME                  ACTOR                FOR       KINDS             WHAT           ABOUT                                                       REASON
            1970-01-01T00:00:02Z  systemAdministrator  user:ana  grant,membership  2 changes      organizations/acme/models/fraud user:u0 user:u1 and 1 more  why
            1970-01-01T00:00:01Z  user:ben                       refusal           NOT_PERMITTED  organizations/acme/models/fraud user:u0 user:u1 and 1 more
            """,
            ""),
        ask(LIST));
    assertEquals(
        List.of("", "1", "2"), plane.requests.stream().map(r -> r.getPageToken()).toList());
  }

  @Test
  void list_json_isOneEventPerLine() throws Exception {
    Run run = ask(LIST + " --output json");
    List<String> lines = run.out().lines().toList();
    assertEquals(2, lines.size());
    for (int i = 0; i < 2; i++) {
      AuditEvent.Builder event = AuditEvent.newBuilder();
      Json.parse(lines.get(i), event);
      assertEquals(Plane.EVENTS.get(i), event.build());
    }
    assertEquals("", run.err());
  }

  @Test
  void list_limit_stopsAndSaysSoInBothForms() throws Exception {
    for (String form : List.of("table", "json")) {
      Run run = ask(LIST + " --limit 1 --output " + form);
      assertEquals("more than 1 events; see --limit\n", run.err());
      assertTrue(run.out().contains("user:ana"));
      assertTrue(!run.out().contains("user:ben"));
    }
    assertEquals(1, plane.requests.get(0).getPageSize());
  }

  @Test
  void list_filters_areSentWithEveryPage() throws Exception {
    ask(
        LIST
            + " --resource organizations/acme/models/fraud --principal user:ben --actor user:ana"
            + " --kind grant,deny-rule --kind suspension --from 24h --until 2026-01-01T01:00:00Z"
            + " --oldest-first");
    assertEquals(3, plane.requests.size());
    for (ListAuditEventsRequest request : plane.requests) {
      assertEquals(
          ListAuditEventsRequest.newBuilder()
              .setOrganization("organizations/acme")
              .setResource("organizations/acme/models/fraud")
              .setPrincipal("user:ben")
              .setActor("user:ana")
              .addKinds(AuditEvent.Kind.KIND_GRANT)
              .addKinds(AuditEvent.Kind.KIND_DENY_RULE)
              .addKinds(AuditEvent.Kind.KIND_SUSPENSION)
              .setFromTime(time("2025-12-31T00:00:00Z"))
              .setUntilTime(time("2026-01-01T01:00:00Z"))
              .setOldestFirst(true)
              .setPageSize(request.getPageSize())
              .setPageToken(request.getPageToken())
              .build(),
          request);
    }
  }

  @Test
  void list_failureOnALaterPage_keepsTheLinesBefore() throws Exception {
    plane.failAfterPages = 1;
    Run run = ask(LIST + " --output json");
    assertEquals(2, run.exitCode());
    assertEquals(1, run.out().lines().count());
    assertTrue(run.err().contains("UNAVAILABLE"), run.err());
  }

  @Test
  void export_isEveryPageInAFileThatAppearsWhenItIsComplete() throws Exception {
    Path file = data.resolve("audit.jsonl");
    Run run = ask("audit export organizations/acme " + file + " --kind grant");
    assertEquals(new Run(0, "exported 2 events to " + file + "\n", ""), run);
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < 2; i++) {
      AuditEvent.Builder event = AuditEvent.newBuilder();
      Json.parse(lines.get(i), event);
      assertEquals(Plane.EVENTS.get(i), event.build());
    }
    assertTrue(plane.requests.stream().allMatch(ListAuditEventsRequest::getOldestFirst));
    assertEquals(List.of(AuditEvent.Kind.KIND_GRANT), plane.requests.get(0).getKindsList());
    plane.failAfterPages = 1;
    Path other = data.resolve("other.jsonl");
    assertEquals(2, ask("audit export organizations/acme " + other).exitCode());
    assertTrue(!Files.exists(other));
  }

  @Test
  void list_usageErrors_sendNothing() throws Exception {
    assertUsage("--kind", "`grants` (expected: organization, profile, ", LIST + " --kind grants");
    assertUsage("--kind", "`unspecified`", LIST + " --kind unspecified");
    assertUsage("--from", "`yesterday`", LIST + " --from yesterday");
    assertUsage("--until", "`2026-01-01T`", LIST + " --until 2026-01-01T");
    assertUsage("Missing required parameter", "ORGANIZATION", "audit list");
    assertUsage("missing command", "expected: export, list", "audit");
    assertEquals(List.of(), plane.requests);
  }

  private void assertUsage(String first, String second, String line) throws Exception {
    Run run = line.equals("audit") ? bed.run("audit") : ask(line);
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains(first) && run.err().contains(second), run.err());
    assertEquals("", run.out());
  }

  private Run ask(String line) throws Exception {
    plane.requests.clear();
    List<String> words = new ArrayList<>(Arrays.asList(line.split(" ")));
    return bed.against(bed.serve(plane), words.toArray(new String[0]));
  }

  private static Timestamp time(String text) {
    return Timestamp.newBuilder().setSeconds(Instant.parse(text).getEpochSecond()).build();
  }

  /** Answers an event, nothing, and another event: a page may be empty without being last. */
  private static final class Plane extends AdminServiceImplBase {
    static final List<AuditEvent> EVENTS =
        List.of(
            event(
                ChangeEvent.newBuilder()
                    .setActor("systemAdministrator")
                    .setOnBehalfOf("user:ana")
                    .setAt(Timestamp.newBuilder().setSeconds(2))
                    .setReason("why"),
                2,
                AuditEvent.Kind.KIND_GRANT,
                AuditEvent.Kind.KIND_MEMBERSHIP),
            event(
                    ChangeEvent.newBuilder()
                        .setActor("user:ben")
                        .setAt(Timestamp.newBuilder().setSeconds(1)),
                    0,
                    AuditEvent.Kind.KIND_REFUSAL)
                .toBuilder()
                .setTrail(TrailEntry.newBuilder().setWhat("NOT_PERMITTED"))
                .build());

    final List<ListAuditEventsRequest> requests = new CopyOnWriteArrayList<>();
    volatile int failAfterPages = Integer.MAX_VALUE;

    private static AuditEvent event(
        ChangeEvent.Builder heading, int changes, AuditEvent.Kind... kinds) {
      return AuditEvent.newBuilder()
          .setEvent(heading)
          .setChangeCount(changes)
          .addAllKinds(List.of(kinds))
          .addResources("organizations/acme/models/fraud")
          .addAllPrincipals(List.of("user:u0", "user:u1", "user:u2"))
          .build();
    }

    @Override
    public void listAuditEvents(
        ListAuditEventsRequest request, StreamObserver<ListAuditEventsResponse> observer) {
      if (requests.size() >= failAfterPages) {
        observer.onError(Status.UNAVAILABLE.withDescription("gone").asRuntimeException());
        return;
      }
      requests.add(request);
      int page = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
      ListAuditEventsResponse.Builder response = ListAuditEventsResponse.newBuilder();
      if (page != 1) {
        response.addEvents(EVENTS.get(page / 2));
      }
      observer.onNext(response.setNextPageToken(page < 2 ? "" + (page + 1) : "").build());
      observer.onCompleted();
    }
  }
}
