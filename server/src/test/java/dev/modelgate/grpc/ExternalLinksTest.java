package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.Timestamp;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.model.Fault;
import dev.modelgate.store.LogRecord;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.DeleteExternalLinkRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListActionsRequest;
import dev.modelgate.v1.ListPrincipalsRequest;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PutExternalLinkRequest;
import dev.modelgate.v1.PutExternalLinkResponse;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** PutExternalLink and DeleteExternalLink, and checks by whoever holds a link (hazard 32). */
final class ExternalLinksTest {
  private static final String APP = PROD + "/applications/report";
  private static final Timestamp LATER = Timestamp.newBuilder().setSeconds(4_000_000_000L).build();

  private final TypePlane types = new TypePlane();
  private final AdminPlane plane = types.plane;

  @BeforeEach
  void begin() {
    plane.resource(APP);
  }

  @AfterEach
  void end() {
    types.close();
  }

  @Test
  void link_createdAndDeleted_letsItsHolderInMeanwhile() {
    PutExternalLinkResponse made = put(link());
    assertEquals("link:report", made.getLink().getPrincipal());
    assertEquals("user", made.getLink().getRole());
    assertEquals("ALLOW", check(made.getSecret(), "launch"));
    assertEquals("ACCESS", check(made.getSecret(), "update"));
    Grant grant =
        types.grants(APP).stream()
            .filter(found -> found.getPrincipal().equals("link:report"))
            .findFirst()
            .orElseThrow();
    assertEquals("user", grant.getRole());
    delete("report");
    assertEquals("PRINCIPAL_UNKNOWN", check(made.getSecret(), "launch"));
    types.sweep();
    assertEquals("PRINCIPAL_UNKNOWN", check(made.getSecret(), "launch"));
  }

  /** Each time, also when the answer about the link is in the cache. */
  @Test
  void check_withoutTheSecret_isDeniedAsIfTheLinkWereNotThere() {
    String secret = put(link()).getSecret();
    assertEquals("ALLOW", check(secret, "launch"));
    assertEquals("PRINCIPAL_UNKNOWN", check("", "launch"));
    assertEquals("PRINCIPAL_UNKNOWN", check(secret + "x", "launch"));
    assertEquals("PRINCIPAL_UNKNOWN", check("x".repeat(43), "launch"));
    assertEquals("ALLOW", check(secret, "launch"));
    assertEquals(
        "PRINCIPAL_UNKNOWN",
        TypePlane.said(
            types.data().check(question(secret, "launch").setPrincipal("link:x").build())));
    refused(Fault.LIMIT_EXCEEDED, "link_secret", () -> check("x".repeat(257), "launch"));
  }

  @Test
  void otherQuestions_takeTheSecretToo() {
    String secret = put(link()).getSecret();
    var actions = ListActionsRequest.newBuilder().setPrincipal("link:report").setModel(APP);
    assertEquals(
        List.of("get", "launch"),
        types.data().listActions(actions.setLinkSecret(secret).build()).getActionsList());
    assertEquals(
        List.of(),
        types.data().listActions(actions.setLinkSecret("wrong").build()).getActionsList());
    var batch =
        types
            .data()
            .batchCheck(
                BatchCheckRequest.newBuilder()
                    .addItems(question(secret, "launch"))
                    .addItems(question("wrong", "launch"))
                    .build());
    assertEquals("ALLOW", TypePlane.said(batch.getResults(0).getResponse()));
    assertEquals("PRINCIPAL_UNKNOWN", TypePlane.said(batch.getResults(1).getResponse()));
  }

  @Test
  void wrongSecret_isAFailedLoginInTheTrail_howeverItIsShown() {
    String secret = put(link()).getSecret();
    check(secret, "launch");
    check(secret, "update");
    batch(secret);
    assertEquals(List.of(), plane.trail);
    check("hunter2", "launch"); // Asks twice.
    batch("hunter2");
    refused(Fault.LIMIT_EXCEEDED, "link_secret", () -> check("x".repeat(257), "launch"));
    assertEquals(
        List.of(
            "LOGIN_FAILURE LINK_UNKNOWN modelgate.v1.AuthorizationService/Check",
            "LOGIN_FAILURE LINK_UNKNOWN modelgate.v1.AuthorizationService/Check",
            "LOGIN_FAILURE LINK_UNKNOWN modelgate.v1.AuthorizationService/BatchCheck"),
        plane.trail.stream()
            .map(event -> event.kind() + " " + event.what() + " " + event.method())
            .toList());
    for (TrailEvent event : plane.trail) {
      assertEquals(List.of("link:report"), event.principals());
      assertEquals(APP, event.resource());
      assertEquals("acme", event.organization());
      assertEquals("", event.credential());
      assertFalse(event.peer().isEmpty(), "what has no credential is bounded by its address");
      assertFalse(event.toString().contains("hunter2"));
    }
  }

