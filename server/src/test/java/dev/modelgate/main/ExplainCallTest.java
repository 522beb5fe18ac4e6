package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.modelgate.grpc.ErrorContract;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceBlockingStub;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.ExplainRequest;
import dev.modelgate.v1.ExplainResponse;
import dev.modelgate.v1.ExplainStep;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.Granter;
import dev.modelgate.v1.PrincipalTarget;
import dev.modelgate.v1.SuspendRequest;
import dev.modelgate.v1.SuspensionTarget;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Explain as a client calls it: who may, what it says of named cases, and that Check agrees. */
final class ExplainCallTest {
  private static final String ANA = "user:ana@acme.com";
  private static final String BEN = "user:ben@acme.com";
  private static final String CLEO = "user:cleo@acme.com";

  @TempDir Path directory;

  private SidecarBed bed;

  @BeforeEach
  void begin() throws IOException {
    bed = new SidecarBed(directory.resolve("data"));
    bed.sample();
  }

  @AfterEach
  void end() {
    bed.close();
  }

  @Test
  void explanation_withoutTheRight_isRefused() {
    ExplainRequest request = request(CLEO, SidecarBed.FRAUD, "predict");
    assertEquals("UNAUTHENTICATED", refused(() -> bed.data().explain(request)).getReason());
    assertEquals("NOT_FOUND", refused(() -> as(BEN).explain(request)).getReason());
    ErrorInfo info = refused(() -> as(CLEO).explain(request(ANA, SidecarBed.FRAUD, "predict")));
    assertEquals("NOT_PERMITTED", info.getReason());
    assertEquals("grants.read", info.getMetadataOrThrow("permission"));
    assertEquals(Decision.DECISION_ALLOW, as(ANA).explain(request).getDecision());
    assertEquals(Decision.DECISION_ALLOW, as(CLEO).explain(request).getDecision(), "herself");
  }

  @Test
  void allow_throughAGroup_namesTheWay() {
    String version = SidecarBed.FRAUD + "/versions/7";
    ExplainResponse found = explain(CLEO, version, "predict");
    assertEquals(1, found.getStepsCount(), found::toString);
    ExplainStep step = found.getSteps(0);
    assertEquals(ExplainStep.Kind.KIND_GRANT, step.getKind());
    assertEquals(SidecarBed.FRAUD, step.getResource());
    assertEquals(List.of(CLEO, "group:risk"), step.getPathList());
    assertEquals("user", step.getName());
    assertEquals(List.of("predict"), step.getPermissionsList());
    assertEquals(
        "ALLOW: user:cleo@acme.com predict on "
            + version
            + "\n- grant `user` on "
            + SidecarBed.FRAUD
            + " for user:cleo@acme.com in group:risk gives predict: inherited from there",
        found.getText());
  }

  @Test
  void allow_byTwoGrants_namesTheNearer() {
    SidecarBed.share(bed.admin(), SidecarBed.PROD, CLEO, "editor");
    SidecarBed.share(bed.admin(), SidecarBed.FRAUD, CLEO, "runner");
    ExplainResponse found = explain(CLEO, SidecarBed.FRAUD, "predict");
    assertEquals(List.of(CLEO), found.getSteps(0).getPathList());
    assertEquals("runner", found.getSteps(0).getName());
    assertEquals("editor", explain(CLEO, SidecarBed.FRAUD, "update").getSteps(0).getName());
  }

  @Test
  void denial_withoutAGrant_namesWhoCouldGiveOne() {
    ExplainResponse found = explain(BEN, SidecarBed.FRAUD, "predict");
    assertEquals("NO_GRANT", found.getReason());
    assertEquals(List.of("predict"), found.getLackingPermissionsList());
    Granter ana = found.getGranters(0);
    assertEquals(ANA, ana.getPrincipal());
    assertEquals(SidecarBed.FRAUD, ana.getResource());
    SidecarBed.share(bed.adminFor(ANA), SidecarBed.FRAUD, BEN, ana.getRole());
    assertEquals("ALLOW", bed.answer(BEN, SidecarBed.FRAUD, "predict"));
    assertTrue(found.getText().contains("could help"), found::getText);
  }

