package dev.modelgate.app.state;

import dev.modelgate.app.state.PathFacts.Level;
import dev.modelgate.decision.Facts;
import dev.modelgate.decision.HeldGrant;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.row.Grant;
import dev.modelgate.store.row.GrantRow;
import dev.modelgate.store.row.OrgRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    return gather(claimed.isEmpty() ? subject : claiming(subject, claimed), path(resource, kinds));
  }

  /**
   * The same, and what type rights and deny rules come to on the kinds that can live below the
   * resource: what is given on it reaches there, and so does what bounds the giver.
   */
  public Facts gatherToShare(PrincipalName caller, ResourceName resource) {
    List<Kind> kinds = kinds(context.profile(), resource);
    Subject subject = subject(caller);
    List<Kind> within = context.profile().kindsWithin(kinds.get(kinds.size() - 1));
    Facts facts = gather(subject, path(resource, kinds), within);
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
    return gather(subject, path(resource, kinds(context.profile(), resource)));
  }

  /** The same for a resource that is known already, too. */
  public Facts gather(Subject subject, PathFacts path) {
    return gather(subject, path, List.of(path.kinds().get(path.kinds().size() - 1)));
  }

  private PathFacts path(ResourceName resource, List<Kind> kinds) {
    return PathFacts.read(context, along::resource, resource, kinds, dependencies);
  }

  /** Gathers what is to know of a caller alone. */
  public Subject subject(PrincipalName caller) {
    return subjects().subject(caller);
  }

  /** The same caller with groups that it claims; those that are not there mean nothing. */
  public Subject claiming(Subject subject, List<PrincipalName> claimed) {
    return subjects().claiming(subject, claimed);
  }

  /**
   * A caller of whom no more is known than that he is in a set: a member of a group who is in no
   * other and has no unit, somebody with a record, with a domain, without a record, anybody. Empty
   * for a set that gives its members nothing.
   */
  public Optional<Subject> member(PrincipalName set, Uid uid) {
    return subjects().member(set, uid);
  }

  /** Whether a group that holds an account or group, directly or not, is suspended. */
  public boolean isGroupAboveSuspended(Uid member) {
    return subjects().groupsOf(member).anySuspended();
  }

  private SubjectGathering subjects() {
    return new SubjectGathering(context, rows, along, dependencies);
  }

  private Facts gather(Subject subject, PathFacts path, List<Kind> asked) {
    List<HeldGrant> grants = new ArrayList<>();
    for (Level level : path.levels()) {
      addGrants(level, subject.accounts(), 0, grants);
      addGrants(level, subject.claimed(), context.profile().administration(), grants);
    }
    LayerGathering layer = new LayerGathering(context, subject, along::principal, path);
    return new Facts(
        path.kinds(),
        subject.state(),
        subject.suspended() || path.suspended(),
        path.known(),
        grants,
        layer.gather(asked, grants));
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

  private void addGrants(Level level, List<Uid> accounts, long withheld, List<HeldGrant> grants) {
    for (Uid account : accounts) {
      if (!account.isSet()) {
        dependencies.onGrants(level.uid(), account);
      }
      SetGrants sets = level.sets();
      Optional<GrantRow> row =
          sets == null ? along.grants(level.uid(), account) : sets.of(account, level.uid(), along);
      if (row.isPresent()) {
        for (Grant grant : row.get().grants()) {
          HeldGrant held = held(context.profile(), level.index(), grant);
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
