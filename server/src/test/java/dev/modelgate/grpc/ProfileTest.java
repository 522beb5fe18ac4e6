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

import com.google.rpc.ErrorInfo;
import dev.modelgate.app.commit.Order;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.Fault;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.GetProfileRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.Profile;
import dev.modelgate.v1.PutExternalLinkRequest;
import dev.modelgate.v1.PutProfileRequest;
import dev.modelgate.v1.PutProfileResponse;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PutProfile through the wire: versions, faults, what blocks it, who may. */
final class ProfileTest {
  private static final String BUILT_IN =
      BuiltInProfiles.find(BuiltInProfiles.DEFAULT).orElseThrow().text();
  private static final String AUDITOR =
      "  auditor:\n    rank: 20\n    permissions:\n      \"*\": [get, grants.read]\n";
  private static final String RETITLED = BUILT_IN.replace("own rules", "rules, ours");

  private final AdminPlane plane = new AdminPlane();

  @BeforeEach
  void begin() {
    plane.withAcme();
  }

  @AfterEach
  void end() {
    plane.close();
  }

  @Test
  void document_put_isTheNextVersionAndLeavesTheOneBefore() {
    Profile before = get(0);
    PutProfileResponse answer = put(RETITLED);
    assertEquals(2, answer.getProfile().getVersion());
    assertEquals("", answer.getProfile().getDocument());
    assertEquals(RETITLED, get(0).getDocument());
    assertEquals(get(0).getDigest(), answer.getProfile().getDigest());
    assertEquals(before.getDocument(), get(1).getDocument());
    assertFalse(get(1).getCurrent());
    assertNotEquals(before.getEtag(), get(0).getEtag());
    var organization =
        plane
            .admin()
            .getOrganization(GetOrganizationRequest.newBuilder().setName(ACME).build())
            .getOrganization();
    assertEquals(2, organization.getProfileVersion());
    assertEquals(answer.getRevision(), organization.getRevision());
  }

  @Test
  void document_thatHoldsAlready_isNoNewVersion() {
    put(RETITLED);
    assertEquals(2, put(RETITLED).getProfile().getVersion());
    assertEquals(1, get(1).getVersion());
    refused(Fault.NOT_FOUND, () -> get(3));
  }

  @Test
  void builtIn_put_isCopied() {
    put(RETITLED);
    Profile back =
        plane
            .admin()
            .putProfile(
                PutProfileRequest.newBuilder()
                    .setOrganization(ACME)
                    .setBuiltIn("modelgate")
                    .build())
            .getProfile();
    assertEquals(3, back.getVersion());
    assertEquals(BUILT_IN, get(0).getDocument());
  }

  @Test
  void request_repeated_repeatsTheAnswerAndPutsNothing() {
    PutProfileRequest request = request(RETITLED).setRequestId("p1").build();
    PutProfileResponse first = plane.admin().putProfile(request);
    put(BUILT_IN);
    assertEquals(first, plane.admin().putProfile(request));
    assertEquals(3, get(0).getVersion());
  }

  @Test
  void etag_ofAnEarlierVersion_isRefused() {
    String etag = get(0).getEtag();
    plane.admin().putProfile(request(RETITLED).setEtag(etag).build());
    refused(
        Fault.ETAG_MISMATCH,
        () -> plane.admin().putProfile(request(BUILT_IN).setEtag(etag).build()));
  }

  @Test
  void document_withAFault_namesTheLine() {
    String wrong = BUILT_IN.replace("owners: at_least_one", "owners: some");
    int line = (int) wrong.substring(0, wrong.indexOf("owners: some")).lines().count();
    ErrorInfo info = refused(Fault.PROFILE_INVALID, "document", () -> put(wrong));
    assertEquals(String.valueOf(line), info.getMetadataOrThrow("document_line"));
    assertTrue(info.getMetadataOrThrow("problem").contains("at_least_one"), info::toString);
    assertEquals(1, get(0).getVersion());
  }

