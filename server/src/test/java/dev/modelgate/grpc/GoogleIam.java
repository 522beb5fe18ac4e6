package dev.modelgate.grpc;

import com.google.iam.v1.Binding;
import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.GetPolicyOptions;
import com.google.iam.v1.IAMPolicyGrpc;
import com.google.iam.v1.IAMPolicyGrpc.IAMPolicyBlockingStub;
import com.google.iam.v1.Policy;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.type.Expr;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.audit.AuditTrail;
import dev.modelgate.app.audit.TrailLog;
import dev.modelgate.app.query.AdminQueries;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.identity.Identity;
import dev.modelgate.identity.IdentitySettings;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * {@code google.iam.v1.IAMPolicy} of an admin plane, behind real authentication, called with the
 * client classes that Google publishes.
 */
public final class GoogleIam implements AutoCloseable {
  private static final String TOKEN = "token-of-this-test";

  private final ExecutorService executor = Executors.newFixedThreadPool(2);
  private final Server server;
  private final ManagedChannel channel;

  /**
   * Serves a plane.
   *
   * @param organization as the setting {@code iam-organization}
   */
  GoogleIam(AdminPlane plane, String organization) {
    ErrorMapper errors = new ErrorMapper();
    IamPolicyGrpcService service =
        new IamPolicyGrpcService(
            plane.committer,
            AdminQueries.over(
                plane.live, plane.replica, TrailLog.NONE, plane.clock, new CelConditions()),
            new CelConditions(),
            organization,
            executor,
            errors);
    Authentication authentication =
        new Authentication(
            new Identity(new OneToken(TOKEN), IdentitySettings.NONE, plane.clock, Telemetry.NONE),
            Authentication.Unidentified.NEVER,
            plane.clock,
            AuditTrail.NONE,
            Telemetry.NONE,
            errors);
    String name = InProcessServerBuilder.generateName();
    try {
      server =
          InProcessServerBuilder.forName(name)
              .addService(
                  Decoding.of(
                      ServerInterceptors.intercept(service, authentication.forAdministration()),
                      errors))
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel = InProcessChannelBuilder.forName(name).build();
  }

  /** Without a token. */
  public IAMPolicyBlockingStub anonymous() {
    return IAMPolicyGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  /** The system administrator. */
  public IAMPolicyBlockingStub admin() {
    return with(new Metadata());
  }

  /** A principal of the organization, under all his limits. */
  public IAMPolicyBlockingStub as(String principal) {
    Metadata headers = new Metadata();
    headers.put(Requesters.ON_BEHALF_OF, principal);
    return with(headers);
  }

  /** Reads a policy in version 3. */
  public static Policy get(IAMPolicyBlockingStub stub, String resource) {
    return get(stub, resource, 3);
  }

  /** Reads a policy in that version. */
  public static Policy get(IAMPolicyBlockingStub stub, String resource, int version) {
    return stub.getIamPolicy(
        GetIamPolicyRequest.newBuilder()
            .setResource(resource)
            .setOptions(GetPolicyOptions.newBuilder().setRequestedPolicyVersion(version))
            .build());
  }

  /** Writes a policy. */
  public static Policy set(IAMPolicyBlockingStub stub, String resource, Policy policy) {
    return stub.setIamPolicy(
        SetIamPolicyRequest.newBuilder().setResource(resource).setPolicy(policy).build());
  }

  /** What of these permissions the caller holds. */
  public static List<String> test(
      IAMPolicyBlockingStub stub, String resource, String... permissions) {
    return stub.testIamPermissions(
            TestIamPermissionsRequest.newBuilder()
                .setResource(resource)
                .addAllPermissions(List.of(permissions))
                .build())
        .getPermissionsList();
  }

  /** A policy in version 3 with the etag of one that was read. */
  public static Policy policy(Policy read, Binding... bindings) {
    return Policy.newBuilder()
        .setVersion(3)
        .setEtag(read.getEtag())
        .addAllBindings(List.of(bindings))
        .build();
  }

  /** A binding. */
  public static Binding binding(String role, String... members) {
    return Binding.newBuilder().setRole(role).addAllMembers(List.of(members)).build();
  }

  /** The same under a condition. */
  public static Binding when(Binding binding, String expression) {
    return binding.toBuilder().setCondition(Expr.newBuilder().setExpression(expression)).build();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    executor.shutdownNow();
  }

  private IAMPolicyBlockingStub with(Metadata headers) {
    headers.put(Authentication.AUTHORIZATION, "Bearer " + TOKEN);
    return anonymous().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }
}
