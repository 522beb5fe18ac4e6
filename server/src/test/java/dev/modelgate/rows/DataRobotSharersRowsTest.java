package dev.modelgate.rows;

import static dev.modelgate.grpc.Site.ACME;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.GrantableRole;
import dev.modelgate.v1.ListGrantableRolesRequest;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Who shares in DataRobot, and how far: up to the own rank, and with can_share where it counts. */
final class DataRobotSharersRowsTest {
  private static final String PROJECT = ACME + "/projects/churn";
  private static final String CALENDAR = ACME + "/calendars/holidays";
  private static final String DATASET = ACME + "/datasets/sales";
  private static final String DEPLOYMENT = ACME + "/deployments/churn";
  private static final String REGISTERED = ACME + "/registeredModels/churn";
  private static final String ANA = "user:ana@acme.com";
  private static final String BEN = "user:ben@acme.com";
  private static final String CYD = "user:cyd@acme.com";
  private static final String DAN = "user:dan@acme.com";

  private final Site site = new Site("datarobot");

  @BeforeEach
  void begin() {
    site.principals(ANA, BEN, CYD, DAN);
    for (String asset : List.of(PROJECT, CALENDAR, DATASET, DEPLOYMENT, REGISTERED)) {
      site.resource(asset, ANA);
    }
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F034")
  void sharer_upToHisOwnRank_gives() {
    site.share(PROJECT, BEN, "user");
    site.share(site.as(BEN), PROJECT, CYD, "user");
    site.share(site.as(BEN), PROJECT, DAN, "consumer");
    assertEquals(List.of("user"), site.roles(PROJECT, CYD));
    assertEquals(List.of("consumer"), site.roles(PROJECT, DAN));
  }

  @Test
  @Row("F034")
  void sharer_aboveHisOwnRank_isRefused() {
    site.share(PROJECT, BEN, "user");
    assertExceeded("owner", PROJECT, () -> site.share(site.as(BEN), PROJECT, CYD, "owner"));
    assertEquals(List.of(), site.roles(PROJECT, CYD));
    site.share(site.as(ANA), PROJECT, CYD, "owner");
  }

  @Test
  @Row("F035")
  void collaboratorAbove_loweredOrRemoved_isRefused() {
    site.share(PROJECT, BEN, "user");
    site.share(PROJECT, CYD, "owner");
    for (Executable attempt :
        List.<Executable>of(
            () -> site.share(site.as(BEN), PROJECT, CYD, "user"),
            () -> site.share(site.as(BEN), PROJECT, CYD, "consumer"),
            () -> site.revoke(site.as(BEN), PROJECT, CYD))) {
      ErrorInfo info = Site.refused(Fault.ABOVE_YOU, attempt);
      assertEquals(CYD, info.getMetadataOrThrow("principal"));
      assertEquals("owner", info.getMetadataOrThrow("grant"));
      assertEquals(PROJECT, info.getMetadataOrThrow("resource"));
    }
    assertEquals(List.of("owner"), site.roles(PROJECT, CYD));
    site.share(site.as(ANA), PROJECT, CYD, "user");
    site.revoke(site.as(ANA), PROJECT, CYD);
  }

  @Test
  @Row("F036")
  void collaboratorOfEqualRank_loweredOrRemoved_isChanged() {
    site.share(PROJECT, BEN, "user");
    site.share(PROJECT, CYD, "user");
    site.share(PROJECT, DAN, "user");
    site.share(site.as(BEN), PROJECT, CYD, "consumer");
    site.revoke(site.as(BEN), PROJECT, DAN);
    assertEquals(List.of("consumer"), site.roles(PROJECT, CYD));
    assertEquals(List.of(), site.roles(PROJECT, DAN));
  }

  @Test
  @Row("F037")
  void holderWithoutCanShare_changesNobody_butLeaves() {
    site.share(DATASET, BEN, "editor");
    site.share(DATASET, DAN, "consumer");
    assertNotPermitted(DATASET, () -> site.share(site.as(BEN), DATASET, CYD, "consumer"));
    assertNotPermitted(DATASET, () -> site.share(site.as(BEN), DATASET, DAN, "observer"));
    assertNotPermitted(DATASET, () -> site.revoke(site.as(BEN), DATASET, DAN));
    assertEquals(List.of("consumer"), site.roles(DATASET, DAN));
    site.revoke(site.as(BEN), DATASET, BEN);
    assertEquals(List.of(), site.roles(DATASET, BEN));
  }

  @Test
  @Row("F037")
  void holderWithCanShare_changesOthers() {
    site.grant(site.admin(), DATASET, Site.set(BEN, "editor").setCanShare(true));
    site.share(DATASET, DAN, "consumer");
    site.share(site.as(BEN), DATASET, CYD, "consumer");
    site.share(site.as(BEN), DATASET, DAN, "observer");
    site.revoke(site.as(BEN), DATASET, DAN);
    assertEquals(List.of("consumer"), site.roles(DATASET, CYD));
    assertEquals(List.of(), site.roles(DATASET, DAN));
  }

  @Test
  @Row("F038")
  void consumerWithCanShare_givesConsumer_andNotEditor() {
    site.grant(site.admin(), DATASET, Site.set(BEN, "consumer").setCanShare(true));
    site.share(site.as(BEN), DATASET, CYD, "consumer");
    assertEquals(List.of("consumer"), site.roles(DATASET, CYD));
    assertExceeded("editor", DATASET, () -> site.share(site.as(BEN), DATASET, DAN, "editor"));
    assertEquals(List.of(), site.roles(DATASET, DAN));
  }

  /** What may be shared on is what comes with can_share itself (hazard 29). */
  @Test
  @Row("F038")
  void editorWithout_andConsumerWithCanShare_givesConsumer_andNotEditor() {
    site.group("group:analysts", BEN);
    site.share(DATASET, BEN, "editor");
    site.grant(site.admin(), DATASET, Site.set("group:analysts", "consumer").setCanShare(true));
    site.share(site.as(BEN), DATASET, CYD, "consumer");
    assertExceeded("editor", DATASET, () -> site.share(site.as(BEN), DATASET, DAN, "editor"));
    site.grant(site.admin(), DATASET, Site.set("group:analysts", "editor").setCanShare(true));
    site.share(site.as(BEN), DATASET, DAN, "editor");
  }

  @Test
  @Row("F039")
  void canShare_whereTheKindIgnoresIt_changesNothing() {
    for (String asset : List.of(PROJECT, CALENDAR)) {
      String middle = asset.equals(PROJECT) ? "user" : "editor";
      site.share(asset, BEN, middle);
      site.share(site.as(BEN), asset, CYD, "consumer");
      site.assertAllowed(BEN, asset, "share");
      site.grant(site.admin(), asset, Site.set(CYD, "consumer").setCanShare(true));
      site.assertChecks("ACCESS", CYD, asset, "share");
      assertNotPermitted(asset, () -> site.share(site.as(CYD), asset, DAN, "consumer"));
    }
  }

  @Test
  @Row("F039")
  void canShare_whereTheKindHonoursIt_decides() {
    site.share(DATASET, BEN, "editor");
    site.assertChecks("ACCESS", BEN, DATASET, "share");
    site.grant(site.admin(), DATASET, Site.set(CYD, "consumer").setCanShare(true));
    site.assertAllowed(CYD, DATASET, "share");
  }

  @Test
  @Row("F042")
  void grantableRoles_areThoseThatOneMayHandOut() {
    assertEquals(List.of("owner", "user", "consumer"), grantable(ANA, DEPLOYMENT));
    site.grant(site.admin(), DEPLOYMENT, Site.set(BEN, "user").setCanShare(true));
    assertEquals(List.of("user", "consumer"), grantable(BEN, DEPLOYMENT));
    site.grant(site.admin(), DATASET, Site.set(BEN, "consumer").setCanShare(true));
    assertEquals(List.of("consumer", "observer"), grantable(BEN, DATASET));
  }

  @Test
  @Row("F042")
  void grantableRoles_withoutCanShareOrUnseen_areNone() {
    site.share(DATASET, BEN, "editor");
    assertEquals(List.of(), grantable(BEN, DATASET));
    ErrorInfo info = Site.refused(Fault.NOT_FOUND, () -> grantable(CYD, DATASET));
    assertEquals(DATASET, info.getMetadataOrThrow("name"));
  }

  @Test
  @Row("F082")
  void roles_ofOneRankWithTwoNames_areEqualForTheCap() {
    site.grant(site.admin(), REGISTERED, Site.set(BEN, "editor").setCanShare(true));
    site.grant(site.admin(), REGISTERED, Site.set(CYD, "user").setCanShare(true));
    site.share(site.as(BEN), REGISTERED, DAN, "user");
    site.share(site.as(CYD), REGISTERED, DAN, "editor");
    site.share(site.as(CYD), REGISTERED, BEN, "consumer");
    assertEquals(List.of("editor"), site.roles(REGISTERED, DAN));
    assertEquals(List.of("consumer"), site.roles(REGISTERED, BEN));
  }

  @Test
  @Row("F082")
  void roles_ofTheLowestRank_areEqualToEachOtherOnly() {
    site.grant(site.admin(), DATASET, Site.set(BEN, "observer").setCanShare(true));
    site.grant(site.admin(), DATASET, Site.set(CYD, "consumer").setCanShare(true));
    site.share(site.as(BEN), DATASET, DAN, "consumer");
    site.share(site.as(CYD), DATASET, DAN, "observer");
    assertExceeded("editor", DATASET, () -> site.share(site.as(BEN), DATASET, DAN, "editor"));
    assertExceeded("editor", DATASET, () -> site.share(site.as(CYD), DATASET, DAN, "editor"));
  }

  private List<String> grantable(String actor, String resource) {
    return site
        .as(actor)
        .listGrantableRoles(ListGrantableRolesRequest.newBuilder().setResource(resource).build())
        .getRolesList()
        .stream()
        .map(GrantableRole::getRole)
        .toList();
  }

  private static void assertExceeded(String role, String resource, Executable call) {
    ErrorInfo info = Site.refused(Fault.CAP_EXCEEDED, call);
    assertEquals(role, info.getMetadataOrThrow("grant"));
    assertEquals(resource, info.getMetadataOrThrow("resource"));
  }

  private static void assertNotPermitted(String resource, Executable call) {
    ErrorInfo info = Site.refused(Fault.NOT_PERMITTED, call);
    assertEquals(resource, info.getMetadataOrThrow("resource"), info::toString);
  }
}