  @Test
  void document_withMorePermissionsThanBits_isRefused() {
    StringBuilder more = new StringBuilder("permissions:\n");
    for (int i = 0; i < 47; i++) {
      more.append("  - p").append(i).append('\n');
    }
    refused(
        Fault.PROFILE_INVALID,
        "document",
        () -> put(BUILT_IN.replace("permissions:\n  - discover", more + "  - discover")));
  }

  @Test
  void request_withBothOrNeitherSource_isRefused() {
    refused(
        Fault.INVALID_FIELD,
        "document",
        () ->
            plane.admin().putProfile(PutProfileRequest.newBuilder().setOrganization(ACME).build()));
    refused(
        Fault.UNKNOWN_PROFILE,
        "built_in",
        () ->
            plane
                .admin()
                .putProfile(
                    PutProfileRequest.newBuilder()
                        .setOrganization(ACME)
                        .setBuiltIn("nobodys")
                        .build()));
    refused(Fault.LIMIT_EXCEEDED, "document", () -> put("#".repeat(262_145)));
    refused(
        Fault.NOT_FOUND,
        () ->
            plane.admin().putProfile(request(RETITLED).setOrganization("organizations/b").build()));
  }

  @Test
  void role_inUse_blocksUntilItsGrantsAreGone() {
    plane.share(FRAUD, BEN, "auditor");
    String without = BUILT_IN.replace(AUDITOR, "");
    ErrorInfo info = refused(Fault.PROFILE_IN_USE, () -> put(without));
    assertEquals("role `auditor`: " + BEN + " on " + FRAUD, info.getMetadataOrThrow("blockers"));
    assertEquals("1", info.getMetadataOrThrow("count"));
    change(GrantChange.newBuilder().setMode(GrantChange.Mode.MODE_REMOVE).setPrincipal(BEN));
    assertEquals(2, put(without).getProfile().getVersion());
    refused(Fault.UNKNOWN_ROLE, "role", () -> plane.share(FRAUD, BEN, "auditor"));
  }

  /** What was shared for a time would be owned, and owning looks at no time (hazard 24). */
  @Test
  void role_inUse_becomesNoOwnersRole() {
    String more =
        BUILT_IN.replace("  user:\n    rank: 30\n", "  user:\n    rank: 30\n    owner: true\n");
    assertNotEquals(BUILT_IN, more);
    plane.share(FRAUD, BEN, "user");
    ErrorInfo info = refused(Fault.PROFILE_IN_USE, () -> put(more));
    assertTrue(
        info.getMetadataOrThrow("blockers").startsWith("role `user` with owner: false: "),
        info::toString);
  }

  @Test
  void permission_inUse_blocks() {
    change(
        GrantChange.newBuilder()
            .setMode(GrantChange.Mode.MODE_MERGE)
            .setPrincipal(BEN)
            .setPermissions(Permissions.newBuilder().addPermissions("schema.change")));
    String without =
        BUILT_IN
            .replace("  - schema.change   # change the tables behind it\n", "")
            .replace(", create, schema.change]", ", create]");
    ErrorInfo info = refused(Fault.PROFILE_IN_USE, () -> put(without));
    assertTrue(
        info.getMetadataOrThrow("blockers").startsWith("permission `schema.change`: " + BEN),
        info::toString);
  }

  @Test
  void kind_inUse_blocksInItsPlaceToo() {
    String elsewhere =
        BUILT_IN.replace(
            "    collection: models\n    parents: [organization, environment]",
            "    collection: models\n    parents: [organization]");
    ErrorInfo info = refused(Fault.PROFILE_IN_USE, () -> put(elsewhere));
    assertTrue(
        info.getMetadataOrThrow("blockers").startsWith("kind `model` in its place: "),
        info::toString);
    String renamed = BUILT_IN.replace("    collection: environments", "    collection: rooms");
    refused(Fault.PROFILE_IN_USE, () -> put(renamed));
    String unused = BUILT_IN.replace("    collection: datasets\n", "    collection: dataSets\n");
    assertEquals(2, put(unused).getProfile().getVersion());
  }

