package dev.modelgate.rows;

import static dev.modelgate.rows.AiBuilderSite.ADMIN;
import static dev.modelgate.rows.AiBuilderSite.BASIC;
import static dev.modelgate.rows.AiBuilderSite.DATA;
import static dev.modelgate.rows.AiBuilderSite.EVERYTHING;
import static dev.modelgate.rows.AiBuilderSite.MAKER;
import static dev.modelgate.rows.AiBuilderSite.MODEL;
import static dev.modelgate.rows.AiBuilderSite.NOBODY;
import static dev.modelgate.rows.AiBuilderSite.OTHER_MAKER;
import static dev.modelgate.rows.AiBuilderSite.PROD;
import static dev.modelgate.rows.AiBuilderSite.VERSION;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.Site;
import dev.modelgate.model.Fault;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** AI Builder: a model is its owner's alone, and there is exactly one owner. */
final class AiBuilderOwnershipRowsTest {
  private final AiBuilderSite bed = new AiBuilderSite();
  private final Site site = bed.site;

  @BeforeEach
  void begin() {
    bed.published(MODEL, MAKER);
  }

  @AfterEach
  void end() {
    site.close();
  }

  @Test
  @Row("F001")
  void stranger_withoutASecurityRole_lacksThePrivilegeForEveryAction() {
    site.assertChecks("PRIVILEGE", NOBODY, MODEL, EVERYTHING);
    site.assertChecks("PRIVILEGE", NOBODY, VERSION, "get_for_use", "predict");
    site.assertChecks("NO_GRANT", NOBODY, PROD, "list", "create", "create_model");
    site.assertAllowed(MAKER, MODEL, EVERYTHING);
  }

  @Test
  @Row({"F001", "F003"})
  void publishedModel_sharedWithNobody_isClosedToOtherMakers() {
    site.assertChecks("NO_GRANT", OTHER_MAKER, MODEL, EVERYTHING);
    site.assertChecks("NO_GRANT", BASIC, MODEL, "predict");
    site.assertAllowed(MAKER, MODEL, "predict");
    site.share(site.as(MAKER), MODEL, OTHER_MAKER, "user");
    site.assertAllowed(OTHER_MAKER, MODEL, "predict");
  }

  @Test
  @Row("F004")
  void administrator_assignsAModel_andTheNewOwnerIsTheOnlyOne() {
    site.transfer(site.as(ADMIN), MODEL, MAKER, OTHER_MAKER, "");
    site.assertAllowed(OTHER_MAKER, MODEL, EVERYTHING);
    site.assertChecks("NO_GRANT", MAKER, MODEL, EVERYTHING);
    assertEquals(List.of("owner"), site.roles(MODEL, OTHER_MAKER));
    assertEquals(1, site.grants(MODEL).size());
  }

  @Test
  @Row("F004")
  void assign_byWhoMayNot_isRefusedAndTheOwnerStays() {
    site.share(MODEL, OTHER_MAKER, "co_owner");
    ErrorInfo info =
        Site.refused(
            Fault.NOT_PERMITTED,
            () -> site.transfer(site.as(OTHER_MAKER), MODEL, MAKER, OTHER_MAKER, ""));
    assertEquals(
        Map.of("actor", OTHER_MAKER, "permission", "assign", "resource", MODEL, "denial", "ACCESS"),
        info.getMetadataMap());
    site.assertChecks("ACCESS", OTHER_MAKER, MODEL, "assign", "delete");
    site.assertAllowed(MAKER, MODEL, EVERYTHING);
  }

  /** Who left and comes back finds the new owner in his place, and his security role as it was. */
  @Test
  @Row("F004")
  void model_ofADeletedOwner_isAssigned_andStaysSoWhenHeIsRestored() {
    String uid = site.uid(MAKER);
    site.delete(MAKER);
    site.transfer(site.as(ADMIN), MODEL, "", OTHER_MAKER, "");
    site.assertAllowed(OTHER_MAKER, MODEL, EVERYTHING);
    site.restore(site.as(Site.ADMIN), MAKER, uid);
    site.assertChecks("NO_GRANT", MAKER, MODEL, EVERYTHING);
    assertEquals(1, site.grants(MODEL).size());
  }

  /** A deleted owner is in nobody's way, and comes back as a second one only when there is none. */
  @Test
  @Row("F007")
  void deletedOwner_whenAnotherOneWasMade_isNotRestoredBesideHim() {
    String uid = site.uid(MAKER);
    Site.refused(Fault.SINGLE_OWNER, () -> site.share(MODEL, OTHER_MAKER, "owner"));
    site.delete(MAKER);
    site.share(MODEL, OTHER_MAKER, "owner");
    site.assertAllowed(OTHER_MAKER, MODEL, EVERYTHING);
    ErrorInfo info = Site.refused(Fault.SINGLE_OWNER, () -> site.restore(site.admin(), MAKER, uid));
    assertEquals(Map.of("resource", MODEL), info.getMetadataMap());
    site.assertChecks("PRINCIPAL_INACTIVE", MAKER, MODEL, EVERYTHING);
    site.delete(OTHER_MAKER);
    site.restore(site.admin(), MAKER, uid);
    site.assertAllowed(MAKER, MODEL, EVERYTHING);
  }