  private void batch(String secret) {
    types
        .data()
        .batchCheck(BatchCheckRequest.newBuilder().addItems(question(secret, "launch")).build());
  }

  @Test
  void secret_isShownOnce_alsoUnderARepeatedRequestId() {
    PutExternalLinkRequest request = link().setRequestId("r").build();
    PutExternalLinkResponse first = plane.as(ANA).putExternalLink(request);
    assertEquals(32, Base64.getUrlDecoder().decode(first.getSecret()).length);
    PutExternalLinkResponse again = plane.as(ANA).putExternalLink(request);
    assertEquals("", again.getSecret());
    assertEquals(first.toBuilder().clearSecret().build(), again);
    assertEquals("ALLOW", check(first.getSecret(), "launch"));
    assertEquals("", put(link()).getSecret(), "what is so already has no new secret");
    assertEquals("", put(link().setRole("editor")).getSecret());
    assertEquals("ALLOW", check(first.getSecret(), "update"));
  }

  @Test
  void rotation_endsTheOldSecretAtOnce() {
    String old = put(link()).getSecret();
    assertEquals("ALLOW", check(old, "launch"));
    String fresh = put(link().setRotateSecret(true)).getSecret();
    assertNotEquals(old, fresh);
    assertEquals("PRINCIPAL_UNKNOWN", check(old, "launch"));
    assertEquals("ALLOW", check(fresh, "launch"));
  }

  /** Who rotates after a leak must not turn a link that ends into one that does not. */
  @Test
  void rotation_withoutRoleAndEnd_keepsBoth() {
    String old = put(link().setRole("editor").setExpiresAt(LATER)).getSecret();
    PutExternalLinkResponse rotated = put(link().setRotateSecret(true));
    assertNotEquals(old, rotated.getSecret());
    assertEquals("editor", rotated.getLink().getRole());
    assertEquals(LATER, rotated.getLink().getExpiresAt());
    PutExternalLinkResponse lowered = put(link().setRotateSecret(true).setRole("user"));
    assertEquals("user", lowered.getLink().getRole());
    assertEquals(LATER, lowered.getLink().getExpiresAt());
  }

  /** A share without a role makes an editor there, and whoever has a link is anybody. */
  @Test
  void link_withoutARole_givesTheLeastThatTheKindOffers() {
    try (Site site = new Site("datarobot")) {
      site.resource(Site.ACME + "/applications/report", Site.ADMIN);
      PutExternalLinkRequest.Builder request =
          PutExternalLinkRequest.newBuilder()
              .setResource(Site.ACME + "/applications/report")
              .setId("report");
      assertEquals("consumer", site.admin().putExternalLink(request.build()).getLink().getRole());
      site.admin().putExternalLink(request.setRole("editor").build());
      assertEquals(
          "editor", site.admin().putExternalLink(request.clearRole().build()).getLink().getRole());
    }
  }

  @Test
  void id_usedAgain_isAnotherLink() {
    String old = put(link()).getSecret();
    delete("report");
    String fresh = put(link()).getSecret();
    assertEquals("PRINCIPAL_UNKNOWN", check(old, "launch"));
    assertEquals("ALLOW", check(fresh, "launch"));
    types.sweep();
    assertEquals("ALLOW", check(fresh, "launch"));
  }