  @Test
  void typeAndFlag_inUse_block() {
    String typed =
        BUILT_IN.replace(
                "    collection: models\n", "    collection: models\n    types: [plain, tricky]\n")
            + "flags: {published: {kinds: [model], needs: publish}}\n";
    put(typed);
    commit(
        new Command.CreateResource(
            ResourceName.parse(PROD + "/models/churn"),
            new ResourceRow.Attributes("", Map.of(), "tricky", UnitName.ROOT, Set.of("published")),
            Optional.empty()));
    ErrorInfo info =
        refused(Fault.PROFILE_IN_USE, () -> put(typed.replace("[plain, tricky]", "[plain]")));
    assertTrue(info.getMetadataOrThrow("blockers").startsWith("type `tricky` of `model`"));
    info = refused(Fault.PROFILE_IN_USE, () -> put(typed.replace("{published:", "{unpublished:")));
    assertTrue(info.getMetadataOrThrow("blockers").startsWith("flag `published` of `model`"));
  }

  @Test
  void links_ofAKind_inUse_block() {
    String linked =
        BUILT_IN.replace(
            "    collection: applications\n", "    collection: applications\n    links: true\n");
    put(linked);
    plane.resource(PROD + "/applications/claims");
    plane
        .admin()
        .putExternalLink(
            PutExternalLinkRequest.newBuilder()
                .setResource(PROD + "/applications/claims")
                .setId("front-door")
                .setRole("user")
                .build());
    ErrorInfo info = refused(Fault.PROFILE_IN_USE, () -> put(BUILT_IN));
    assertTrue(
        info.getMetadataOrThrow("blockers").startsWith("external links of `application`: link:"),
        info::toString);
  }

  @Test
  void feature_thatTheOrganizationSwitched_blocks() {
    put(BUILT_IN + "features: {preview: true}\n");
    commit(
        new Command.UpdateOrganization(
            Optional.empty(), Optional.of(Map.of("preview", false)), ""));
    ErrorInfo info = refused(Fault.PROFILE_IN_USE, () -> put(BUILT_IN));
    assertTrue(info.getMetadataOrThrow("blockers").startsWith("feature `preview`"));
  }

  @Test
  void blockers_manyOfThem_areCountedAndFew() {
    StringBuilder roles = new StringBuilder();
    for (int i = 0; i < 12; i++) {
      roles.append("  extra").append(i).append(":\n    rank: 1\n    permissions: {\"*\": [get]}\n");
    }
    put(BUILT_IN.replace(AUDITOR, AUDITOR + roles));
    for (int i = 0; i < 12; i++) {
      plane.share(FRAUD, BEN, "extra" + i);
    }
    ErrorInfo info = refused(Fault.PROFILE_IN_USE, () -> put(BUILT_IN));
    assertEquals("12", info.getMetadataOrThrow("count"));
    assertEquals(10, info.getMetadataOrThrow("blockers").lines().count());
  }

