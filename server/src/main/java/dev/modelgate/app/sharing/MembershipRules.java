package dev.modelgate.app.sharing;

import dev.modelgate.app.sharing.Command.MembershipChange;
import dev.modelgate.app.state.Gathering;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.row.MemberRow;
import dev.modelgate.store.row.PrincipalRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who is in which group. Adding is a grant without an end, so for administrators whose own has none
 * (hazard 24); everybody may leave by himself what decides no more than who is in it (hazard 30).
 * Nobody is taken out of what a higher authority suspended, for that would resume him (hazard 34).
 */
final class MembershipRules {
  private final Draft draft;
  private final Rights rights;

  MembershipRules(Draft draft, Rights rights) {
    this.draft = draft;
    this.rights = rights;
  }

  /** All changes or none. */
  void update(Command.UpdateMemberships command) {
    boolean onlyLeaves =
        command.changes().stream()
            .allMatch(
                change ->
                    !change.add() && rights.actor().filter(change.member()::equals).isPresent());
    if (onlyLeaves && !rights.isAdministrator()) {
      // First, so that he learns nothing about groups that he is not in.
      command.changes().forEach(change -> requireMember(change.group(), change.member()));
    }
    boolean lifts = leavesNamedGroup(command);
    if (lifts || command.changes().stream().anyMatch(MembershipChange::add)) {
      rights.requireLastingAdministrator();
    } else if (!onlyLeaves) {
      rights.requireAdministrator();
    }
    for (MembershipChange change : command.changes()) {
      if (change.add()) {
        add(change.group(), change.member());
      } else {
        remove(change.group(), change.member());
      }
    }
  }

  private boolean leavesNamedGroup(Command.UpdateMemberships command) {
    NamedGroups named = new NamedGroups(draft);
    return command.changes().stream()
        .filter(change -> !change.add())
        .anyMatch(change -> draft.uidOf(change.group()).filter(named::contains).isPresent());
  }

  /** Adds a member; one that is there already stays as it is. */
  void add(PrincipalName group, PrincipalName member) {
    PrincipalRow groupRow = group(group);
    Uid memberUid = member(member);
    if (draft.rows().member(groupRow.uid(), memberUid).isPresent()) {
      return;
    }
    if (memberUid.isSet()) {
      requireNoCycle(groupRow, member, memberUid);
    }
    draft.put(new MemberRow(groupRow.uid(), memberUid, rights.actorUid(), draft.atMicros()));
  }

  private void remove(PrincipalName group, PrincipalName member) {
    Uid uid = group(group).uid();
    MemberRow row = requireMember(group, member);
    new SuspensionRules(draft, rights, "").requireMayResume(uid);
    draft.delete(row);
  }

  private MemberRow requireMember(PrincipalName group, PrincipalName member) {
    Optional<PrincipalRow> groupRow = draft.rows().principal(group);
    Optional<PrincipalRow> memberRow = draft.rows().principal(member);
    return groupRow
        .flatMap(g -> memberRow.flatMap(m -> draft.rows().member(g.uid(), m.uid())))
        .orElseThrow(() -> notIn(group, member).asException());
  }

  private static Refusal notIn(PrincipalName group, PrincipalName member) {
    return new Refusal(
        Fault.NOTHING_TO_REMOVE,
        "`" + member + "` is not in `" + group + "`",
        "changes",
        Map.of("principal", member.toString(), "name", group.toString()));
  }

  private PrincipalRow group(PrincipalName name) {
    if (name.kind() != PrincipalKind.GROUP) {
      throw Refusal.ofField(Fault.KIND_NOT_ALLOWED, "group", name.toString(), "a group")
          .asException();
    }
    return draft
        .rows()
        .principal(name)
        .orElseThrow(
            () ->
                Refusal.ofField(
                        Fault.UNKNOWN_PRINCIPAL,
                        "group",
                        name.toString(),
                        "a group of the organization")
                    .asException());
  }

