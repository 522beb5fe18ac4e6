package dev.modelgate.app.state;

import dev.modelgate.decision.Facts;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Gathers the {@link Subject} behind a name, or behind a set of which somebody is a member. */
final class SubjectGathering {
  private final OrgContext context;
  private final OrgRows rows;
  private final FactRows along;
  private final Dependencies dependencies;

  SubjectGathering(OrgContext context, OrgRows rows, FactRows along, Dependencies dependencies) {
    this.context = context;
    this.rows = rows;
    this.along = along;
    this.dependencies = dependencies;
  }

  /** Gathers what is to know of a caller alone. */
  Subject subject(PrincipalName caller) {
    dependencies.onPrincipalName(caller.toString());
    Optional<PrincipalRow> record = rows.principal(caller);
    boolean suspended = false;
    List<Uid> accounts = new ArrayList<>();
    if (record.isPresent()) {
      Uid uid = record.get().uid();
      dependencies.onPrincipal(uid);
      suspended = context.isPrincipalSuspended(uid);
      accounts.add(uid);
      Groups groups = groupsOf(uid);
      suspended |= groups.anySuspended();
      accounts.addAll(groups.active());
    }
    addSets(caller, record.isPresent(), accounts);
    return new Subject(
        accounts,
        suspended,
        callerState(caller, record),
        record.map(PrincipalRow::unit).orElse(UnitName.ROOT));
  }

  /** The same caller with groups that it claims; those that are not there mean nothing. */
  Subject claiming(Subject subject, List<PrincipalName> claimed) {
    List<Uid> direct = new ArrayList<>();
    for (PrincipalName group : claimed) {
      rows.principal(group).map(PrincipalRow::uid).ifPresent(direct::add);
    }
    Groups groups = walk(direct);
    Set<Uid> more = new HashSet<>(groups.active());
    more.removeAll(Set.copyOf(subject.accounts()));
    return new Subject(
        subject.accounts(),
        List.copyOf(more),
        subject.suspended() || groups.anySuspended(),
        subject.state(),
        subject.unit());
  }

  /**
   * A caller of whom no more is known than that he is in a set: a member of a group who is in no
   * other and has no unit, somebody with a record, with a domain, without a record, anybody. Empty
   * for a set that gives its members nothing.
   */
  Optional<Subject> member(PrincipalName set, Uid uid) {
    if (set.kind() == PrincipalKind.GROUP && context.isInactiveGroup(uid)) {
      return Optional.empty();
    }
    Groups above = groupsOf(uid);
    List<Uid> accounts = new ArrayList<>(above.active());
    accounts.add(uid);
    boolean recorded =
        set.kind() != PrincipalKind.ALL_USERS
            && set.kind() != PrincipalKind.ALL_AUTHENTICATED_USERS;
    if (recorded) {
      accounts.add(Uid.ORGANIZATION);
    }
    if (context.profile().switches().isolation() == Switches.Isolation.OPEN) {
      if (set.kind() != PrincipalKind.ALL_USERS) {
        accounts.add(Uid.ALL_AUTHENTICATED_USERS);
      }
      accounts.add(Uid.ALL_USERS);
    } else if (!recorded || set.kind() == PrincipalKind.DOMAIN) {
      return Optional.empty();
    }
    boolean known =
        recorded
            || set.kind() == PrincipalKind.ALL_USERS
            || context.profile().switches().directory() == Switches.Directory.OPEN;
    return Optional.of(
        new Subject(
            accounts,
            above.anySuspended() || context.isPrincipalSuspended(uid),
            known ? Facts.Caller.ACTIVE : Facts.Caller.UNKNOWN,
            UnitName.ROOT));
  }