  /** The log is what is kept longest: no change set, and so no row, holds a secret. */
  @Test
  void secret_isNeitherStoredNorLogged() {
    ListAppender<ILoggingEvent> heard = new ListAppender<>();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    Level before = root.getLevel();
    heard.start();
    root.addAppender(heard);
    root.setLevel(Level.TRACE);
    List<String> secrets = new ArrayList<>();
    try {
      secrets.add(put(link().setRequestId("r1").setReason("why")).getSecret());
      secrets.add(put(link().setRotateSecret(true)).getSecret());
      secrets.forEach(secret -> check(secret, "launch"));
      refused(Fault.LIMIT_EXCEEDED, () -> check(secrets.get(0).repeat(9), "launch"));
    } finally {
      root.setLevel(before);
      root.detachAppender(heard);
    }
    for (String secret : secrets) {
      byte[] raw = Base64.getUrlDecoder().decode(secret);
      for (LogRecord record : records()) {
        String stored = new String(record.stored(), StandardCharsets.ISO_8859_1);
        assertFalse(stored.contains(secret), "a change set holds a secret");
        assertFalse(stored.contains(new String(raw, StandardCharsets.ISO_8859_1)), "or its bytes");
      }
      for (ILoggingEvent event : heard.list) {
        assertFalse(event.getFormattedMessage().contains(secret), event::getFormattedMessage);
      }
    }
    assertTrue(records().size() > 2);
  }

  @Test
  void end_ofALink_endsItByItself() {
    PutExternalLinkResponse made = put(link().setExpiresAt(LATER));
    assertEquals(LATER, made.getLink().getExpiresAt());
    var answer = types.data().check(question(made.getSecret(), "launch").build());
    assertEquals(LATER, answer.getValidUntil());
    refused(
        Fault.INVALID_FIELD,
        "expires_at",
        () -> put(link().setExpiresAt(Timestamp.newBuilder().setSeconds(1_000))));
  }

  @Test
  void request_malformed_isRefusedByItsField() {
    refused(Fault.INVALID_FIELD, "id", () -> put(link().setId("")));
    refused(Fault.INVALID_FIELD, "id", () -> put(link().setId("Report")));
    refused(Fault.INVALID_FIELD, "resource", () -> put(link().setResource("report")));
    refused(Fault.UNKNOWN_ROLE, "role", () -> put(link().setRole("boss")));
    refused(Fault.INVALID_FIELD, "role", () -> put(link().setRole("owner")));
    refused(Fault.KIND_WITHOUT_LINKS, "resource", () -> put(link().setResource(FRAUD)));
    refused(Fault.NOT_FOUND, () -> put(link().setResource(PROD + "/applications/none")));
    refused(Fault.NOTHING_TO_REMOVE, () -> delete("report"));
  }

  @Test
  void id_ofALinkElsewhere_isRefused() {
    String other = PROD + "/applications/other";
    plane.resource(other);
    put(link());
    refused(Fault.ALREADY_EXISTS, () -> put(link().setResource(other)));
    refused(
        Fault.NOTHING_TO_REMOVE,
        () ->
            plane
                .as(ANA)
                .deleteExternalLink(
                    DeleteExternalLinkRequest.newBuilder()
                        .setResource(other)
                        .setId("report")
                        .build()));
  }

  @Test
  void etag_ofALink_guardsIt() {
    String etag = put(link()).getLink().getEtag();
    put(link().setRole("editor").setEtag(etag));
    refused(Fault.ETAG_MISMATCH, () -> put(link().setEtag(etag)));
    refused(
        Fault.ETAG_MISMATCH,
        () ->
            plane
                .as(ANA)
                .deleteExternalLink(
                    DeleteExternalLinkRequest.newBuilder()
                        .setResource(APP)
                        .setId("report")
                        .setEtag(etag)
                        .build()));
    refused(Fault.ETAG_MISMATCH, () -> put(link().setId("new").setEtag(etag)));
  }

