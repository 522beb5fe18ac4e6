package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static dev.modelgate.grpc.TypeRightsTest.allows;
import static dev.modelgate.grpc.TypeRightsTest.request;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.FieldMask;
import dev.modelgate.model.Fault;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.GetOrganizationRequest;
import dev.modelgate.v1.GetPrincipalRequest;
import dev.modelgate.v1.GetResourceRequest;
import dev.modelgate.v1.Organization;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.Resource;
import dev.modelgate.v1.TypeRight.Depth;
import dev.modelgate.v1.TypeRightChange.Mode;
import dev.modelgate.v1.UpdateOrganizationRequest;
import dev.modelgate.v1.UpdateResourceRequest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Units, types, state flags and features: what they do to decisions, and who writes them. */
final class AttributesTest {
  private static final String TRICKY = PROD + "/models/tricky";

  private final TypePlane types = new TypePlane();
  private final AdminPlane plane = types.plane;

  @BeforeEach
  void begin() {
    plane
        .as(ANA)
        .createResource(
            CreateResourceRequest.newBuilder().setName(TRICKY).setType("tricky").build());
    unit(BEN, "emea");
  }

  @AfterEach
  void end() {
    types.close();
  }

  @Test
  void flag_raisedAndLowered_opensAndClosesTheGate() {
    assertEquals("NOT_PUBLISHED", types.check(ANA, TRICKY, "predict"));
    update(ANA, resource().addFlags("published"), "flags");
    assertEquals("ALLOW", types.check(ANA, TRICKY, "predict"));
    assertEquals(List.of("published"), get().getFlagsList());
    update(ANA, resource(), "flags");
    assertEquals("NOT_PUBLISHED", types.check(ANA, TRICKY, "predict"));
  }

  @Test
  void feature_switchedOffAndOn_closesAndOpensTheGate() {
    update(ANA, resource().addFlags("published"), "flags");
    features(ANA, Map.of("tricky_models", false));
    assertEquals("FEATURE_OFF", types.check(ANA, TRICKY, "predict"));
    assertEquals(Map.of("tricky_models", false), organization().getFeaturesMap());
    features(ANA, Map.of());
    assertEquals("ALLOW", types.check(ANA, TRICKY, "predict"));
    refused(Fault.INVALID_FIELD, "features", () -> features(ANA, Map.of("flying", true)));
  }

  /** To switch a feature on opens a gate for everybody. */
  @Test
  void feature_ofTheOrganization_isWrittenByAdministratorsOnly() {
    plane.share(ACME, BEN, "editor");
    refused(Fault.NOT_PERMITTED, () -> features(BEN, Map.of("tricky_models", false)));
    plane
        .as(BEN)
        .updateOrganization(
            UpdateOrganizationRequest.newBuilder()
                .setOrganization(Organization.newBuilder().setName(ACME).setDisplayName("Acme!"))
                .build());
  }

  @Test
  void typeRight_ofTheUnit_reachesWhatIsMovedThere() {
    plane
        .admin()
        .updateTypeRights(
            request(allows(Mode.MODE_SET, BEN, "model", "get").setDepth(Depth.DEPTH_UNIT)).build());
    assertEquals("NO_GRANT", types.check(BEN, TRICKY, "get"));
    update(ANA, resource().setUnit("emea"), "unit");
    assertEquals("ALLOW", types.check(BEN, TRICKY, "get"));
    update(ANA, resource().setUnit("emea/sales"), "unit");
    assertEquals("NO_GRANT", types.check(BEN, TRICKY, "get"));
    unit(BEN, "emea/sales");
    assertEquals("ALLOW", types.check(BEN, TRICKY, "get"));
    assertEquals("emea/sales", get().getUnit());
    assertEquals("emea/sales", principal().getUnit());
  }