  @Test
  void denial_ofOneself_namesNobodyElse() {
    ExplainResponse found = as(BEN).explain(request(BEN, SidecarBed.FRAUD, "predict"));
    assertEquals("NO_GRANT", found.getReason());
    assertEquals(0, found.getGrantersCount(), "he may not read who has the model");
  }

  @Test
  void denial_forAnotherAction_saysWhatIsGivenAndWhatLacks() {
    ExplainResponse found = explain(CLEO, SidecarBed.FRAUD, "update");
    assertEquals("ACCESS", found.getReason());
    assertEquals(List.of("update"), found.getLackingPermissionsList());
    assertEquals(ExplainStep.Effect.EFFECT_DENIES, found.getSteps(0).getEffect());
    assertEquals("user", found.getSteps(1).getName());
  }

  @Test
  void denial_ofACondition_saysThatItIsFalse() {
    bed.admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(SidecarBed.CHURN)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_SET)
                        .setPrincipal(CLEO)
                        .setRole("user")
                        .setCondition("principal == 'user:dan@acme.com'"))
                .build());
    ExplainStep idle = explain(CLEO, SidecarBed.CHURN, "predict").getSteps(1);
    assertEquals(ExplainStep.Effect.EFFECT_IDLE, idle.getEffect());
    assertEquals("the condition is false", idle.getWhy());
    assertEquals("principal == 'user:dan@acme.com'", idle.getCondition());
  }

  @Test
  void denial_ofASuspendedGroup_namesIt() {
    bed.admin()
        .suspend(
            SuspendRequest.newBuilder()
                .setTarget(
                    SuspensionTarget.newBuilder()
                        .setPrincipal(
                            PrincipalTarget.newBuilder()
                                .setOrganization("organizations/acme")
                                .setPrincipal("group:risk")))
                .build());
    ExplainResponse found = explain(CLEO, SidecarBed.FRAUD, "predict");
    assertEquals("SUSPENDED", found.getReason());
    assertEquals(ExplainStep.Kind.KIND_SUSPENSION, found.getSteps(0).getKind());
    assertEquals(List.of(CLEO, "group:risk"), found.getSteps(0).getPathList());
  }

  @Test
  void denial_ofAnUnknownResource_saysWhichRecordIsMissing() {
    String version = SidecarBed.PROD + "/models/nothing/versions/1";
    ExplainResponse found = explain(CLEO, version, "predict");
    assertEquals("UNKNOWN_RESOURCE", found.getReason());
    assertEquals(SidecarBed.PROD + "/models/nothing", found.getSteps(0).getResource());
  }

  /** Explains as the system administrator, and holds it against Check. */
  private ExplainResponse explain(String principal, String model, String action) {
    Metadata headers = new Metadata();
    headers.put(key("authorization"), "Bearer " + bed.token());
    ExplainResponse found = data(headers).explain(request(principal, model, action));
    CheckResponse check = bed.check(principal, model, action);
    assertEquals(check.getDecision(), found.getDecision());
    assertEquals(check.getReason(), found.getReason());
    assertEquals(check.getRevision(), found.getRevision());
    return found;
  }

  private static ExplainRequest request(String principal, String model, String action) {
    return ExplainRequest.newBuilder()
        .setPrincipal(principal)
        .setModel(model)
        .setAction(action)
        .build();
  }

  private AuthorizationServiceBlockingStub as(String principal) {
    Metadata headers = new Metadata();
    headers.put(key("authorization"), "Bearer " + bed.token());
    headers.put(key("x-modelgate-on-behalf-of"), principal);
    return data(headers);
  }

  private AuthorizationServiceBlockingStub data(Metadata headers) {
    return bed.data().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static ErrorInfo refused(Executable call) {
    StatusRuntimeException e = assertThrows(StatusRuntimeException.class, call);
    try {
      ErrorInfo info = StatusProto.fromThrowable(e).getDetails(0).unpack(ErrorInfo.class);
      ErrorContract.requireKept(e.getStatus().getCode(), info);
      return info;
    } catch (InvalidProtocolBufferException unreadable) {
      throw new AssertionError(unreadable);
    }
  }
}
