package dev.modelgate.app.state;

import dev.modelgate.decision.Facts;
import dev.modelgate.decision.HeldGrant;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalKind;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.ResourceRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Gathers the {@link Facts} of one caller and one resource from one state, and notes in {@link
 * Dependencies} everything that it looked at, absence included.
 */
public final class Gathering {
  /**
   * How deep groups may nest; deeper memberships give nothing, and the rules refuse to make them.
   */
  public static final int GROUP_DEPTH_MAX = 32;

  private final OrgContext context;
  private final OrgRows rows;
  private final FactRows along;
  private final Dependencies dependencies;

  /** Gathers from those rows, which must be of the same state as the context. */
  public Gathering(OrgContext context, OrgRows rows, Dependencies dependencies) {
    this(context, rows, FactRows.of(rows), dependencies);
  }

  /** The same with another way to the rows along a path. */
  public Gathering(OrgContext context, OrgRows rows, FactRows along, Dependencies dependencies) {
    this.context = context;
    this.rows = rows;
    this.along = along;
    this.dependencies = dependencies;
  }

  /**
   * Gathers what is to know.
   *
   * @throws dev.modelgate.model.RefusedException UNKNOWN_KIND when the profile has no such kind at
   *     a level of the path
   * @throws dev.modelgate.store.StoreException when a row cannot be read
   */
  public Facts gather(PrincipalName caller, ResourceName resource) {
    return gather(caller, List.of(), resource);
  }

  /**
   * The same for a caller who claims groups.
   *
   * @param claimed by their names; those that are not there mean nothing
   */
  public Facts gather(PrincipalName caller, List<PrincipalName> claimed, ResourceName resource) {
    List<Kind> kinds = kinds(context.profile(), resource);
    Subject subject = subject(caller);
    return gather(
        claimed.isEmpty() ? subject : claiming(subject, claimed), resource, kinds, List::of);
  }

  /**
   * The same, and what type rights and deny rules come to on the kinds that can live below the
   * resource: what is given on it reaches there, and so does what bounds the giver.
   */
  public Facts gatherToShare(PrincipalName caller, ResourceName resource) {
    List<Kind> kinds = kinds(context.profile(), resource);
    Subject subject = subject(caller);
    Facts facts = gather(subject, resource, kinds, context.profile()::kindsWithin);
    Map<String, Long> below = new DeniedBelow(context, rows).of(subject.accounts(), resource);
    return new Facts(
        facts.kinds(),
        facts.caller(),
        facts.suspended(),
        facts.resourceKnown(),
        facts.grants(),
        facts.layer().withDeniedBelow(below));
  }

  /** The same for a caller that is known already. */
  public Facts gather(Subject subject, ResourceName resource) {
    return gather(subject, resource, kinds(context.profile(), resource), List::of);
  }

  /** Gathers what is to know of a caller alone. */
  public Subject subject(PrincipalName caller) {
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
  public Subject claiming(Subject subject, List<PrincipalName> claimed) {
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
  public Optional<Subject> member(PrincipalName set, Uid uid) {
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

  private Facts gather(
      Subject subject, ResourceName resource, List<Kind> kinds, Function<Kind, List<Kind>> asked) {
    boolean suspended = subject.suspended();
    boolean known = true;
    List<HeldGrant> grants = new ArrayList<>();
    List<Optional<ResourceRow>> path = new ArrayList<>();
    for (int level = 0; level < kinds.size(); level++) {
      String relative = resource.relativePathAt(level);
      dependencies.onPath(relative);
      Optional<ResourceRow> found = along.resource(relative);
      path.add(found);
      if (found.isPresent()) {
        Uid uid = found.get().uid();
        dependencies.onResource(uid);
        suspended |= context.isResourceSuspended(uid);
        addGrants(uid, level, subject.accounts(), 0, grants);
        addGrants(uid, level, subject.claimed(), context.profile().administration(), grants);
      } else {
        known &= !kinds.get(level).needsRecord();
      }
    }
    LayerGathering layer = new LayerGathering(context, subject, along::principal, kinds, path);
    return new Facts(
        kinds,
        subject.state(),
        suspended,
        known,
        grants,
        layer.gather(asked.apply(kinds.get(kinds.size() - 1)), grants));
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
   * The kinds along a path.
   *
   * @throws dev.modelgate.model.RefusedException UNKNOWN_KIND
   */
  public static List<Kind> kinds(Profile profile, ResourceName resource) {
    List<Kind> kinds = new ArrayList<>(resource.depth());
    for (int level = 0; level < resource.depth(); level++) {
      Optional<Kind> kind = profile.kindAt(resource, level);
      if (kind.isEmpty()) {
        String expected =
            "a kind of the profile `" + profile.name() + "` in a place that it allows";
        throw Refusal.ofField(Fault.UNKNOWN_KIND, "resource", resource.toString(), expected)
            .asException();
      }
      kinds.add(kind.get());
    }
    return kinds;
  }

  /**
   * The groups that hold an account or group, directly or not.
   *
   * @param active those that give something
   * @param anySuspended whether one of them, active or not, is suspended
   */
  public record Groups(Set<Uid> active, boolean anySuspended) {}

  /** Walks up the group graph, breadth first, through active groups only. */
  public Groups groupsOf(Uid member) {
    return walk(along.groupsOf(member));
  }

  private Groups walk(List<Uid> direct) {
    Set<Uid> seen = new HashSet<>();
    Set<Uid> active = new HashSet<>();
    boolean suspended = false;
    List<Uid> level = direct;
    for (int depth = 0; depth < GROUP_DEPTH_MAX && !level.isEmpty(); depth++) {
      List<Uid> above = new ArrayList<>();
      for (Uid group : level) {
        if (seen.add(group)) {
          suspended |= context.isPrincipalSuspended(group);
          if (!context.isInactiveGroup(group)) {
            active.add(group);
            above.addAll(along.groupsOf(group));
          }
        }
      }
      level = above;
    }
    return new Groups(active, suspended);
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

  private void addGrants(
      Uid resource, int level, List<Uid> accounts, long withheld, List<HeldGrant> grants) {
    for (Uid account : accounts) {
      if (!account.isSet()) {
        dependencies.onGrants(resource, account);
      }
      Optional<GrantRow> row = along.grants(resource, account);
      if (row.isPresent()) {
        for (Grant grant : row.get().grants()) {
          HeldGrant held = held(context.profile(), level, grant);
          grants.add(withheld == 0 ? held : held.without(withheld));
        }
      }
    }
  }

  /** A stored grant as the decision sees it. */
  public static HeldGrant held(Profile profile, int level, Grant grant) {
    return new HeldGrant(
        level,
        grant.role() == Grant.RAW ? Optional.empty() : profile.role(grant.role()),
        grant.mask(),
        grant.canShare(),
        grant.canUseData(),
        grant.notBeforeMicros(),
        grant.expiresAtMicros(),
        grant.condition(),
        0);
  }
}
