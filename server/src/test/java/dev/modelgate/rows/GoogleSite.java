package dev.modelgate.rows;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.grpc.Site;
import dev.modelgate.v1.GetProfileRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListActionsRequest;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.PutProfileRequest;
import java.util.List;
import java.util.Map;

/**
 * An organization under {@code google-ai-platform} with the projects {@link #PROJECT} and {@link
 * #ELSEWHERE} of {@link Site#ADMIN} and a model of {@link #OWNER} in each, and {@link #OTHER}
 * beside the first. Nobody else has anything.
 */
final class GoogleSite {
  static final String PROJECT = Site.ACME + "/projects/p1";
  static final String MODEL = PROJECT + "/models/m1";
  static final String VERSION = MODEL + "/versions/v1";
  static final String OTHER = PROJECT + "/models/m2";
  static final String ELSEWHERE = Site.ACME + "/projects/p2";
  static final String FAR = ELSEWHERE + "/models/m3";
  static final String OWNER = "user:owner@acme.com";

  static final String ANA = "user:ana@acme.com";
  static final String BEN = "user:ben@acme.com";
  static final String CARL = "user:carl@acme.com";

  /** All of {@code ml.modelOwner}, as Google's table has it. */
  static final String[] FOURTEEN = {
    "ml.models.create",
    "ml.models.delete",
    "ml.models.get",
    "ml.models.getIamPolicy",
    "ml.models.list",
    "ml.models.predict",
    "ml.models.setIamPolicy",
    "ml.models.update",
    "ml.versions.create",
    "ml.versions.delete",
    "ml.versions.get",
    "ml.versions.list",
    "ml.versions.predict",
    "ml.versions.update"
  };

  final Site site = new Site("google-ai-platform");

  GoogleSite() {
    site.resource(PROJECT, Site.ADMIN);
    site.resource(ELSEWHERE, Site.ADMIN);
    site.resource(MODEL, OWNER);
    site.resource(OTHER, OWNER);
    site.resource(FAR, OWNER);
  }

  /** A change in mode SET to exactly these permissions, which can be completed. */
  static GrantChange.Builder set(String principal, String... permissions) {
    return GrantChange.newBuilder()
        .setMode(GrantChange.Mode.MODE_SET)
        .setPrincipal(principal)
        .setPermissions(Permissions.newBuilder().addAllPermissions(List.of(permissions)));
  }

  /** Puts the organization's own copy of the profile with those texts replaced everywhere. */
  void profile(Map<String, String> replaced) {
    String text =
        site.admin()
            .getProfile(GetProfileRequest.newBuilder().setBuiltIn("google-ai-platform").build())
            .getProfile()
            .getDocument();
    for (Map.Entry<String, String> each : replaced.entrySet()) {
      assertTrue(text.contains(each.getKey()), each.getKey());
      text = text.replace(each.getKey(), each.getValue());
    }
    site.admin()
        .putProfile(
            PutProfileRequest.newBuilder().setOrganization(Site.ACME).setDocument(text).build());
  }

  /** The permissions among what a principal may do on a resource; short verbs are left out. */
  List<String> permissions(String principal, String resource) {
    return site
        .data()
        .listActions(
            ListActionsRequest.newBuilder().setPrincipal(principal).setModel(resource).build())
        .getActionsList()
        .stream()
        .filter(action -> action.startsWith("ml."))
        .toList();
  }
}
