package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.ANA;
import static dev.modelgate.grpc.AdminPlane.BEN;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static dev.modelgate.grpc.AdminPlane.PROD;
import static dev.modelgate.grpc.PreviewPlane.CLEO;
import static dev.modelgate.grpc.PreviewPlane.EVE;
import static dev.modelgate.grpc.PreviewPlane.OTHER;
import static dev.modelgate.grpc.PreviewPlane.REPORT;
import static dev.modelgate.grpc.PreviewPlane.RISK;
import static dev.modelgate.grpc.PreviewPlane.TRICKY;
import static dev.modelgate.grpc.PreviewPlane.share;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.protobuf.FieldMask;
import com.google.protobuf.Message;
import dev.modelgate.v1.Binding;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.DeleteExternalLinkRequest;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.DeleteResourceRequest;
import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.DenyRuleChange;
import dev.modelgate.v1.GetPolicyRequest;
import dev.modelgate.v1.Organization;
import dev.modelgate.v1.Policy;
import dev.modelgate.v1.PreviewRequest;
import dev.modelgate.v1.PreviewResponse;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PrincipalTarget;
import dev.modelgate.v1.PutExternalLinkRequest;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.PutProfileRequest;
import dev.modelgate.v1.Resource;
import dev.modelgate.v1.RestorePrincipalRequest;
import dev.modelgate.v1.ResumeRequest;
import dev.modelgate.v1.SetPolicyRequest;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.TransferOwnershipRequest;
import dev.modelgate.v1.TypeRight;
import dev.modelgate.v1.TypeRightChange;
import dev.modelgate.v1.UpdateDenyRulesRequest;
import dev.modelgate.v1.UpdateOrganizationRequest;
import dev.modelgate.v1.UpdateResourceRequest;
import dev.modelgate.v1.UpdateTypeRightsRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Preview: what each mutation would change, for whom it is shown, and that nothing is changed. */
final class PreviewTest {
  private static final String RUN = " +get +predict";
  private static final String RAN = " -get -predict";
  private static final String OWNED =
      " +create +data.read +delete +get +grants.read +grants.write +predict +publish +transfer"
          + " +update";

  private final PreviewPlane world = new PreviewPlane();
  private final AdminPlane plane = world.plane;

  @AfterEach
  void end() {
    world.close();
  }

  /** Each row: the mutation, and who gains or loses what by it. */
  @Test
  void preview_ofEachMutation_saysWhatWouldChange() {
    Map<Message, List<String>> rows = rows();
    rows.forEach(
        (mutation, lines) -> assertEquals(lines, world.preview(mutation), mutation::toString));
    List<String> covered =
        rows.keySet().stream().map(it -> it.getDescriptorForType().getName()).sorted().toList();
    List<String> known =
        PreviewRequest.getDescriptor().getOneofs().get(0).getFields().stream()
            .map(field -> field.getMessageType().getName())
            .sorted()
            .toList();
    assertEquals(known, covered, "each mutation has a row");
  }

  /** A twin of each row in a world of its own, where it is committed and Check is asked. */
  @Test
  void preview_ofEachMutation_isWhatCheckSaysAfterIt() {
    for (Message mutation : rows().keySet()) {
      try (PreviewPlane twin = new PreviewPlane()) {
        Message own = mutation instanceof SetPolicyRequest ? policy(twin) : mutation;
        List<String> lines = twin.preview(own);
        PreviewPlane.commit(twin.plane.admin(), own);
        for (String line : lines) {
          requireHeld(twin, line, own);
        }
      }
    }
  }

  private static void requireHeld(PreviewPlane twin, String line, Message mutation) {
    List<String> words = List.of(line.split(" ", -1));
    String resource =
        words.get(1).startsWith("organizations/") ? words.get(1) : PROD + "/" + words.get(1);
    for (int i = 2; i < words.size(); i++) {
      boolean allowed =
          twin.types.check(words.get(0), resource, words.get(i).substring(1)).equals("ALLOW");
      // With the secret it would be allowed, which nobody has.
      boolean expected = words.get(i).startsWith("+") && !words.get(0).startsWith("link:");
      assertEquals(expected, allowed, () -> line + " by " + mutation);
    }
  }

  @Test
  void preview_ofEachMutation_leavesNoTrace() {
    assertEquals("ALLOW", world.types.check(CLEO, FRAUD, "predict"));
    String digest = world.digest();
    for (Message mutation : rows().keySet()) {
      PreviewResponse first = plane.admin().preview(PreviewPlane.of(mutation).build());
      assertEquals(digest, world.digest(), mutation::toString);
      assertEquals(first, plane.admin().preview(PreviewPlane.of(mutation).build()));
    }
    assertEquals("ALLOW", world.types.check(CLEO, FRAUD, "predict"));
    plane.share(FRAUD, CLEO, "editor");
    assertNotEquals(digest, world.digest(), "a change shows");
  }

