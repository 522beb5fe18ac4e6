package dev.modelgate.proof;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportMembership;
import dev.modelgate.v1.ImportPrincipal;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportResource;
import dev.modelgate.v1.MembershipChange;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateMembershipsRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The enterprise's access in one form, as one organization: direct grants, or groups with grants.
 */
final class EnterpriseForm {
  private final String id;
  private final String[] users = new String[EnterpriseData.USERS + 1];
  private final String[] models = new String[EnterpriseData.RESOURCES + 1];
  private final Map<Integer, Set<Integer>> groupsOfUser = new HashMap<>();
  private final Map<Integer, Set<Integer>> grantsOfGroup = new LinkedHashMap<>();
  private final Map<Integer, Set<Integer>> directOfUser = new HashMap<>();

  /** Makes every name once, for they are sent millions of times. */
  private EnterpriseForm(String id) {
    this.id = id;
    Arrays.setAll(users, user -> "user:u" + user);
    Arrays.setAll(models, model -> "organizations/" + id + "/models/m" + model);
  }

  static EnterpriseForm direct(String id, BitSet allowed) {
    EnterpriseForm form = new EnterpriseForm(id);
    allowed.stream()
        .forEach(
            i ->
                form.directOfUser
                    .computeIfAbsent(i / EnterpriseData.RESOURCES + 1, user -> new HashSet<>())
                    .add(i % EnterpriseData.RESOURCES + 1));
    return form;
  }

  static EnterpriseForm ofGroups(String id, List<int[]> members, List<int[]> grants) {
    EnterpriseForm form = new EnterpriseForm(id);
    members.forEach(
        m -> form.groupsOfUser.computeIfAbsent(m[1], user -> new HashSet<>()).add(m[0]));
    grants.forEach(
        g -> form.grantsOfGroup.computeIfAbsent(g[0], group -> new HashSet<>()).add(g[1]));
    return form;
  }

  String id() {
    return id;
  }

  /** Whether the pair of that index may predict. */
  CheckRequest question(int index) {
    return CheckRequest.newBuilder()
        .setPrincipal(users[index / EnterpriseData.RESOURCES + 1])
        .setModel(models[index % EnterpriseData.RESOURCES + 1])
        .setAction("predict")
        .build();
  }

  /**
   * Takes one pair: out of every group that gives it, and what else those gave is granted directly.
   */
  void revoke(AdminServiceBlockingStub admin, int user, int resource) {
    Set<Integer> direct = directOfUser.computeIfAbsent(user, u -> new HashSet<>());
    Set<Integer> groups = groupsOfUser.getOrDefault(user, new HashSet<>());
    Set<Integer> left = new HashSet<>();
    Set<Integer> lost = new HashSet<>();
    for (int group : groups) {
      if (grantsOfGroup.getOrDefault(group, Set.of()).contains(resource)) {
        left.add(group);
        lost.addAll(grantsOfGroup.getOrDefault(group, Set.of()));
      }
    }
    groups.removeAll(left);
    for (int other : lost) {
      if (other != resource && direct.add(other)) {
        update(admin, user, other, GrantChange.Mode.MODE_SET);
      }
    }
    if (!left.isEmpty()) {
      UpdateMembershipsRequest.Builder leave =
          UpdateMembershipsRequest.newBuilder().setOrganization("organizations/" + id);
      left.forEach(
          group ->
              leave.addChanges(
                  MembershipChange.newBuilder()
                      .setOperation(MembershipChange.Operation.OPERATION_REMOVE)
                      .setGroup("group:g" + group)
                      .setMember(users[user])));
      var unused = admin.updateMemberships(leave.build());
    }
    if (direct.remove(resource)) {
      update(admin, user, resource, GrantChange.Mode.MODE_REMOVE);
    }
  }

  List<ImportRecord> records() {
    List<ImportRecord> records = new ArrayList<>();
    for (int user = 1; user <= EnterpriseData.USERS; user++) {
      records.add(principal(users[user]));
    }
    for (int resource = 1; resource <= EnterpriseData.RESOURCES; resource++) {
      records.add(
          ImportRecord.newBuilder()
              .setResource(ImportResource.newBuilder().setName("models/m" + resource))
              .build());
    }
    Set<Integer> groups = new HashSet<>(grantsOfGroup.keySet());
    groupsOfUser.values().forEach(groups::addAll);
    groups.forEach(group -> records.add(principal("group:g" + group)));
    groupsOfUser.forEach(
        (user, ofUser) -> ofUser.forEach(group -> records.add(membership(group, user))));
    grantsOfGroup.forEach(
        (group, resources) -> resources.forEach(r -> records.add(grant("group:g" + group, r))));
    directOfUser.forEach(
        (user, resources) -> resources.forEach(r -> records.add(grant(users[user], r))));
    return records;
  }

  private void update(
      AdminServiceBlockingStub admin, int user, int resource, GrantChange.Mode mode) {
    GrantChange.Builder change = GrantChange.newBuilder().setMode(mode).setPrincipal(users[user]);
    if (mode == GrantChange.Mode.MODE_SET) {
      change.setRole("user");
    }
    var unused =
        admin.updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(models[resource])
                .addChanges(change)
                .build());
  }

  private static ImportRecord principal(String name) {
    return ImportRecord.newBuilder()
        .setPrincipal(ImportPrincipal.newBuilder().setPrincipal(name))
        .build();
  }

  private static ImportRecord membership(int group, int user) {
    return ImportRecord.newBuilder()
        .setMembership(
            ImportMembership.newBuilder().setGroup("group:g" + group).setMember("user:u" + user))
        .build();
  }

  private static ImportRecord grant(String principal, int resource) {
    return ImportRecord.newBuilder()
        .setGrant(
            ImportGrant.newBuilder()
                .setResource("models/m" + resource)
                .setPrincipal(principal)
                .setRole("user"))
        .build();
  }
}
