package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import dev.modelgate.app.audit.TrailEntry;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.AuditEvent;
import dev.modelgate.v1.AuditEvent.Kind;
import dev.modelgate.v1.ListAuditEventsRequest;
import dev.modelgate.v1.ListAuditEventsResponse;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ListAuditEvents over two sources: the change log and the trail, as one. */
final class AuditTrailTest {
  private static final long T0 = 1_900_000_000L;

  private final AtomicLong seconds = new AtomicLong(T0);
  private final InstantSource source = () -> Instant.ofEpochSecond(seconds.get());
  private final AdminPlane plane = new AdminPlane(clock(source));

  @BeforeEach
  void begin() {
    plane.withAcme();
  }

  @AfterEach
  void end() {
    plane.close();
  }

  @Test
  void event_ofTheTrail_saysWhatTheTrailKeeps() {
    TrailEntry entry =
        plane.trailLog.add(
            now(),
            TrailEvent.of(TrailEvent.Kind.EMERGENCY, "SUSPENDED")
                .by("jwt:corp:42", ANA, "10.0.0.7:1")
                .through("m/Suspend")
                .on("acme", FRAUD)
                .about(List.of(BEN))
                .changing(Map.of("a", "1"), Map.of("a", "2"))
                .because("why", "id")
                .at("r7")
                .build());
    AuditEvent event = list(all().setPageSize(1)).get(0);
    assertEquals("jwt:corp:42", event.getEvent().getActor());
    assertEquals(ANA, event.getEvent().getOnBehalfOf());
    assertEquals("why", event.getEvent().getReason());
    assertEquals("id", event.getEvent().getRequestId());
    assertEquals("r7", event.getEvent().getRevision());
    assertEquals(T0, event.getEvent().getAt().getSeconds());
    assertEquals(List.of(Kind.KIND_EMERGENCY), event.getKindsList());
    assertEquals(List.of(FRAUD), event.getResourcesList());
    assertEquals(List.of(BEN), event.getPrincipalsList());
    assertEquals("SUSPENDED", event.getTrail().getWhat());
    assertEquals("10.0.0.7:1", event.getTrail().getPeer());
    assertEquals("m/Suspend", event.getTrail().getMethod());
    assertEquals(ACME, event.getTrail().getOrganization());
    assertEquals(Map.of("a", "1"), event.getTrail().getBeforeMap());
    assertEquals(Map.of("a", "2"), event.getTrail().getAfterMap());
    assertEquals(entry.sequence(), event.getTrail().getSequence());
    assertEquals(entry.hash(), event.getTrail().getHash());
    assertEquals(entry.previousHash(), event.getTrail().getPreviousHash());
    assertEquals(entry.line(), event.getTrail().getLine());
    assertEquals(3, event.getTrail().getDropped());
    assertEquals(2, event.getTrail().getDroppedOfCaller());
  }

  @Test
  void pages_ofAnySize_areOneListByTime() {
    long seed = System.nanoTime();
    System.out.println("AuditTrailTest seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 60; i++) {
      seconds.addAndGet(random.nextInt(3));
      if (random.nextBoolean()) {
        plane.resource(PROD + "/models/m" + i);
      } else {
        add(random.nextBoolean() ? "acme" : "beta", FRAUD);
      }
    }
    for (boolean oldestFirst : new boolean[] {true, false}) {
      ListAuditEventsRequest.Builder request = all().setOldestFirst(oldestFirst);
      List<AuditEvent> whole = list(request.setPageSize(1_000));
      assertEquals(whole, byTime(whole, oldestFirst));
      assertEquals(ofAcme(), whole.stream().filter(AuditEvent::hasTrail).count());
      assertEquals(head(), whole.stream().filter(event -> !event.hasTrail()).count());
      for (int size : new int[] {1, 2, 7, 33}) {
        assertEquals(whole, list(request.setPageSize(size)), "pages of " + size);
      }
      Timestamp from = time(5 + random.nextInt(20));
      Timestamp until = time(26 + random.nextInt(20));
      Predicate<AuditEvent> within =
          event ->
              event.getEvent().getAt().getSeconds() >= from.getSeconds()
                  && event.getEvent().getAt().getSeconds() < until.getSeconds();
      assertEquals(
          whole.stream().filter(within).toList(),
          list(request.setFromTime(from).setUntilTime(until).setPageSize(3)));
    }
  }

  @Test
  void trail_longerThanAPageReads_isListedToItsEnd() {
    for (int i = 0; i < 50; i++) {
      add("beta", FRAUD);
    }
    add("acme", FRAUD);
    for (int i = 0; i < 50; i++) {
      add("beta", FRAUD);
    }
    for (boolean oldestFirst : new boolean[] {true, false}) {
      ListAuditEventsRequest.Builder request = all().setOldestFirst(oldestFirst);
      ListAuditEventsResponse first = plane.admin().listAuditEvents(request.build());
      assertFalse(first.getNextPageToken().isEmpty());
      assertEquals(1, list(request).stream().filter(AuditEvent::hasTrail).count());
      assertEquals(head() + 1, list(request).size());
    }
  }

