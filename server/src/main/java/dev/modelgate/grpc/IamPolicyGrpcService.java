package dev.modelgate.grpc;

import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.IAMPolicyGrpc;
import com.google.iam.v1.Policy;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.iam.v1.TestIamPermissionsResponse;
import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.commit.Committer;
import dev.modelgate.app.query.AdminQueries;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/**
 * {@code google.iam.v1.IAMPolicy} beside the admin service, for clients that speak it. The same
 * policies by the same rules: each call is one of {@link PolicyRpcs} in another shape.
 *
 * <p>Needs {@link RequesterContext#KEY} in the context of every call.
 */
public final class IamPolicyGrpcService extends IAMPolicyGrpc.IAMPolicyImplBase {
  private final AdminCalls calls;
  private final IamRpcs rpcs;

  /**
   * The service.
   *
   * @param conditions checks those that are written
   * @param organization the id of the organization that {@code projects/} are in; empty when a
   *     project is in the organization of its own id
   * @param executor as for {@link AdminGrpcService}
   */
  public IamPolicyGrpcService(
      Committer committer,
      AdminQueries queries,
      ConditionLanguage conditions,
      String organization,
      Executor executor,
      ErrorMapper errors) {
    this.calls = new AdminCalls(committer, executor, errors);
    this.rpcs =
        new IamRpcs(
            queries.policies(), queries.grants(), new IamBindings(conditions), organization);
  }

  @Override
  public void getIamPolicy(GetIamPolicyRequest request, StreamObserver<Policy> observer) {
    calls.answer(observer, requester -> rpcs.get(request, requester));
  }

  @Override
  public void setIamPolicy(SetIamPolicyRequest request, StreamObserver<Policy> observer) {
    calls.commitBare(observer, requester -> rpcs.set(request));
  }

  @Override
  public void testIamPermissions(
      TestIamPermissionsRequest request, StreamObserver<TestIamPermissionsResponse> observer) {
    calls.answer(observer, requester -> rpcs.test(request, requester));
  }
}