  /**
   * The sets of accounts that need no membership. A link and an anonymous caller are in none but
   * everybody; an account without a record is in none but the authenticated and everybody (hazard
   * 14).
   */
  private void addSets(PrincipalName caller, boolean recorded, List<Uid> accounts) {
    boolean authenticated =
        caller.kind() != PrincipalKind.LINK && caller.kind() != PrincipalKind.ANONYMOUS;
    if (authenticated && recorded) {
      accounts.add(Uid.ORGANIZATION);
    }
    if (context.profile().switches().isolation() == Switches.Isolation.OPEN) {
      if (authenticated && recorded && !caller.emailDomain().isEmpty()) {
        PrincipalName domain = new PrincipalName(PrincipalKind.DOMAIN, caller.emailDomain());
        dependencies.onPrincipalName(domain.toString());
        rows.principal(domain).map(PrincipalRow::uid).ifPresent(accounts::add);
      }
      if (authenticated) {
        accounts.add(Uid.ALL_AUTHENTICATED_USERS);
      }
      accounts.add(Uid.ALL_USERS);
    }
  }

  /**
   * The groups that hold an account or group, directly or not.
   *
   * @param active those that give something
   * @param anySuspended whether one of them, active or not, is suspended
   */
  record Groups(Set<Uid> active, boolean anySuspended) {}

  /** The groups that hold a member, directly or not. */
  Groups groupsOf(Uid member) {
    return walk(along.groupsOf(member));
  }

  private Groups walk(List<Uid> direct) {
    Climb climb = new Climb();
    List<Uid> unknown = new ArrayList<>();
    for (Uid group : climb.visit(direct)) {
      Optional<Above> known = along.above(group);
      if (known.isPresent()) {
        climb.active.addAll(known.get().active());
        climb.suspended |= known.get().anySuspended();
      } else {
        unknown.addAll(along.groupsOf(group));
      }
    }
    climb.from(unknown, Integer.MAX_VALUE);
    return new Groups(climb.active, climb.suspended);
  }

  /**
   * All groups above an active group; empty when they are more than {@link Above#GROUPS_MAX}. Asks
   * for the groups of one group after the other.
   */
  Optional<Above> above(Uid group) {
    Climb climb = new Climb();
    return climb.from(along.groupsOf(group), Above.GROUPS_MAX)
        ? Optional.of(new Above(List.copyOf(climb.active), climb.suspended))
        : Optional.empty();
  }

  /** A walk up the group graph, breadth first, through active groups only. */
  private final class Climb {
    private final Set<Uid> seen = new HashSet<>();
    private final Set<Uid> active = new HashSet<>();
    private boolean suspended;

    /** Looks at those that were not seen before; answers the active ones of them. */
    List<Uid> visit(List<Uid> groups) {
      List<Uid> found = new ArrayList<>(groups.size());
      for (Uid group : groups) {
        if (seen.add(group)) {
          suspended |= context.isPrincipalSuspended(group);
          if (!context.isInactiveGroup(group)) {
            active.add(group);
            found.add(group);
          }
        }
      }
      return found;
    }

    /** Goes on from groups that are one level above where it began; false beyond so many. */
    boolean from(List<Uid> first, int seenMax) {
      List<Uid> level = first;
      for (int depth = 1; depth < Gathering.GROUP_DEPTH_MAX && !level.isEmpty(); depth++) {
        List<Uid> above = new ArrayList<>();
        for (Uid group : visit(level)) {
          above.addAll(along.groupsOf(group));
        }
        if (seen.size() > seenMax) {
          return false;
        }
        level = above;
      }
      return true;
    }
  }

  private Facts.Caller callerState(PrincipalName caller, Optional<PrincipalRow> record) {
    if (caller.kind() == PrincipalKind.ANONYMOUS) {
      return Facts.Caller.ACTIVE;
    }
    if (record.isPresent()) {
      return record.get().state() == PrincipalRow.State.ACTIVE
          ? Facts.Caller.ACTIVE
          : Facts.Caller.INACTIVE;
    }
    if (caller.kind() == PrincipalKind.LINK) {
      return Facts.Caller.UNKNOWN;
    }
    if (rows.wasDeleted(caller)) {
      return Facts.Caller.INACTIVE;
    }
    return context.profile().switches().directory() == Switches.Directory.OPEN
        ? Facts.Caller.ACTIVE
        : Facts.Caller.UNKNOWN;
  }
}
