package dev.modelgate.rows;

import static dev.modelgate.grpc.Site.ACME;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.Binding;
import dev.modelgate.v1.GetPolicyRequest;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.GrantChange.Mode;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.SetPolicyRequest;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a request changes shares in DataRobot: replaced, removed, all or nothing. */
final class DataRobotChangesRowsTest {
  private static final String TEAM = "group:analysts";
  private static final String DATASET = ACME + "/datasets/sales";
  private static final String ANA = "user:ana@acme.com";
  private static final String BEN = "user:ben@acme.com";
  private static final String CYD = "user:cyd@acme.com";
  private static final String DAN = "user:dan@acme.com";

  private final Site site = new Site("datarobot");

  @BeforeEach
  void begin() {
    site.principals(ANA, BEN, CYD, DAN);
    site.group(TEAM, BEN);
    site.resource(DATASET, ANA);
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F117")
  void set_replacesTheGrantWithAllItsFlags() {
    site.grant(
        site.as(ANA), DATASET, Site.set(BEN, "editor").setCanShare(true).setCanUseData(true));
    site.assertAllowed(BEN, DATASET, "edit", "download", "share");
    site.share(site.as(ANA), DATASET, BEN, "consumer");
    Grant grant = grantsOf(BEN).get(0);
    assertEquals(List.of("consumer"), site.roles(DATASET, BEN));
    assertFalse(grant.getCanShare() || grant.getCanUseData());
    site.assertAllowed(BEN, DATASET, "view");
    site.assertChecks("ACCESS", BEN, DATASET, "edit", "download", "share");
  }

  @Test
  @Row("F117")
  void set_ofPermissions_leavesExactlyThese() {
    site.grant(site.as(ANA), DATASET, permissions(Mode.MODE_SET, "view", "edit"));
    site.grant(site.as(ANA), DATASET, permissions(Mode.MODE_SET, "view", "reload"));
    site.assertAllowed(BEN, DATASET, "view", "reload");
    site.assertChecks("ACCESS", BEN, DATASET, "edit");
    site.grant(site.as(ANA), DATASET, permissions(Mode.MODE_MERGE, "edit"));
    site.assertAllowed(BEN, DATASET, "view", "reload", "edit");
  }

  @Test
  @Row("F118")
  void directShare_revoked_leavesTheTeams() {
    site.share(DATASET, BEN, "consumer");
    site.share(DATASET, TEAM, "consumer");
    site.revoke(site.as(ANA), DATASET, BEN);
    assertEquals(List.of(), site.roles(DATASET, BEN));
    site.assertAllowed(BEN, DATASET, "view");
    site.revoke(site.as(ANA), DATASET, TEAM);
    site.assertChecks("NO_GRANT", BEN, DATASET, "view");
  }

  @Test
  @Row("F119")
  void removal_deniesAndIgnoresFlagsThatCameWithIt() {
    site.grant(
        site.as(ANA), DATASET, Site.set(BEN, "editor").setCanShare(true).setCanUseData(true));
    site.share(site.as(ANA), DATASET, CYD, "editor");
    site.assertAllowed(BEN, DATASET, "view", "download", "share");
    site.grant(
        site.as(ANA),
        DATASET,
        GrantChange.newBuilder()
            .setMode(Mode.MODE_REMOVE)
            .setPrincipal(BEN)
            .setCanShare(true)
            .setCanUseData(true));
    assertEquals(List.of(), grantsOf(BEN));
    site.assertChecks("NO_GRANT", BEN, DATASET, "view", "download", "share");
    site.assertAllowed(CYD, DATASET, "view");
  }

  @Test
  @Row("F119")
  void removal_ofARole_takesItWhateverFlagsItHas() {
    site.grant(site.as(ANA), DATASET, Site.set(BEN, "editor").setCanShare(true));
    site.grant(site.as(ANA), DATASET, Site.set(BEN, "consumer").setMode(Mode.MODE_MERGE));
    site.grant(
        site.as(ANA),
        DATASET,
        Site.set(BEN, "editor").setMode(Mode.MODE_REMOVE).setCanUseData(true));
    assertEquals(List.of("consumer"), site.roles(DATASET, BEN));
    site.assertChecks("ACCESS", BEN, DATASET, "edit", "share", "download");
  }

  @Test
  @Row("F120")
  void request_withMoreThan100Recipients_isRefusedAsAWhole() {
    String[] users =
        IntStream.rangeClosed(1, 101).mapToObj(i -> "user:u" + i).toArray(String[]::new);
    site.principals(users);
    GrantChange.Builder[] changes =
        List.of(users).stream()
            .map(user -> Site.set(user, "consumer"))
            .toArray(GrantChange.Builder[]::new);
    ErrorInfo info =
        Site.refused(Fault.LIMIT_EXCEEDED, () -> site.grant(site.as(ANA), DATASET, changes));
    assertEquals("101", info.getMetadataOrThrow("size"));
    assertEquals("100", info.getMetadataOrThrow("limit"));
    assertEquals(1, site.grants(DATASET).size());
    site.grant(site.as(ANA), DATASET, Arrays.copyOf(changes, 100));
  }

  /** A policy names its recipients too: all of them, the owner among them. */
  @Test
  @Row("F120")
  void policy_withMoreThan100Recipients_isRefusedAsAWhole() {
    List<String> users = IntStream.rangeClosed(1, 100).mapToObj(i -> "user:u" + i).toList();
    site.principals(users.toArray(String[]::new));
    ErrorInfo info = Site.refused(Fault.LIMIT_EXCEEDED, () -> setPolicy(users));
    assertEquals("101", info.getMetadataOrThrow("size"));
    assertEquals("100", info.getMetadataOrThrow("limit"));
    assertEquals(1, site.grants(DATASET).size());
    setPolicy(users.subList(0, 99));
    site.assertAllowed("user:u99", DATASET, "view");
  }

  private void setPolicy(List<String> consumers) {
    GetPolicyRequest read = GetPolicyRequest.newBuilder().setResource(DATASET).build();
    site.as(ANA)
        .setPolicy(
            SetPolicyRequest.newBuilder()
                .setResource(DATASET)
                .setPolicy(
                    site.as(ANA).getPolicy(read).getPolicy().toBuilder()
                        .addBindings(
                            Binding.newBuilder().setRole("consumer").addAllMembers(consumers)))
                .build());
  }

  @Test
  @Row("F121")
  void recipient_namedTwice_isRefused() {
    ErrorInfo info =
        Site.refused(
            Fault.RECIPIENT_REPEATED,
            () ->
                site.grant(
                    site.as(ANA),
                    DATASET,
                    Site.set(BEN, "consumer"),
                    Site.set(CYD, "consumer"),
                    Site.set(BEN, "editor")));
    assertEquals(BEN, info.getMetadataOrThrow("value"));
    assertEquals(1, site.grants(DATASET).size());
    site.grant(site.as(ANA), DATASET, Site.set(BEN, "consumer"), Site.set(CYD, "consumer"));
    assertEquals(3, site.grants(DATASET).size());
  }

  @Test
  @Row("F122")
  void batch_withOneEntryThatIsNotPermitted_changesNothing() {
    site.grant(site.admin(), DATASET, Site.set(BEN, "editor").setCanShare(true));
    ErrorInfo info =
        Site.refused(
            Fault.CAP_EXCEEDED,
            () ->
                site.grant(
                    site.as(BEN), DATASET, Site.set(CYD, "consumer"), Site.set(DAN, "owner")));
    assertEquals("owner", info.getMetadataOrThrow("grant"));
    assertEquals(2, site.grants(DATASET).size());
    site.assertChecks("NO_GRANT", CYD, DATASET, "view");
    site.grant(site.as(BEN), DATASET, Site.set(CYD, "consumer"), Site.set(DAN, "editor"));
    site.assertAllowed(CYD, DATASET, "view");
  }

  @Test
  @Row("F123")
  void recipientOrRole_thatIsUnknown_isRefused() {
    ErrorInfo who =
        Site.refused(
            Fault.UNKNOWN_PRINCIPAL,
            () ->
                site.grant(
                    site.as(ANA),
                    DATASET,
                    Site.set(BEN, "consumer"),
                    Site.set("user:nobody@acme.com", "consumer")));
    assertEquals("user:nobody@acme.com", who.getMetadataOrThrow("value"));
    ErrorInfo what =
        Site.refused(
            Fault.UNKNOWN_ROLE,
            () ->
                site.grant(
                    site.as(ANA), DATASET, Site.set(BEN, "consumer"), Site.set(CYD, "boss")));
    assertEquals("boss", what.getMetadataOrThrow("value"));
    assertEquals(1, site.grants(DATASET).size());
    site.grant(site.as(ANA), DATASET, Site.set(BEN, "consumer"), Site.set(CYD, "consumer"));
    assertEquals(3, site.grants(DATASET).size());
  }

  @Test
  @Row("F123")
  void openDirectory_takesUnknownUsers_andNoUnknownGroups() {
    try (Site google = new Site("google-ai-platform")) {
      String project = ACME + "/projects/p";
      google.resource(project, ANA);
      google.share(project, BEN, "ml.viewer");
      assertEquals(List.of("ml.viewer"), google.roles(project, BEN));
      for (String unknown : List.of(TEAM, "serviceAccount:robot@p.example.com")) {
        ErrorInfo info =
            Site.refused(
                Fault.UNKNOWN_PRINCIPAL, () -> google.share(project, unknown, "ml.viewer"));
        assertEquals(unknown, info.getMetadataOrThrow("value"));
      }
    }
  }

  private List<Grant> grantsOf(String principal) {
    return site.grants(DATASET).stream()
        .filter(grant -> grant.getPrincipal().equals(principal))
        .toList();
  }

  private static GrantChange.Builder permissions(Mode mode, String... permissions) {
    return GrantChange.newBuilder()
        .setMode(mode)
        .setPrincipal(BEN)
        .setPermissions(Permissions.newBuilder().addAllPermissions(List.of(permissions)).build());
  }
}
