package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.AdminPlane.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.FieldMask;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.DenyRuleChange.Operation;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.PutExternalLinkRequest;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.Resource;
import dev.modelgate.v1.TransferOwnershipRequest;
import dev.modelgate.v1.TypeRight.Depth;
import dev.modelgate.v1.TypeRight.Effect;
import dev.modelgate.v1.TypeRightChange.Mode;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateResourceRequest;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Ways by which somebody, or an accomplice of his, could come to more than he has: each was open
 * once. {@link WideningSearchTest} looks for more.
 */
final class PrivilegeGrowthTest {
  private static final String STEVE = "user:steve@acme.com";
  private static final String EVE = "user:eve@acme.com";
  private static final String VERSION = FRAUD + "/versions/3";
  private static final String DATA = PROD + "/datasets/claims";
  private static final String APP = PROD + "/applications/report";

  private TypePlane types = new TypePlane();

  @BeforeEach
  void begin() {
    furnish();
  }

  @AfterEach
  void end() {
    types.close();
  }

  /** What he is denied on one model he would give an accomplice on the environment around it. */
  @Test
  void sharer_deniedBelow_doesNotGiveItAbove() {
    types.shareOn(PROD, STEVE, "editor");
    deny(FRAUD, STEVE, "predict");
    var info = refused(Fault.CAP_EXCEEDED, () -> give(STEVE, PROD, EVE, "predict"));
    assertEquals("predict", info.getMetadataOrThrow("permissions"));
    assertEquals("NO_GRANT", types.check(EVE, FRAUD, "predict"));
    give(STEVE, PROD, EVE, "launch");
  }

  /** Somebody else's rule, or one beside, takes nothing from him. */
  @Test
  void sharer_deniedElsewhere_sharesAsBefore() {
    types.shareOn(PROD, STEVE, "editor");
    deny(FRAUD, EVE, "predict");
    deny(APP, STEVE, "launch");
    give(STEVE, PROD, BEN, "predict");
    refused(Fault.CAP_EXCEEDED, () -> give(STEVE, PROD, BEN, "launch"));
    share(STEVE, FRAUD, BEN, "user");
    assertEquals("ALLOW", types.check(BEN, FRAUD, "predict"));
  }

  @Test
  void steward_deniedOnOneModel_givesItByNoTypeRight() {
    types.shareOn(ACME, STEVE, "steward");
    deny(FRAUD, STEVE, "predict");
    refused(
        Fault.CAP_EXCEEDED,
        () ->
            types
                .plane
                .as(STEVE)
                .updateTypeRights(
                    TypeRightsTest.request(
                            TypeRightsTest.allows(Mode.MODE_SET, EVE, "model", "predict"))
                        .build()));
  }

  /** What no grant reaches he has on nothing, and a type right would be on everything. */
  @Test
  void steward_ofAKindThatInheritsNothing_givesItByNoTypeRight() {
    restart(
        text ->
            text.replace(
                "parents: [environment]\n    types:",
                "parents: [environment]\n    inherits: false\n    types:"));
    types.shareOn(ACME, STEVE, "steward");
    assertEquals("NO_GRANT", types.check(STEVE, FRAUD, "predict"));
    refused(
        Fault.NO_SHARE_RIGHT,
        () ->
            types
                .plane
                .as(STEVE)
                .updateTypeRights(
                    TypeRightsTest.request(
                            TypeRightsTest.allows(Mode.MODE_SET, STEVE, "model", "predict"))
                        .build()));
  }

  /** A version is there without a record, so that who makes one does not come to own it. */
  @Test
  void editor_registeringAVersion_ownsNoMoreThanHeMayShare() {
    types.plane.share(FRAUD, STEVE, "editor");
    assertEquals("ACCESS", types.check(STEVE, VERSION, "delete"));
    refused(Fault.NO_SHARE_RIGHT, () -> create(STEVE, VERSION, ""));
    types.shareOn(FRAUD, STEVE, "editor");
    refused(Fault.CAP_EXCEEDED, () -> create(STEVE, VERSION, ""));
    refused(Fault.CAP_EXCEEDED, () -> create(STEVE, VERSION, EVE));
    assertEquals("ACCESS", types.check(STEVE, VERSION, "delete"));
    create(ANA, VERSION, EVE);
    assertEquals("ALLOW", types.check(EVE, VERSION, "delete"));
  }

  @Test
  void holderOfTransfer_owningNothing_makesNobodyOwner() {
    types.grant(FRAUD, STEVE, false, "transfer");
    refused(Fault.CAP_EXCEEDED, () -> transfer(STEVE, FRAUD, STEVE, ""));
    refused(Fault.CAP_EXCEEDED, () -> transfer(STEVE, FRAUD, EVE, ""));
    transfer(ANA, FRAUD, EVE, "editor");
    assertEquals("ALLOW", types.check(EVE, FRAUD, "delete"));
  }

