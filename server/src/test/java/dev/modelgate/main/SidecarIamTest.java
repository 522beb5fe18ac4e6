package dev.modelgate.main;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.iam.v1.Binding;
import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.IAMPolicyGrpc;
import com.google.iam.v1.IAMPolicyGrpc.IAMPolicyBlockingStub;
import com.google.iam.v1.Policy;
import com.google.iam.v1.SetIamPolicyRequest;
import dev.modelgate.v1.CreateOrganizationRequest;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Google's client against the admin port of a whole sidecar. */
final class SidecarIamTest {
  private static final String MODEL = "organizations/acme/projects/p1/models/m1";
  private static final String CLEO = "user:cleo@acme.com";

  @TempDir Path directory;

  @Test
  void googleClient_readsAPolicy_addsAMember_andWritesItBack() throws IOException {
    ServeOptions options = SidecarBed.options(directory.resolve("data"));
    options.iamOrganization = "acme";
    try (SidecarBed bed = new SidecarBed(options)) {
      bed.admin()
          .createOrganization(
              CreateOrganizationRequest.newBuilder()
                  .setOrganizationId("acme")
                  .setProfile("google-ai-platform")
                  .build());
      bed.create("organizations/acme/projects/p1", "");
      bed.create(MODEL, "user:ana@acme.com");
      assertEquals("NO_GRANT", bed.answer(CLEO, MODEL, "predict"));
      IAMPolicyBlockingStub iam = iam(bed, "Bearer " + bed.token());
      Policy policy =
          iam.getIamPolicy(
              GetIamPolicyRequest.newBuilder().setResource("projects/p1/models/m1").build());
      iam.setIamPolicy(
          SetIamPolicyRequest.newBuilder()
              .setResource("projects/p1/models/m1")
              .setPolicy(
                  policy.toBuilder()
                      .addBindings(
                          Binding.newBuilder().setRole("roles/ml.modelUser").addMembers(CLEO)))
              .build());
      assertEquals("ALLOW", bed.answer(CLEO, MODEL, "predict"));
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  iam(bed, "Bearer no")
                      .getIamPolicy(GetIamPolicyRequest.newBuilder().setResource(MODEL).build()));
      assertEquals(Status.Code.UNAUTHENTICATED, refused.getStatus().getCode());
    }
  }

  private static IAMPolicyBlockingStub iam(SidecarBed bed, String authorization) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
    return IAMPolicyGrpc.newBlockingStub(bed.adminChannel())
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .withDeadlineAfter(10, TimeUnit.SECONDS);
  }
}
