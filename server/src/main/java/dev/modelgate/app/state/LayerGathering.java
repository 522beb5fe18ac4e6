package dev.modelgate.app.state;

import dev.modelgate.decision.HeldGrant;
import dev.modelgate.decision.TypeLayer;
import dev.modelgate.decision.TypeLayer.Denial;
import dev.modelgate.decision.TypeLayer.Masks;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Depth;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.TypeRightRow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Gathers the {@link TypeLayer} of one caller and one resource. */
final class LayerGathering {
  private final OrgContext context;
  private final Subject subject;
  private final Function<Uid, Optional<PrincipalRow>> holders;
  private final PathFacts path;

  /**
   * Gathers for these.
   *
   * @param subject the caller
   * @param holders the record behind one of the accounts
   * @param path the resource with its ancestors
   */
  LayerGathering(
      OrgContext context,
      Subject subject,
      Function<Uid, Optional<PrincipalRow>> holders,
      PathFacts path) {
    this.context = context;
    this.subject = subject;
    this.holders = holders;
    this.path = path;
  }

  /**
   * Gathers what there is.
   *
   * @param asked the kinds for which type rights are to be known: the resource's own, and those
   *     below when somebody wants to share
   * @param grants what is granted to the caller, to know what he owns
   */
  TypeLayer gather(Collection<Kind> asked, List<HeldGrant> grants) {
    Kind own = path.kinds().get(path.kinds().size() - 1);
    Map<String, Masks> masks = Map.of();
    for (Kind kind : asked) {
      Masks found = masks(kind, standsWith(kind, own, 0), grants);
      if (!found.equals(Masks.FREE)) {
        masks = masks.isEmpty() ? new HashMap<>() : masks;
        masks.put(kind.name(), found);
      }
    }
    List<Denial> denials = denials();
    return masks.isEmpty() && denials.isEmpty() && path.gates().isEmpty()
        ? TypeLayer.NONE
        : new TypeLayer(masks, denials, path.gates(), Map.of());
  }

  /**
   * Whether what holds of a resource of one kind holds of those of the other kind below it: they
   * have neither owner nor unit of their own.
   */
  private boolean standsWith(Kind kind, Kind own, int depth) {
    if (kind.name().equals(own.name())) {
      return true;
    }
    boolean stands = !kind.sharing().owned() && depth < ResourceName.DEPTH_MAX;
    for (String parent : kind.parents()) {
      Optional<Kind> above = context.profile().kind(parent);
      stands = stands && above.isPresent() && standsWith(above.get(), own, depth + 1);
    }
    return stands && !kind.parents().isEmpty();
  }

  /**
   * What type rights come to. A claimed group gives nothing that administers, and its ceiling is
   * one more above the caller: where a membership of the directory would widen the union of
   * ceilings, a claim never does (hazard 18). For a kind below the resource only those count that
   * reach the whole organization, for what will be there is not known.
   */
  private Masks masks(Kind kind, boolean here, List<HeldGrant> grants) {
    boolean required = kind.privileges() == Kind.Privileges.REQUIRED;
    boolean bounded = kind.ceilings() != Kind.Ceilings.NONE;
    long privileges = 0;
    long ceiling = 0;
    long allowed = 0;
    long shareable = 0;
    long lowered = ~0L;
    boolean anyCeiling = kind.ceilings() == Kind.Ceilings.REQUIRED;
    for (Uid account : accounts()) {
      boolean claimed = subject.claimed().contains(account);
      Optional<TypeRightRow> row = context.typeRights(account, kind.name());
      if (row.isEmpty()) {
        continue;
      }
      long withheld = claimed ? context.profile().administration() : 0;
      long own = 0;
      boolean bounds = false;
      for (TypeRightRow.Right right : row.get().rights()) {
        bounds |= right.has(Effect.BOUNDS);
        own |= right.has(Effect.BOUNDS) ? right.mask() & kind.permissions() : 0;
        long mask = right.mask() & kind.permissions() & ~withheld;
        privileges |= right.has(Effect.REQUIRES) ? mask : 0;
        if (right.has(Effect.ALLOWS) && reaches(account, right.depth(), here, grants)) {
          allowed |= mask;
          shareable |= mayShareOn(kind, mask) ? mask : 0;
        }
      }
      if (claimed) {
        lowered &= bounds ? own : ~0L;
      } else {
        anyCeiling |= bounds;
        ceiling |= own;
      }
    }
    long bound = (anyCeiling ? ceiling : ~0L) & lowered;
    return new Masks(required ? privileges : ~0L, bounded ? bound : ~0L, allowed, shareable);
  }

  /**
   * Whether a right carries the right to share what it gives, itself: were that of another right
   * enough, who gives it would make shareable what he has no say about (hazard 29).
   */
  private static boolean mayShareOn(Kind kind, long mask) {
    long share = kind.right(Operation.SHARE);
    return !kind.sharing().honoursCanShare() || share != 0 && (mask & share) == share;
  }

  private boolean reaches(Uid holder, Depth depth, boolean here, List<HeldGrant> grants) {
    if (depth == Depth.ORGANIZATION) {
      return true;
    }
    return here
        && switch (depth) {
          case OWN -> owns(grants);
          case UNIT -> owns(grants) || unitOf(holder).equals(path.unit());
          case SUBTREE, ORGANIZATION -> owns(grants) || unitOf(holder).contains(path.unit());
        };
  }

  /** Whether the caller, or a group of his, owns the resource; an owner's grant takes no times. */
  private boolean owns(List<HeldGrant> grants) {
    return grants.stream().anyMatch(grant -> grant.isOwner() && grant.level() == path.owned());
  }

  /** A right given to a group without a unit reaches from the unit of the caller. */
  private UnitName unitOf(Uid holder) {
    UnitName unit = holders.apply(holder).map(PrincipalRow::unit).orElse(UnitName.ROOT);
    return unit.equals(UnitName.ROOT) ? subject.unit() : unit;
  }

  /** Whom a grant or rule can name and mean the caller. */
  private List<Uid> accounts() {
    if (subject.claimed().isEmpty()) {
      return subject.accounts();
    }
    List<Uid> all = new ArrayList<>(subject.accounts());
    all.addAll(subject.claimed());
    return all;
  }

  private List<Denial> denials() {
    if (path.denyRules().isEmpty()) {
      return List.of();
    }
    List<Denial> denials = new ArrayList<>();
    for (DenyRuleRow rule : path.denyRules()) {
      boolean named = rule.principals().stream().anyMatch(accounts()::contains);
      boolean excepted = rule.exceptions().stream().anyMatch(subject.accounts()::contains);
      if (named && !excepted) {
        denials.add(new Denial(rule.mask(), rule.condition()));
      }
    }
    return denials;
  }
}