  /** Who is deleted owns nothing, though he could be restored. */
  @Test
  void severalOwners_blockAProfileWithOne_untilTheyAreNoMore() {
    String single = BUILT_IN.replace("owners: at_least_one ", "owners: single ");
    assertNotEquals(BUILT_IN, single);
    plane.principal("user:cyd@acme.com");
    plane.share(FRAUD, BEN, "owner");
    plane.share(FRAUD, "user:cyd@acme.com", "owner");
    plane.share(ACME, BEN, "owner");
    ErrorInfo info = refused(Fault.PROFILE_IN_USE, () -> put(single));
    assertEquals(
        "several owners of "
            + ACME
            + ": "
            + String.join(", ", ANA, BEN)
            + "\nseveral owners of "
            + FRAUD
            + ": "
            + String.join(", ", ANA, "user:cyd@acme.com", BEN),
        info.getMetadataOrThrow("blockers"));
    assertEquals("2", info.getMetadataOrThrow("count"));
    assertEquals(1, get(0).getVersion());
    plane.share(PROD, BEN, "editor");
    change(GrantChange.newBuilder().setMode(GrantChange.Mode.MODE_REMOVE).setPrincipal(BEN));
    revoke(ACME, BEN);
    info = refused(Fault.PROFILE_IN_USE, () -> put(single));
    assertEquals("1", info.getMetadataOrThrow("count"));
    plane
        .admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal("user:cyd@acme.com")
                .build());
    assertEquals(2, put(single).getProfile().getVersion());
    assertEquals(3, put(single + "\n# ours").getProfile().getVersion());
  }

  @Test
  void severalOwners_ofManyResources_areCountedAndFewShown() {
    for (int i = 0; i < 12; i++) {
      plane.resource(PROD + "/models/m" + i);
      plane.share(PROD + "/models/m" + i, BEN, "owner");
    }
    String single = BUILT_IN.replace("owners: at_least_one ", "owners: single ");
    ErrorInfo info = refused(Fault.PROFILE_IN_USE, () -> put(single));
    assertEquals("12", info.getMetadataOrThrow("count"));
    assertEquals(10, info.getMetadataOrThrow("blockers").lines().count());
  }

  /** Hazard 17. */
  @ParameterizedTest
  @CsvSource({
    "cap: subset, cap: none",
    "isolation: closed, isolation: open",
    "directory: open, directory: strict",
  })
  void guardedSwitch_isTheSystemAdministrators(String from, String to) {
    String document = BUILT_IN.replace(from + " ", to + " ");
    assertNotEquals(BUILT_IN, document);
    PutProfileRequest request = request(document).build();
    ErrorInfo info = refused(Fault.NOT_PERMITTED, () -> plane.as(ANA).putProfile(request));
    assertEquals("systemAdministrator", info.getMetadataOrThrow("permission"));
    assertEquals(1, get(0).getVersion());
    assertEquals(2, plane.admin().putProfile(request).getProfile().getVersion());
    assertEquals(
        3,
        plane.as(ANA).putProfile(request(document + "\n# ours").build()).getProfile().getVersion());
  }

  /** Hazard 17: nothing comes by itself; what the binary brings is put like any document. */
  @Test
  void otherBuiltIn_asAnOrganizationAdministrator_isRefusedForWhatItOpens() {
    PutProfileRequest request =
        PutProfileRequest.newBuilder()
            .setOrganization(ACME)
            .setBuiltIn("google-ai-platform")
            .build();
    refused(Fault.NOT_PERMITTED, () -> plane.as(ANA).putProfile(request));
    refused(Fault.PROFILE_IN_USE, () -> plane.admin().putProfile(request));
  }

  private void commit(Command command) {
    plane
        .committer
        .commit("acme", Order.of(Requester.SYSTEM_ADMINISTRATOR), command)
        .toCompletableFuture()
        .join();
  }

  private void revoke(String resource, String principal) {
    plane
        .admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(resource)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_REMOVE)
                        .setPrincipal(principal))
                .build());
  }

  private void change(GrantChange.Builder change) {
    plane
        .admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder().setResource(FRAUD).addChanges(change).build());
  }

  private Profile get(long version) {
    return plane
        .admin()
        .getProfile(
            GetProfileRequest.newBuilder().setOrganization(ACME).setVersion(version).build())
        .getProfile();
  }

  private PutProfileResponse put(String document) {
    return plane.admin().putProfile(request(document).build());
  }

  private static PutProfileRequest.Builder request(String document) {
    return PutProfileRequest.newBuilder().setOrganization(ACME).setDocument(document);
  }
}