  @Test
  void trail_isForAdministratorsOfTheOrganizationAlone() {
    add("acme", FRAUD);
    add("beta", "organizations/beta/models/m");
    add("", "");
    assertEquals(1, of(plane.as(ANA).listAuditEvents(all().build())));
    assertEquals(1, of(plane.admin().listAuditEvents(all().build())));
    assertEquals(
        3,
        of(plane.admin().listAuditEvents(all().setOrganization("organizations/system").build())));
    refused(
        Fault.NOT_FOUND,
        () -> plane.as(ANA).listAuditEvents(all().setOrganization("organizations/beta").build()));
    plane.share(FRAUD, BEN, "editor");
    refused(Fault.NOT_PERMITTED, () -> plane.as(BEN).listAuditEvents(all().build()));
    ListAuditEventsResponse ofBen = plane.as(BEN).listAuditEvents(all().setResource(FRAUD).build());
    assertTrue(ofBen.getEventsCount() > 0);
    assertEquals(0, of(ofBen));
  }

  @Test
  void systemTrail_isNotForAdministratorsOfOrganizations() {
    add("", "");
    refused(
        Fault.ON_BEHALF_OF_INVALID,
        () -> plane.as(ANA).listAuditEvents(all().setOrganization("organizations/system").build()));
  }

  @Test
  void filters_holdForTheTrail() {
    add("acme", FRAUD);
    add("acme", PROD + "/models/fraud2");
    add("acme", FRAUD + "/versions/1");
    plane.trailLog.add(
        now(),
        TrailEvent.of(TrailEvent.Kind.LOGIN_FAILURE, "UNAUTHENTICATED").on("acme", "").build());
    assertEquals(2, trail(all().setResource(FRAUD)));
    assertEquals(3, trail(all().addKinds(Kind.KIND_REFUSAL)));
    assertEquals(1, trail(all().addKinds(Kind.KIND_LOGIN_FAILURE)));
    assertEquals(0, trail(all().addKinds(Kind.KIND_GRANT)));
    assertEquals(3, trail(all().setActor("systemAdministrator")));
    assertEquals(3, trail(all().setActor("token:bootstrap")));
    assertEquals(3, trail(all().setActor(ANA)));
    assertEquals(0, trail(all().setActor(BEN)));
    assertEquals(3, trail(all().setPrincipal(BEN)));
    assertEquals(0, trail(all().setPrincipal(ANA)));
    assertTrue(list(all().addKinds(Kind.KIND_REFUSAL)).stream().allMatch(AuditEvent::hasTrail));
  }

  private void add(String organization, String resource) {
    plane.trailLog.add(
        now(),
        TrailEvent.of(TrailEvent.Kind.REFUSAL, "NOT_PERMITTED")
            .by("token:bootstrap", ANA, "unix")
            .on(organization, resource)
            .about(List.of(BEN))
            .build());
  }

  private long ofAcme() {
    return plane.trailLog.all().stream()
        .filter(entry -> entry.event().organization().equals("acme"))
        .count();
  }

  private long trail(ListAuditEventsRequest.Builder request) {
    return list(request).stream().filter(AuditEvent::hasTrail).count();
  }

  private static long of(ListAuditEventsResponse page) {
    return page.getEventsList().stream().filter(AuditEvent::hasTrail).count();
  }

  private static List<AuditEvent> byTime(List<AuditEvent> events, boolean oldestFirst) {
    List<AuditEvent> sorted = new ArrayList<>(events);
    if (!oldestFirst) {
      Collections.reverse(sorted);
    }
    sorted.sort(Comparator.comparingLong(event -> event.getEvent().getAt().getSeconds()));
    if (!oldestFirst) {
      Collections.reverse(sorted);
    }
    return sorted;
  }

  /** All pages. */
  private List<AuditEvent> list(ListAuditEventsRequest.Builder request) {
    List<AuditEvent> events = new ArrayList<>();
    String token = "";
    do {
      ListAuditEventsResponse page =
          plane.admin().listAuditEvents(request.clone().setPageToken(token).build());
      events.addAll(page.getEventsList());
      token = page.getNextPageToken();
    } while (!token.isEmpty() && events.size() < 1_000);
    return events;
  }

  private static ListAuditEventsRequest.Builder all() {
    return ListAuditEventsRequest.newBuilder().setOrganization(ACME);
  }

  private long head() {
    return plane.live.current().organization("acme").orElseThrow().head().version();
  }

  private Instant now() {
    return source.instant();
  }

  private static Timestamp time(long secondsAfter) {
    return Timestamp.newBuilder().setSeconds(T0 + secondsAfter).build();
  }

  private static Clock clock(InstantSource source) {
    return source.withZone(ZoneOffset.UTC);
  }
}
