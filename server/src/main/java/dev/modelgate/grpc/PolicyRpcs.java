package dev.modelgate.grpc;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.query.GrantView;
import dev.modelgate.app.query.Grants;
import dev.modelgate.app.query.Policies;
import dev.modelgate.app.query.Policies.PolicyView;
import dev.modelgate.app.sharing.Command;
import dev.modelgate.app.sharing.Command.GrantChange;
import dev.modelgate.app.sharing.Policy.Entry;
import dev.modelgate.app.sharing.Policy.Form;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.ResourceName;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.Binding;
import dev.modelgate.v1.Binding.WhatCase;
import dev.modelgate.v1.GetPolicyRequest;
import dev.modelgate.v1.GetPolicyResponse;
import dev.modelgate.v1.Permissions;
import dev.modelgate.v1.Policy;
import dev.modelgate.v1.SetPolicyRequest;
import dev.modelgate.v1.SetPolicyResponse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads and answers the requests about policies. */
final class PolicyRpcs {
  private static final int POLICY_MEMBERS_MAX = dev.modelgate.app.sharing.Policy.MEMBERS_MAX;
  private static final Comparator<Binding> ORDER =
      Comparator.comparing(Binding::getRole)
          .thenComparing(binding -> binding.getPermissions().getPermissionsList().toString())
          .thenComparing(Binding::getCondition)
          .thenComparing(Binding::getCanShare)
          .thenComparing(Binding::getCanUseData)
          .thenComparing(Binding::getNote)
          .thenComparing(binding -> micros(binding.getNotBefore()))
          .thenComparing(binding -> micros(binding.getExpiresAt()));

  private final Policies policies;
  private final Grants grants;
  private final ConditionLanguage conditions;

  PolicyRpcs(Policies policies, Grants grants, ConditionLanguage conditions) {
    this.policies = policies;
    this.grants = grants;
    this.conditions = conditions;
  }

  GetPolicyResponse get(GetPolicyRequest request, Requester requester) {
    PolicyView view = policies.of(Fields.resource("resource", request.getResource()), requester);
    return GetPolicyResponse.newBuilder().setPolicy(policy(view)).build();
  }

  Mutation<SetPolicyResponse> set(SetPolicyRequest request) {
    ResourceName resource = Fields.resource("resource", request.getResource());
    if (!request.hasPolicy()) {
      throw Fields.invalid("policy", "", "a policy, which may be empty");
    }
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < request.getPolicy().getBindingsCount(); i++) {
      add(entries, "policy.bindings[" + i + "].", request.getPolicy().getBindings(i));
    }
    String etag = Fields.etag("policy.etag", request.getPolicy().getEtag());
    return new Mutation<>(
        resource.organizationId(),
        new Command.SetPolicy(resource, entries, Form.COMPLETE, etag),
        outcome ->
            SetPolicyResponse.newBuilder()
                .setRevision(outcome.revision().token())
                .setEtag(grants.etagAt(resource, outcome.revision()))
                .build());
  }

  private void add(List<Entry> entries, String prefix, Binding binding) {
    if (binding.getWhatCase() == WhatCase.WHAT_NOT_SET
        || binding.getWhatCase() == WhatCase.ROLE && binding.getRole().isEmpty()) {
      throw Fields.invalid(prefix + "role", "", "a role, or permissions");
    }
    List<String> permissions =
        binding.getWhatCase() == WhatCase.PERMISSIONS
            ? GrantRpcs.permissions(
                prefix + "permissions", binding.getPermissions().getPermissionsList())
            : List.of();
    GrantRpcs.Period period =
        GrantRpcs.period(
            prefix,
            binding.hasNotBefore() ? Optional.of(binding.getNotBefore()) : Optional.empty(),
            binding.hasExpiresAt() ? Optional.of(binding.getExpiresAt()) : Optional.empty());
    String note = Fields.prose(prefix + "note", binding.getNote());
    String condition = Fields.condition(conditions, prefix + "condition", binding.getCondition());
    Fields.some(prefix + "members", binding.getMembersCount(), POLICY_MEMBERS_MAX);
    Fields.atMost(
        "policy.bindings", entries.size() + binding.getMembersCount(), POLICY_MEMBERS_MAX);
    Set<String> named = new HashSet<>();
    for (String member : binding.getMembersList()) {
      if (!named.add(member)) {
        throw Fields.invalid(prefix + "members", member, "each member once");
      }
      Members.Member read = Members.parse(prefix + "members", member);
      GrantChange grant =
          new GrantChange(
              GrantChange.Mode.MERGE,
              read.name(),
              binding.getRole(),
              permissions,
              binding.getCanShare(),
              binding.getCanUseData(),
              period.notBeforeMicros(),
              period.expiresAtMicros(),
              note,
              condition);
      entries.add(new Entry(grant, read.deleted()));
    }
  }

  /** The members, those who have the same in one binding. */
  private static Policy policy(PolicyView view) {
    TreeMap<Binding, TreeSet<String>> members = new TreeMap<>(ORDER);
    for (Policies.Held held : view.grants()) {
      members
          .computeIfAbsent(binding(held.grant()), any -> new TreeSet<>())
          .add(Members.text(held.grant().principal(), held.deleted()));
    }
    Policy.Builder policy = Policy.newBuilder().setEtag(view.etag());
    members.forEach((binding, who) -> policy.addBindings(binding.toBuilder().addAllMembers(who)));
    return policy.build();
  }

  private static Binding binding(GrantView grant) {
    Binding.Builder binding =
        Binding.newBuilder()
            .setCondition(grant.condition())
            .setCanShare(grant.canShare())
            .setCanUseData(grant.canUseData())
            .setNote(grant.note());
    if (grant.role().isEmpty()) {
      binding.setPermissions(Permissions.newBuilder().addAllPermissions(grant.permissions()));
    } else {
      binding.setRole(grant.role());
    }
    if (grant.notBeforeMicros() != 0) {
      binding.setNotBefore(AdminMessages.timestamp(Micros.toInstant(grant.notBeforeMicros())));
    }
    if (grant.expiresAtMicros() != Micros.NEVER) {
      binding.setExpiresAt(AdminMessages.timestamp(Micros.toInstant(grant.expiresAtMicros())));
    }
    return binding.build();
  }

  /** For an order only; an unset time is the earliest. */
  private static long micros(com.google.protobuf.Timestamp time) {
    return Fields.micros("", time);
  }
}