  /** Who is bounded owns less than the next owner would, whom nothing bounds. */
  @Test
  void owner_belowACeiling_handsOverNoMoreThanHeHas() {
    transfer(ANA, DATA, STEVE, "");
    ceiling(STEVE, "dataset", "get", "transfer");
    refused(Fault.CAP_EXCEEDED, () -> transfer(STEVE, DATA, EVE, ""));
    transfer(ANA, DATA, EVE, "");
  }

  @Test
  void owner_whoMayNotShare_handsThatOverAsItIs() {
    restart(
        text ->
            text.replace(
                "ceilings: if_any\n    permissions: [get, update, delete, transfer, grants.read,"
                    + " grants.write, data.read]",
                "owners_share: false\n    share_permissions: [grants.write]\n    permissions: [get, update, delete,"
                    + " transfer, grants.read, grants.write, data.read]"));
    types
        .plane
        .admin()
        .updateGrants(
            request(
                DATA,
                GrantChange.newBuilder()
                    .setMode(GrantChange.Mode.MODE_SET)
                    .setPrincipal(STEVE)
                    .setRole("owner")));
    assertEquals("ACCESS", types.check(STEVE, DATA, "grants.write"));
    transferFrom(STEVE, STEVE, DATA, EVE);
    assertEquals("ALLOW", types.check(EVE, DATA, "delete"));
    assertEquals("ACCESS", types.check(EVE, DATA, "grants.write"));
    transferFrom(ANA, EVE, DATA, BEN);
    assertEquals("ALLOW", types.check(BEN, DATA, "grants.write"));
  }

