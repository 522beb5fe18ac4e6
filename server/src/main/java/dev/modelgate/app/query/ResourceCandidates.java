package dev.modelgate.app.query;

import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Effect;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.store.row.ResourceUidRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where something can be allowed to certain accounts at all.
 *
 * <p>Whatever is allowed is given: by a grant on the resource or on one above it, or by a type
 * right that allows. So with few grants, and no such right, only what they stand on and what is
 * below that has to be looked at; else everything below the parent. Either way each resource is
 * decided by itself: this leaves out, it never lets in.
 *
 * @param spans the paths to look at, in order
 * @param grantedTo every resource with grants, of those accounts that have few
 */
record ResourceCandidates(List<PathSpan> spans, Map<Uid, Set<Uid>> grantedTo) {
  /** The most grants of one account that are looked up beforehand. */
  static final int OF_ACCOUNT_MAX = 250;

  /** The same of all accounts. */
  static final int OF_ALL_MAX = 1_000;

  /**
   * The candidates for accounts.
   *
   * @param parent only below this one
   * @param kind only of that kind; empty for all
   */
  static ResourceCandidates of(
      Reading reading, List<Uid> accounts, ResourceName parent, Optional<Kind> kind) {
    Map<Uid, Set<Uid>> grantedTo = grantedTo(reading, accounts);
    List<PathSpan> everything = List.of(PathSpan.below(parent.relativePath()));
    if (!grantedTo.keySet().containsAll(accounts) || isAnyAllowed(reading, accounts)) {
      return new ResourceCandidates(everything, grantedTo);
    }
    List<PathSpan> spans = new ArrayList<>();
    for (Set<Uid> resources : grantedTo.values()) {
      for (Uid uid : resources) {
        ResourceUidRow resource = reading.names().resource(uid);
        if (!resource.isDeleted()) {
          ResourceName name = reading.names().fullName(resource.path());
          if (isAtOrBelow(parent, name)) {
            return new ResourceCandidates(everything, grantedTo);
          }
          if (isAtOrBelow(name, parent)) {
            add(spans, name, reading.org().profile(), kind);
          }
        }
      }
    }
    return new ResourceCandidates(PathSpan.merged(spans), grantedTo);
  }

  /** The resources with grants, of each account in turn until one or all have too many. */
  private static Map<Uid, Set<Uid>> grantedTo(Reading reading, List<Uid> accounts) {
    Map<Uid, Set<Uid>> few = new HashMap<>();
    int[] left = {OF_ALL_MAX};
    for (Uid account : accounts) {
      Set<Uid> resources = new HashSet<>();
      boolean[] all = {true};
      reading
          .rows()
          .eachResourceGrantedTo(
              account,
              resource -> {
                all[0] = resources.size() < OF_ACCOUNT_MAX && left[0]-- > 0;
                resources.add(resource);
                return all[0];
              });
      if (all[0]) {
        few.put(account, resources);
      }
    }
    return few;
  }

  private static boolean isAnyAllowed(Reading reading, List<Uid> accounts) {
    for (Kind kind : reading.org().profile().kinds()) {
      for (Uid account : accounts) {
        boolean allows =
            reading
                .org()
                .typeRights(account, kind.name())
                .filter(row -> row.rights().stream().anyMatch(right -> right.has(Effect.ALLOWS)))
                .isPresent();
        if (allows) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isAtOrBelow(ResourceName name, ResourceName top) {
    return name.depth() >= top.depth() && name.ancestor(top.depth() - 1).equals(top);
  }

  private static void add(
      List<PathSpan> spans, ResourceName name, Profile profile, Optional<Kind> wanted) {
    Optional<Kind> own = profile.kindOf(name);
    if (own.isEmpty()) {
      return;
    }
    if (wanted.isEmpty() || wanted.get().equals(own.get())) {
      spans.add(PathSpan.of(name.relativePath()));
    }
    List<Kind> within = profile.kindsWithin(own.get());
    boolean mayBeBelow =
        profile.kinds().stream()
            .filter(kind -> wanted.isEmpty() || wanted.get().equals(kind))
            .anyMatch(
                kind -> within.stream().anyMatch(above -> kind.parents().contains(above.name())));
    if (mayBeBelow) {
      spans.add(PathSpan.below(name.relativePath()));
    }
  }
}