  @Test
  void unit_ofAPrincipal_isKeptUnlessGiven() {
    plane.principal(BEN);
    assertEquals("emea", principal().getUnit());
    unit(BEN, "");
    assertEquals("", principal().getUnit());
    refused(Fault.INVALID_FIELD, "unit", () -> unit(BEN, "emea//sales"));
    refused(Fault.INVALID_FIELD, "unit", () -> unit(BEN, "a/".repeat(16) + "a"));
  }

  @Test
  void resource_withoutAUnit_isInThatOfItsOwner() {
    String own = PROD + "/models/own";
    types.grant(PROD, BEN, false, "create");
    plane.as(BEN).createResource(CreateResourceRequest.newBuilder().setName(own).build());
    assertEquals("emea", get(own).getUnit());
  }

  /** Hazard 31: a flag opens a gate, so that the right to edit is not enough. */
  @Test
  void flag_isWrittenByHoldersOfItsPermissionOnly() {
    types.grant(TRICKY, BEN, false, "get", "update", "transfer");
    refused(Fault.NOT_PERMITTED, () -> update(BEN, resource().addFlags("published"), "flags"));
    types.grant(TRICKY, BEN, false, "publish");
    update(BEN, resource().addFlags("published"), "flags");
  }

  /** Hazard 31: the unit says whose type rights reach it. */
  @Test
  void unit_isWrittenByWhoMayTransferOnly() {
    types.grant(TRICKY, BEN, false, "get", "update", "publish");
    refused(Fault.NOT_PERMITTED, () -> update(BEN, resource().setUnit("emea"), "unit"));
    types.grant(TRICKY, BEN, false, "transfer");
    update(BEN, resource().setUnit("emea"), "unit");
  }

  /** Hazard 31: nobody creates what he could not make of it later. */
  @Test
  void creation_withFlagsOrAForeignUnit_isForAdministrators() {
    types.grant(PROD, BEN, false, "create");
    var request = CreateResourceRequest.newBuilder().setName(PROD + "/models/new");
    refused(
        Fault.NOT_FOUND,
        () -> plane.as(BEN).createResource(request.clone().addFlags("published").build()));
    refused(
        Fault.NOT_FOUND,
        () -> plane.as(BEN).createResource(request.clone().setUnit("apac").build()));
    plane.as(BEN).createResource(request.clone().setUnit("emea").setType("plain").build());
    assertEquals("plain", get(PROD + "/models/new").getType());
  }

  /** Hazard 31: to activate somebody again gives him all that he had. */
  @Test
  void principal_isActivatedAgainByAdministratorsOnly() {
    types.grant(ACME, BEN, true, "get", "update", "rights.write", "grants.write");
    var carl =
        PutPrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal("user:carl@acme.com");
    plane.admin().putPrincipal(carl.clone().setState(Principal.State.STATE_DISABLED).build());
    refused(
        Fault.NOT_PERMITTED,
        () ->
            plane
                .as(BEN)
                .putPrincipal(carl.clone().setState(Principal.State.STATE_ACTIVE).build()));
    refused(
        Fault.NOT_PERMITTED,
        () -> plane.as(BEN).putPrincipal(carl.clone().setUnit("emea").build()));
  }

  @Test
  void attributes_thatTheKindDoesNotHave_areRefused() {
    var request = CreateResourceRequest.newBuilder().setName(PROD + "/models/new");
    refused(
        Fault.INVALID_FIELD,
        "type",
        () -> plane.admin().createResource(request.clone().setType("robot").build()));
    refused(
        Fault.INVALID_FIELD,
        "flags",
        () -> plane.admin().createResource(request.clone().addFlags("active").build()));
    refused(
        Fault.INVALID_FIELD,
        "flags",
        () -> plane.admin().createResource(request.clone().addFlags("").build()));
    refused(
        Fault.INVALID_FIELD,
        "unit",
        () -> plane.admin().createResource(request.clone().setUnit("/").build()));
    refused(
        Fault.INVALID_FIELD, "flags", () -> update(ANA, resource().addFlags("active"), "flags"));
    refused(
        Fault.INVALID_FIELD, "update_mask", () -> update(ANA, resource().setType("plain"), "type"));
  }

