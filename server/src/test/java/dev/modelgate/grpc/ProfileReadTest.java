package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.model.Fault;
import dev.modelgate.model.profile.BuiltInProfiles;
import dev.modelgate.v1.Change;
import dev.modelgate.v1.GetProfileRequest;
import dev.modelgate.v1.ListProfilesRequest;
import dev.modelgate.v1.ListProfilesResponse;
import dev.modelgate.v1.Profile;
import dev.modelgate.v1.PutProfileRequest;
import dev.modelgate.v1.PutProfileResponse;
import dev.modelgate.v1.WatchChangesRequest;
import dev.modelgate.v1.WatchChangesResponse;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** GetProfile, ListProfiles and what a watch tells of profiles, through the wire. */
final class ProfileReadTest {
  private static final String BUILT_IN =
      BuiltInProfiles.find(BuiltInProfiles.DEFAULT).orElseThrow().text();
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
  void profile_ofANewOrganization_isTheBuiltInOne() {
    Profile own = get(0);
    Profile builtIn =
        plane
            .admin()
            .getProfile(GetProfileRequest.newBuilder().setBuiltIn("modelgate").build())
            .getProfile();
    assertEquals(ACME + "/profiles/1", own.getName());
    assertEquals(1, own.getVersion());
    assertTrue(own.getCurrent() && own.hasCreateTime() && !own.getEtag().isEmpty());
    assertEquals(BUILT_IN, own.getDocument());
    assertEquals("profiles/modelgate", builtIn.getName());
    assertEquals(own.getDigest(), builtIn.getDigest());
    assertFalse(builtIn.getCurrent() || builtIn.hasCreateTime());
  }

  @Test
  void member_whoIsNoAdministrator_putsNothingAndReads() {
    plane.share(ACME, BEN, "editor");
    refused(Fault.NOT_PERMITTED, () -> plane.as(BEN).putProfile(request(RETITLED).build()));
    assertEquals(
        BUILT_IN,
        plane
            .as(BEN)
            .getProfile(GetProfileRequest.newBuilder().setOrganization(ACME).build())
            .getProfile()
            .getDocument());
    refused(
        Fault.ON_BEHALF_OF_INVALID,
        () ->
            plane
                .as("user:nobody@acme.com")
                .getProfile(GetProfileRequest.newBuilder().setOrganization(ACME).build()));
    refused(
        Fault.NOT_FOUND,
        () ->
            plane
                .as("user:stranger@acme.com")
                .putProfile(request(RETITLED).setOrganization("organizations/x").build()));
  }

  @Test
  void get_ofNothingInParticular_isRefused() {
    refused(
        Fault.INVALID_FIELD,
        "organization",
        () -> plane.admin().getProfile(GetProfileRequest.getDefaultInstance()));
    refused(Fault.INVALID_FIELD, "version", () -> get(-1));
    refused(
        Fault.INVALID_FIELD,
        "version",
        () ->
            plane
                .admin()
                .getProfile(
                    GetProfileRequest.newBuilder().setBuiltIn("modelgate").setVersion(1).build()));
    refused(
        Fault.UNKNOWN_PROFILE,
        "built_in",
        () -> plane.admin().getProfile(GetProfileRequest.newBuilder().setBuiltIn("x").build()));
    refused(
        Fault.NOT_FOUND,
        () ->
            plane
                .admin()
                .getProfile(
                    GetProfileRequest.newBuilder()
                        .setOrganization("organizations/system")
                        .build()));
  }

  @Test
  void list_isPagedAndShowsBuiltInOnesFirst() {
    put(RETITLED);
    put(BUILT_IN);
    List<String> names = new ArrayList<>();
    String token = "";
    do {
      ListProfilesResponse page =
          plane
              .admin()
              .listProfiles(
                  ListProfilesRequest.newBuilder()
                      .setOrganization(ACME)
                      .setPageSize(2)
                      .setPageToken(token)
                      .build());
      page.getProfilesList().forEach(profile -> names.add(profile.getName()));
      page.getProfilesList().forEach(profile -> assertEquals("", profile.getDocument()));
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    assertEquals(
        List.of(
            "profiles/ai-builder",
            "profiles/datarobot",
            "profiles/google-ai-platform",
            "profiles/modelgate",
            ACME + "/profiles/1",
            ACME + "/profiles/2",
            ACME + "/profiles/3"),
        names);
  }

  @Test
  void list_withoutAnOrganization_isTheBuiltInOnes() {
    assertEquals(
        4, plane.admin().listProfiles(ListProfilesRequest.getDefaultInstance()).getProfilesCount());
    refused(
        Fault.ON_BEHALF_OF_INVALID,
        () -> plane.as(ANA).listProfiles(ListProfilesRequest.getDefaultInstance()));
    String token =
        plane
            .admin()
            .listProfiles(ListProfilesRequest.newBuilder().setPageSize(1).build())
            .getNextPageToken();
    refused(
        Fault.PAGE_TOKEN_INVALID,
        "page_token",
        () ->
            plane
                .admin()
                .listProfiles(
                    ListProfilesRequest.newBuilder()
                        .setOrganization(ACME)
                        .setPageToken(token)
                        .build()));
  }

  @Test
  void watch_tellsTheNewProfileWithItsDocument() {
    Iterator<WatchChangesResponse> changes =
        plane.admin().watchChanges(WatchChangesRequest.newBuilder().setOrganization(ACME).build());
    changes.next();
    put(RETITLED);
    List<Change> told = changes.next().getEvent().getChangesList();
    Profile profile =
        told.stream().filter(Change::hasProfilePut).findFirst().orElseThrow().getProfilePut();
    assertEquals(RETITLED, profile.getDocument());
    assertEquals(2, profile.getVersion());
    assertTrue(
        told.stream().anyMatch(change -> change.getOrganizationPut().getProfileVersion() == 2));
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