  private Map<Message, List<String>> rows() {
    Map<Message, List<String>> rows = new LinkedHashMap<>();
    rows.put(
        CreateOrganizationRequest.newBuilder().setOrganizationId("beta").setOwner(CLEO).build(),
        List.of(
            CLEO
                + " organizations/beta +create +delete +discover +get +get_use +grants.read"
                + " +grants.write +transfer +update +use"));
    rows.put(
        UpdateOrganizationRequest.newBuilder()
            .setOrganization(
                Organization.newBuilder().setName(ACME).putFeatures("tricky_models", false))
            .setUpdateMask(FieldMask.newBuilder().addPaths("features"))
            .build(),
        List.of(ANA + " models/tricky" + OWNED.replace('+', '-'), BEN + " models/tricky" + RAN));
    rows.put(
        PutProfileRequest.newBuilder()
            .setOrganization(ACME)
            .setDocument(
                TypePlane.text("typed.yaml")
                    .replace("[get, predict, launch]", "[update, predict, launch]"))
            .build(),
        List.of(
            BEN + " models/tricky +update -get",
            CLEO + " models/fraud +update -get",
            "link:old applications/report +update -get"));
    rows.put(
        PutPrincipalRequest.newBuilder()
            .setOrganization(ACME)
            .setPrincipal(RISK)
            .setState(Principal.State.STATE_DISABLED)
            .build(),
        List.of(BEN + " models/tricky" + RAN));
    rows.put(
        DeletePrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(CLEO).build(),
        List.of(CLEO + " models/fraud" + RAN));
    rows.put(
        RestorePrincipalRequest.newBuilder()
            .setOrganization(ACME)
            .setPrincipal(EVE)
            .setUid(world.eve)
            .build(),
        List.of(EVE + " models/fraud" + RUN));
    rows.put(TypePlane.membership(true, RISK, CLEO), List.of(CLEO + " models/tricky" + RUN));
    rows.put(
        CreateResourceRequest.newBuilder().setName(FRAUD + "2").setOwner(CLEO).build(),
        List.of(ANA + " models/fraud2" + OWNED, CLEO + " models/fraud2" + OWNED));
    rows.put(
        UpdateResourceRequest.newBuilder()
            .setResource(Resource.newBuilder().setName(TRICKY))
            .setUpdateMask(FieldMask.newBuilder().addPaths("flags"))
            .build(),
        List.of(ANA + " models/tricky -predict", BEN + " models/tricky -predict"));
    rows.put(
        DeleteResourceRequest.newBuilder().setName(FRAUD).build(),
        List.of(ANA + " models/fraud" + OWNED.replace('+', '-'), CLEO + " models/fraud" + RAN));
    rows.put(
        TransferOwnershipRequest.newBuilder().setResource(FRAUD).setNewOwner(BEN).build(),
        List.of(BEN + " models/fraud" + OWNED));
    rows.put(share(RISK, "user").build(), List.of(BEN + " models/fraud" + RUN));
    rows.put(policy(world), List.of(BEN + " models/fraud" + RUN, CLEO + " models/fraud" + RAN));
    rows.put(
        UpdateTypeRightsRequest.newBuilder()
            .setOrganization(ACME)
            .addChanges(
                TypeRightChange.newBuilder()
                    .setMode(TypeRightChange.Mode.MODE_MERGE)
                    .setPrincipal(RISK)
                    .setKind("model")
                    .setRole("user")
                    .setDepth(TypeRight.Depth.DEPTH_ORGANIZATION)
                    .addEffects(TypeRight.Effect.EFFECT_ALLOWS))
            .build(),
        List.of(BEN + " models/fraud" + RUN));
    rows.put(
        deny().build(), List.of(BEN + " models/tricky -predict", CLEO + " models/fraud -predict"));
    rows.put(link("new").build(), List.of("link:new applications/report +get +launch"));
    rows.put(
        DeleteExternalLinkRequest.newBuilder().setResource(REPORT).setId("old").build(),
        List.of("link:old applications/report -get -launch"));
    rows.put(
        SuspendRequest.newBuilder().setTarget(principal(RISK)).build(),
        List.of(BEN + " models/tricky" + RAN));
    rows.put(
        ResumeRequest.newBuilder()
            .setTarget(SuspensionTarget.newBuilder().setResource(OTHER))
            .build(),
        List.of(
            ANA
                + " applications/other +delete +get +grants.read +grants.write"
                + " +launch +publish +transfer +update"));
    return rows;
  }

  private SetPolicyRequest policy(PreviewPlane of) {
    Policy read =
        of.plane
            .admin()
            .getPolicy(GetPolicyRequest.newBuilder().setResource(FRAUD).build())
            .getPolicy();
    Policy.Builder policy = Policy.newBuilder().setEtag(read.getEtag());
    for (Binding binding : read.getBindingsList()) {
      policy.addBindings(
          binding.getMembersList().contains(CLEO)
              ? binding.toBuilder().clearMembers().addMembers(RISK).build()
              : binding);
    }
    return SetPolicyRequest.newBuilder().setResource(FRAUD).setPolicy(policy).build();
  }

  private static UpdateDenyRulesRequest.Builder deny() {
    return UpdateDenyRulesRequest.newBuilder()
        .setOrganization(ACME)
        .addChanges(
            DenyRuleChange.newBuilder()
                .setOperation(DenyRuleChange.Operation.OPERATION_PUT)
                .setRule(
                    DenyRule.newBuilder()
                        .setId("no")
                        .addPrincipals("organization:acme")
                        .addExceptions(ANA)
                        .addPermissions("predict")
                        .setResource(PROD)));
  }

  private static PutExternalLinkRequest.Builder link(String id) {
    return PutExternalLinkRequest.newBuilder().setResource(REPORT).setId(id);
  }

  private static SuspensionTarget principal(String name) {
    return SuspensionTarget.newBuilder()
        .setPrincipal(PrincipalTarget.newBuilder().setOrganization(ACME).setPrincipal(name))
        .build();
  }
}