  /** What a later profile no longer declares is in nobody's way. */
  @Test
  void flagAndFeature_ofAnEarlierProfile_stayUntilTheyAreTakenAway() {
    update(ANA, resource().addFlags("published"), "flags");
    features(ANA, Map.of("tricky_models", false));
    String later =
        TypePlane.document("typed.yaml")
            .text()
            .replace("  tricky_models: true\n", "  other: true\n")
            .replaceAll("  - \\{reason: FEATURE_OFF.*\n", "")
            .replaceAll("  - \\{reason: NOT_PUBLISHED.*\n", "")
            .replaceAll("gates:\n", "")
            .replace("  published: {kinds: [model]", "  frozen: {kinds: [model]");
    types.install(ProfileDocument.parse(later));
    update(ANA, resource().setDisplayName("Tricky"), "display_name");
    update(ANA, resource().addFlags("published").addFlags("frozen"), "flags");
    assertEquals(List.of("frozen", "published"), get().getFlagsList());
    refused(Fault.NOT_PERMITTED, () -> update(ANA, resource().addFlags("frozen"), "flags"));
    var admin = UpdateResourceRequest.newBuilder().setResource(resource().addFlags("frozen"));
    plane.admin().updateResource(admin.build());
    refused(
        Fault.INVALID_FIELD,
        "flags",
        () -> update(ANA, resource().addFlags("published").addFlags("frozen"), "flags"));
    plane
        .as(ANA)
        .updateOrganization(
            UpdateOrganizationRequest.newBuilder()
                .setOrganization(Organization.newBuilder().setName(ACME).setDisplayName("Acme!"))
                .build());
    refused(Fault.INVALID_FIELD, "features", () -> features(ANA, Map.of("tricky_models", true)));
    features(ANA, Map.of("other", false));
  }

  @Test
  void mask_ofOneAttribute_leavesTheOthers() {
    update(ANA, resource().addFlags("published").setUnit("emea"), "flags", "unit");
    update(ANA, resource().setDisplayName("Tricky"), "display_name");
    Resource found = get();
    assertEquals(List.of("published"), found.getFlagsList());
    assertEquals("emea", found.getUnit());
    assertEquals("tricky", found.getType());
    update(ANA, resource().setUnit("apac"));
    assertEquals("Tricky", get().getDisplayName());
  }

  private Organization organization() {
    return plane
        .admin()
        .getOrganization(GetOrganizationRequest.newBuilder().setName(ACME).build())
        .getOrganization();
  }

  private void features(String actor, Map<String, Boolean> features) {
    plane
        .as(actor)
        .updateOrganization(
            UpdateOrganizationRequest.newBuilder()
                .setOrganization(Organization.newBuilder().setName(ACME).putAllFeatures(features))
                .setUpdateMask(FieldMask.newBuilder().addPaths("features"))
                .build());
  }

  private void update(String actor, Resource.Builder resource, String... paths) {
    plane
        .as(actor)
        .updateResource(
            UpdateResourceRequest.newBuilder()
                .setResource(resource)
                .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(paths)))
                .build());
  }

  private Resource get() {
    return get(TRICKY);
  }

  private Resource get(String name) {
    return plane
        .admin()
        .getResource(GetResourceRequest.newBuilder().setName(name).build())
        .getResource();
  }

  private Principal principal() {
    return plane
        .admin()
        .getPrincipal(
            GetPrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(BEN).build())
        .getPrincipal();
  }

  private void unit(String principal, String unit) {
    plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(principal)
                .setUnit(unit)
                .build());
  }

  private static Resource.Builder resource() {
    return Resource.newBuilder().setName(TRICKY);
  }
}