  private Uid member(PrincipalName name) {
    boolean fits =
        switch (name.kind()) {
          case USER, SERVICE_ACCOUNT, APP, GROUP -> true;
          default -> false;
        };
    if (!fits) {
      throw Refusal.ofField(
              Fault.KIND_NOT_ALLOWED,
              "member",
              name.toString(),
              "a user, serviceAccount, app or group")
          .asException();
    }
    Optional<PrincipalRow> row = draft.rows().principal(name);
    boolean open = draft.profile().switches().directory() == Switches.Directory.OPEN;
    if (row.isEmpty() && !(open && name.kind().mayBeUnknown())) {
      throw Refusal.ofField(
              Fault.UNKNOWN_PRINCIPAL, "member", name.toString(), "a principal of the organization")
          .asException();
    }
    return row.isPresent() ? row.get().uid() : draft.admit("member", name).uid();
  }

  /**
   * Refuses a group that is back with its edges, where one of them now closes a cycle or makes a
   * path of groups longer than the bound.
   */
  void requireFits(PrincipalName name, Uid uid) {
    int above = 0;
    for (Uid group : groupsOf(uid)) {
      PrincipalName holder = draft.nameOf(group).orElseThrow();
      above = Math.max(above, 1 + height(group, true, uid, holder, name));
    }
    int below = height(uid, false, Uid.NONE, name, name);
    requireDepth(above + below + 1, name, name);
  }

  /** Refuses an edge that closes a cycle or makes a path of groups longer than the bound. */
  private void requireNoCycle(PrincipalRow group, PrincipalName member, Uid memberUid) {
    int above = height(group.uid(), true, memberUid, group.name(), member);
    int below = height(memberUid, false, group.uid(), group.name(), member);
    requireDepth(above + below + 2, group.name(), member);
  }

  private static void requireDepth(int groups, PrincipalName group, PrincipalName member) {
    if (groups > Gathering.GROUP_DEPTH_MAX) {
      throw new Refusal(
              Fault.MEMBERSHIP_DEPTH,
              "`"
                  + member
                  + "` in `"
                  + group
                  + "` nests groups deeper than "
                  + Gathering.GROUP_DEPTH_MAX,
              "member",
              Map.of(
                  "group", group.toString(),
                  "member", member.toString(),
                  "limit", Integer.toString(Gathering.GROUP_DEPTH_MAX)))
          .asException();
    }
  }

  /**
   * The longest path of group edges up or down from a group; meeting {@code forbidden} is a cycle.
   */
  private int height(
      Uid start, boolean up, Uid forbidden, PrincipalName group, PrincipalName member) {
    Set<Uid> level = new HashSet<>(List.of(start));
    int height = -1;
    while (!level.isEmpty()) {
      if (level.contains(forbidden)) {
        throw new Refusal(
                Fault.MEMBERSHIP_CYCLE,
                "`" + group + "` is itself in `" + member + "`",
                "member",
                Map.of("group", group.toString(), "member", member.toString()))
            .asException();
      }
      height++;
      if (height > Gathering.GROUP_DEPTH_MAX) {
        return height;
      }
      Set<Uid> next = new HashSet<>();
      for (Uid uid : level) {
        next.addAll(up ? groupsOf(uid) : memberGroups(uid));
      }
      level = next;
    }
    return height;
  }

  private List<Uid> groupsOf(Uid uid) {
    List<Uid> groups = new ArrayList<>();
    draft.rows().eachGroupOf(uid, groups::add);
    groups.removeIf(this::isDeleted);
    return groups;
  }

  private List<Uid> memberGroups(Uid group) {
    List<Uid> members = new ArrayList<>();
    draft
        .rows()
        .eachMemberOf(
            group,
            row -> {
              if (row.isGroupEdge() && !isDeleted(row.member())) {
                members.add(row.member());
              }
              return true;
            });
    return members;
  }

  /** The edges of a deleted group stay until they are swept, and join nothing (hazard 13). */
  private boolean isDeleted(Uid uid) {
    return draft.rows().principalName(uid).filter(name -> !name.isDeleted()).isEmpty();
  }
}