  @Test
  @Row("F005")
  void previousOwner_withWhomIsShared_keepsAFullShare() {
    site.transfer(site.as(ADMIN), MODEL, MAKER, OTHER_MAKER, "full_access");
    site.assertAllowed(MAKER, MODEL, EVERYTHING);
    assertEquals(List.of("full_access"), site.roles(MODEL, MAKER));
    site.revoke(site.as(OTHER_MAKER), MODEL, MAKER);
    site.assertChecks("NO_GRANT", MAKER, MODEL, EVERYTHING);
  }

  @Test
  @Row("F005")
  void previousOwner_withWhomIsNotShared_keepsOnlyWhatHeHasByOtherWays() {
    site.group("group:risk", MAKER);
    site.share(MODEL, "group:risk", "user");
    site.transfer(site.as(MAKER), MODEL, MAKER, OTHER_MAKER, "");
    assertEquals(List.of(), site.roles(MODEL, MAKER));
    site.assertAllowed(MAKER, MODEL, "predict", "get_for_use");
    site.assertChecks(
        "ACCESS", MAKER, MODEL, "get", "edit", "delete", "share", "assign", "data.read");
    site.revoke(site.as(OTHER_MAKER), MODEL, "group:risk");
    site.assertChecks("NO_GRANT", MAKER, MODEL, EVERYTHING);
  }

  @Test
  @Row("F006")
  void newOwner_hasNotTheTrainingData_untilItsContainerIsReassigned() {
    site.resource(DATA, MAKER);
    site.transfer(site.as(ADMIN), MODEL, MAKER, OTHER_MAKER, "");
    site.assertChecks("NO_GRANT", OTHER_MAKER, DATA, "read", "data.read");
    site.transfer(site.as(ADMIN), DATA, MAKER, OTHER_MAKER, "");
    site.assertAllowed(OTHER_MAKER, DATA, "read", "data.read", "delete");
  }

  @Test
  @Row("F006")
  void newOwner_hasTheTrainingData_whenItsContainerIsGranted() {
    site.resource(DATA, MAKER);
    site.transfer(site.as(ADMIN), MODEL, MAKER, OTHER_MAKER, "");
    site.share(site.as(MAKER), DATA, OTHER_MAKER, "user");
    site.assertAllowed(OTHER_MAKER, DATA, "read", "data.read");
    site.assertChecks("ACCESS", OTHER_MAKER, DATA, "delete", "edit");
    site.assertAllowed(MAKER, DATA, "delete");
  }

  @Test
  @Row("F007")
  void owner_isRemovedByNobody() {
    site.share(MODEL, BASIC, "user");
    for (String actor : List.of(MAKER, ADMIN)) {
      ErrorInfo info =
          Site.refused(Fault.LAST_OWNER, () -> site.revoke(site.as(actor), MODEL, MAKER));
      assertEquals(Map.of("resource", MODEL, "kind", "model"), info.getMetadataMap());
    }
    Site.refused(Fault.LAST_OWNER, () -> site.revoke(site.admin(), MODEL, MAKER));
    assertEquals(List.of("owner"), site.roles(MODEL, MAKER));
    site.assertAllowed(MAKER, MODEL, EVERYTHING);
    site.revoke(site.as(MAKER), MODEL, BASIC);
    site.assertChecks("NO_GRANT", BASIC, MODEL, "predict");
  }

  @Test
  @Row("F007")
  void secondOwner_isRefused_andSoIsAnOwnerWhoKeepsIt() {
    ErrorInfo info =
        Site.refused(
            Fault.SINGLE_OWNER, () -> site.share(site.as(ADMIN), MODEL, OTHER_MAKER, "owner"));
    assertEquals(Map.of("resource", MODEL), info.getMetadataMap());
    Site.refused(
        Fault.SINGLE_OWNER,
        () -> site.transfer(site.as(ADMIN), MODEL, MAKER, OTHER_MAKER, "owner"));
    assertEquals(List.of(), site.roles(MODEL, OTHER_MAKER));
    site.transfer(site.as(ADMIN), MODEL, MAKER, OTHER_MAKER, "");
    assertEquals(List.of("owner"), site.roles(MODEL, OTHER_MAKER));
  }

  @Test
  @Row("F008")
  void share_withTheOwner_isRefused() {
    for (String actor : List.of(MAKER, ADMIN)) {
      ErrorInfo info =
          Site.refused(
              Fault.RECIPIENT_IS_OWNER, () -> site.share(site.as(actor), MODEL, MAKER, "user"));
      assertEquals(MAKER, info.getMetadataOrThrow("value"));
    }
    assertEquals(List.of("owner"), site.roles(MODEL, MAKER));
    site.share(site.as(MAKER), MODEL, OTHER_MAKER, "user");
    assertEquals(List.of("user"), site.roles(MODEL, OTHER_MAKER));
  }
}