  /** To make a link is to share with whoever has it, and so is to learn its new secret. */
  @Test
  void link_isBoundedByWhatItsMakerMayShare() {
    plane.principal(BEN);
    refused(Fault.NOT_FOUND, () -> plane.as(BEN).putExternalLink(link().build()));
    plane.share(APP, BEN, "user");
    refused(Fault.NOT_PERMITTED, () -> plane.as(BEN).putExternalLink(link().build()));
    refused(Fault.NOT_PERMITTED, () -> deleteAs(BEN, "report"));
    types.grant(APP, BEN, false, "grants.write");
    refused(Fault.NO_SHARE_RIGHT, () -> plane.as(BEN).putExternalLink(link().build()));
    types.grant(APP, BEN, true, "get", "launch", "grants.write");
    plane.as(BEN).putExternalLink(link().build());
    refused(
        Fault.CAP_EXCEEDED, () -> plane.as(BEN).putExternalLink(link().setRole("editor").build()));
    put(link().setRole("editor"));
    refused(
        Fault.CAP_EXCEEDED,
        () ->
            plane.as(BEN).putExternalLink(link().setRole("editor").setRotateSecret(true).build()));
    refused(
        Fault.CAP_EXCEEDED,
        () -> plane.as(BEN).putExternalLink(link().setRotateSecret(true).build()));
    refused(Fault.ABOVE_YOU, () -> plane.as(BEN).putExternalLink(link().setRole("user").build()));
    refused(Fault.ABOVE_YOU, () -> deleteAs(BEN, "report"));
  }

  /** Its grant is written with it alone, so that no link is left without, or gets a second one. */
  @Test
  void link_isNoRecipientOfGrants() {
    put(link());
    refused(
        Fault.KIND_NOT_ALLOWED,
        () ->
            plane
                .admin()
                .updateGrants(
                    UpdateGrantsRequest.newBuilder()
                        .setResource(FRAUD)
                        .addChanges(
                            GrantChange.newBuilder()
                                .setMode(GrantChange.Mode.MODE_MERGE)
                                .setPrincipal("link:report"))
                        .build()));
  }

  @Test
  void link_isNoEntryOfTheDirectory() {
    put(link());
    var listed =
        plane
            .admin()
            .listPrincipals(ListPrincipalsRequest.newBuilder().setOrganization(ACME).build())
            .getPrincipalsList();
    assertEquals(List.of(ANA), listed.stream().map(Principal::getPrincipal).toList());
  }

  @Test
  void deletedResource_endsItsLinks_andFreesTheirIds() {
    String old = put(link()).getSecret();
    plane.admin().deleteResource(DeleteResourceRequest.newBuilder().setName(APP).build());
    assertEquals("UNKNOWN_RESOURCE", check(old, "launch"));
    plane.resource(APP);
    assertEquals("NO_GRANT", check(old, "launch"));
    String fresh = put(link()).getSecret();
    assertEquals("PRINCIPAL_UNKNOWN", check(old, "launch"));
    assertEquals("ALLOW", check(fresh, "launch"));
    put(link().setId("second"));
    plane.admin().deleteResource(DeleteResourceRequest.newBuilder().setName(APP).build());
    types.sweep();
    types.sweep();
    int[] links = {0};
    types.read(
        rows -> {
          rows.eachLink(
              row -> {
                links[0]++;
                return true;
              });
          return 0;
        });
    assertEquals(0, links[0]);
    assertEquals("PRINCIPAL_UNKNOWN", check(fresh, "launch"));
  }

  private List<LogRecord> records() {
    List<LogRecord> records = new ArrayList<>();
    var org = plane.live.current().organization("acme").orElseThrow();
    for (long version = 1; version <= org.head().version(); version++) {
      plane.replica.read(org.uid(), version).ifPresent(records::add);
    }
    return records;
  }

  private PutExternalLinkResponse put(PutExternalLinkRequest.Builder request) {
    return plane.as(ANA).putExternalLink(request.build());
  }

  private void delete(String id) {
    deleteAs(ANA, id);
  }

  private void deleteAs(String actor, String id) {
    plane
        .as(actor)
        .deleteExternalLink(
            DeleteExternalLinkRequest.newBuilder().setResource(APP).setId(id).build());
  }

  private String check(String secret, String action) {
    String first = TypePlane.said(types.data().check(question(secret, action).build()));
    assertEquals(
        first, TypePlane.said(types.data().check(question(secret, action).build())), "again");
    return first;
  }

  private static CheckRequest.Builder question(String secret, String action) {
    return CheckRequest.newBuilder()
        .setPrincipal("link:report")
        .setModel(APP)
        .setAction(action)
        .setLinkSecret(secret);
  }

  private static PutExternalLinkRequest.Builder link() {
    return PutExternalLinkRequest.newBuilder().setResource(APP).setId("report");
  }
}
