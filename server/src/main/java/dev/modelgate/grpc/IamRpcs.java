package dev.modelgate.grpc;

import com.google.iam.v1.GetIamPolicyRequest;
import com.google.iam.v1.Policy;
import com.google.iam.v1.SetIamPolicyRequest;
import com.google.iam.v1.TestIamPermissionsRequest;
import com.google.iam.v1.TestIamPermissionsResponse;
import com.google.protobuf.ByteString;
import dev.modelgate.app.query.Grants;
import dev.modelgate.app.query.Policies;
import dev.modelgate.app.query.Policies.PolicyView;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Policy.Entry;
import dev.modelgate.app.sharing.Policy.Form;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.ResourceName;
import java.util.List;
import java.util.Set;

/**
 * Reads and answers the requests of {@code google.iam.v1.IAMPolicy}, in the versions 1 and 3 of
 * policies: what touches conditions needs 3.
 */
final class IamRpcs {
  /** The most permissions of one TestIamPermissions. */
  static final int PERMISSIONS_MAX = 100;

  private static final int PERMISSION_BYTES_MAX = 256;
  private static final int CONDITIONS_SINCE = 3;
  private static final Set<Integer> VERSIONS = Set.of(0, 1, CONDITIONS_SINCE);
  private static final Set<String> MASK = Set.of("bindings", "etag", "version");
  private static final String PROJECTS = "projects/";

  private final Policies policies;
  private final Grants grants;
  private final IamBindings bindings;
  private final String organization;

  IamRpcs(Policies policies, Grants grants, IamBindings bindings, String organization) {
    this.policies = policies;
    this.grants = grants;
    this.bindings = bindings;
    this.organization = organization;
  }

  Policy get(GetIamPolicyRequest request, Requester requester) {
    ResourceName resource = resource(request.getResource());
    int version = request.getOptions().getRequestedPolicyVersion();
    requireVersion("options.requested_policy_version", version);
    PolicyView view = policies.of(resource, requester);
    boolean conditional = view.grants().stream().anyMatch(IamBindings::isConditional);
    boolean shown = conditional && version == CONDITIONS_SINCE;
    return Policy.newBuilder()
        .setVersion(shown ? CONDITIONS_SINCE : 1)
        .addAllBindings(bindings.of(view.grants(), shown))
        .setEtag(ByteString.copyFromUtf8(view.etag()))
        .build();
  }

  /** The answer is what was asked for, with the etag at the revision at which it came to hold. */
  Mutation<Policy> set(SetIamPolicyRequest request) {
    ResourceName resource = resource(request.getResource());
    if (!request.hasPolicy()) {
      throw Fields.invalid("policy", "", "a policy, which may be empty");
    }
    Policy policy = request.getPolicy();
    requireVersion("policy.version", policy.getVersion());
    requireWhole(request);
    boolean knowsConditions = policy.getVersion() == CONDITIONS_SINCE;
    List<Entry> entries = bindings.entries(policy.getBindingsList(), knowsConditions);
    String etag = Fields.etag("policy.etag", policy.getEtag().toStringUtf8());
    boolean conditional =
        policy.getBindingsList().stream().anyMatch(com.google.iam.v1.Binding::hasCondition);
    return new Mutation<>(
        resource.organizationId(),
        new Command.SetPolicy(
            resource, entries, knowsConditions ? Form.BARE : Form.BARE_UNCONDITIONAL, etag),
        outcome ->
            policy.toBuilder()
                .setVersion(conditional ? CONDITIONS_SINCE : 1)
                .setEtag(ByteString.copyFromUtf8(grants.etagAt(resource, outcome.revision())))
                .build());
  }

  TestIamPermissionsResponse test(TestIamPermissionsRequest request, Requester requester) {
    ResourceName resource = resource(request.getResource());
    Fields.atMost("permissions", request.getPermissionsCount(), PERMISSIONS_MAX);
    for (String permission : request.getPermissionsList()) {
      Fields.atMost("permissions", permission.length(), PERMISSION_BYTES_MAX);
      if (permission.isEmpty() || permission.indexOf('*') >= 0) {
        throw Fields.invalid("permissions", permission, "names of permissions, no wildcards");
      }
    }
    return TestIamPermissionsResponse.newBuilder()
        .addAllPermissions(
            policies.held(resource, request.getPermissionsList(), requester, bindings.conditions()))
        .build();
  }

  /** A full name, or one below {@code projects/} in the organization that projects are in. */
  private ResourceName resource(String name) {
    if (!name.startsWith(PROJECTS)) {
      return Fields.resource("resource", name);
    }
    String project = name.substring(PROJECTS.length()).replaceFirst("/.*", "");
    String parent = organization.isEmpty() ? project : organization;
    return Fields.resource("resource", "organizations/" + parent + "/" + name);
  }

  private static void requireVersion(String field, int version) {
    if (!VERSIONS.contains(version)) {
      throw Fields.invalid(field, Integer.toString(version), "0, 1 or 3");
    }
  }

  private static void requireWhole(SetIamPolicyRequest request) {
    List<String> paths = request.getUpdateMask().getPathsList();
    if (!paths.isEmpty() && (!MASK.containsAll(paths) || !paths.contains("bindings"))) {
      throw Fields.invalid(
          "update_mask", String.join(",", paths), "nothing, or bindings and etag or version");
    }
    if (request.getPolicy().getAuditConfigsCount() > 0) {
      throw Fields.invalid(
          "policy.audit_configs",
          Integer.toString(request.getPolicy().getAuditConfigsCount()),
          "none: every change is in the audit log");
    }
  }
}