  /** To move a model into a unit is to share it with whoever has rights there. */
  @Test
  void move_intoAUnit_givesNoMoreThanTheMoverHas() {
    types
        .plane
        .admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(EVE)
                .setUnit("emea")
                .build());
    types
        .plane
        .admin()
        .updateTypeRights(
            TypeRightsTest.request(
                    TypeRightsTest.right(Mode.MODE_SET, EVE, "model", "predict")
                        .setDepth(Depth.DEPTH_UNIT)
                        .addEffects(Effect.EFFECT_ALLOWS))
                .build());
    types.grant(FRAUD, STEVE, false, "transfer");
    var info = refused(Fault.CAP_EXCEEDED, () -> move(STEVE));
    assertEquals("predict", info.getMetadataOrThrow("permissions"));
    assertEquals("NO_GRANT", types.check(EVE, FRAUD, "predict"));
    types.grant(FRAUD, STEVE, false, "predict");
    move(STEVE);
    assertEquals("ALLOW", types.check(EVE, FRAUD, "predict"));
  }

  /** Where ranks cap, a lower role can have what a rule denies to the sharer. */
  @Test
  void rank_ofARoleThatIsDeniedInPart_isNotGiven() {
    restart(text -> text.replace("cap: subset", "cap: rank"));
    types.shareOn(APP, STEVE, "steward");
    types.grant(APP, STEVE, false, "grants.write");
    deny(APP, STEVE, "launch");
    refused(Fault.CAP_EXCEEDED, () -> share(STEVE, APP, EVE, "user"));
    assertEquals("NO_GRANT", types.check(EVE, APP, "launch"));
  }

  /** By its record a stranger is one of the organization, and has what all of it has. */
  @Test
  void stranger_isBroughtIn_onlyByWhoMayShareWhatAllHave() {
    String mallory = "user:mallory@evil.com";
    types.grant(APP, STEVE, true, "launch", "grants.write");
    give(STEVE, APP, "user:first@evil.com", "launch");
    types.grant(FRAUD, "organization:acme", false, "predict");
    assertEquals("ALLOW", types.check(EVE, FRAUD, "predict"));
    refused(Fault.UNKNOWN_PRINCIPAL, "principal", () -> give(STEVE, APP, mallory, "launch"));
    assertEquals("NO_GRANT", types.check(mallory, FRAUD, "predict"));
    give(STEVE, APP, EVE, "launch");
    types.grant(FRAUD, STEVE, true, "predict");
    refused(Fault.UNKNOWN_PRINCIPAL, "principal", () -> give(STEVE, APP, mallory, "launch"));
    types.grant(FRAUD, STEVE, false, "grants.write");
    give(STEVE, APP, mallory, "launch");
    give(ANA, APP, "user:other@evil.com", "launch");
  }

  /** A link proves itself by its secret, which a call of the admin plane does not carry. */
  @Test
  void link_isActedForByNobody() {
    types
        .plane
        .admin()
        .putExternalLink(
            PutExternalLinkRequest.newBuilder()
                .setResource(APP)
                .setId("l1")
                .setRole("editor")
                .build());
    refused(Fault.ON_BEHALF_OF_INVALID, () -> share("link:l1", APP, EVE, "user"));
  }

  /** Else who leaves a group that he is not in learns whether there is one. */
  @Test
  void leaving_aGroupThatIsHidden_tellsNothing() {
    types.plane.principal("group:secret");
    types.plane.principal("group:named");
    deny(FRAUD, "group:named", "predict");
    String none = leaving("group:none");
    assertEquals(none.replace("none", "secret"), leaving("group:secret"));
    assertEquals(none.replace("none", "named"), leaving("group:named"));
  }

  /** Made again it would be without the rule. */
  @Test
  void deletion_ofWhatADenyRuleStandsOn_isForAdministrators() {
    String churn = PROD + "/models/churn";
    types.plane.resource(churn);
    types.shareOn(churn, STEVE, "owner");
    deny(churn, EVE, "predict");
    refused(Fault.NOT_PERMITTED, () -> delete(STEVE, churn));
    types
        .plane
        .admin()
        .updateDenyRules(
            DenyRulesTest.request(
                    DenyRulesTest.change(
                        Operation.OPERATION_DELETE, DenyRulesTest.rule("r-" + churn.hashCode())))
                .build());
    delete(STEVE, churn);
    types.plane.resource(churn);
    deny(churn, EVE, "predict");
    delete(ANA, churn);
  }

  private void furnish() {
    types.plane.resource(DATA);
    types.plane.resource(APP);
    types.plane.principal(STEVE);
    types.plane.principal(EVE);
    types.plane.principal(BEN);
  }

  private void restart(UnaryOperator<String> edit) {
    types.close();
    types = new TypePlane(TypePlane.typed(edit));
    furnish();
  }

  private void deny(String scope, String principal, String permission) {
    types
        .plane
        .admin()
        .updateDenyRules(
            DenyRulesTest.request(
                    DenyRulesTest.change(
                        Operation.OPERATION_PUT,
                        DenyRule.newBuilder()
                            .setId("r-" + scope.hashCode())
                            .setResource(scope)
                            .addPrincipals(principal)
                            .addPermissions(permission)))
                .build());
  }

  private void ceiling(String principal, String kind, String... permissions) {
    types
        .plane
        .admin()
        .updateTypeRights(
            TypeRightsTest.request(TypeRightsTest.ceiling(principal, kind, permissions)).build());
  }

  private void share(String actor, String resource, String principal, String role) {
    types
        .plane
        .as(actor)
        .updateGrants(
            request(
                resource,
                GrantChange.newBuilder()
                    .setMode(GrantChange.Mode.MODE_MERGE)
                    .setPrincipal(principal)
                    .setRole(role)));
  }

  private void give(String actor, String resource, String principal, String permission) {
    types
        .plane
        .as(actor)
        .updateGrants(
            request(
                resource,
                GrantChange.newBuilder()
                    .setMode(GrantChange.Mode.MODE_MERGE)
                    .setPrincipal(principal)
                    .setPermissions(Permissions.newBuilder().addPermissions(permission))));
  }

  private static UpdateGrantsRequest request(String resource, GrantChange.Builder change) {
    return UpdateGrantsRequest.newBuilder().setResource(resource).addChanges(change).build();
  }

  private void create(String actor, String resource, String owner) {
    types
        .plane
        .as(actor)
        .createResource(
            CreateResourceRequest.newBuilder().setName(resource).setOwner(owner).build());
  }

  private void delete(String actor, String resource) {
    types
        .plane
        .as(actor)
        .deleteResource(DeleteResourceRequest.newBuilder().setName(resource).build());
  }

  private void move(String actor) {
    types
        .plane
        .as(actor)
        .updateResource(
            UpdateResourceRequest.newBuilder()
                .setResource(Resource.newBuilder().setName(FRAUD).setUnit("emea"))
                .setUpdateMask(FieldMask.newBuilder().addPaths("unit"))
                .build());
  }

  private void transfer(String actor, String resource, String next, String keepAs) {
    types
        .plane
        .as(actor)
        .transferOwnership(
            TransferOwnershipRequest.newBuilder()
                .setResource(resource)
                .setNewOwner(next)
                .setKeepPreviousAs(keepAs)
                .build());
  }

  private void transferFrom(String actor, String previous, String resource, String next) {
    types
        .plane
        .as(actor)
        .transferOwnership(
            TransferOwnershipRequest.newBuilder()
                .setResource(resource)
                .setPreviousOwner(previous)
                .setNewOwner(next)
                .build());
  }

  private String leaving(String group) {
    return refused(
            Fault.NOTHING_TO_REMOVE,
            () ->
                types.plane.as(STEVE).updateMemberships(TypePlane.membership(false, group, STEVE)))
        .toString();
  }
}
