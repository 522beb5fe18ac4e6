package dev.modelgate.proof.growth;

import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Conditions.Truth;
import dev.modelgate.decision.Reason;
import dev.modelgate.decision.ReferenceEvaluator;
import dev.modelgate.decision.ReferenceWorld;
import dev.modelgate.decision.Verdict;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.profile.Flag;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.model.profile.Operation;
import dev.modelgate.model.profile.Profile;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.model.profile.Switches;
import dev.modelgate.model.profile.Vocabulary;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.ResourceRow;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What everybody may come to, computed by the reference evaluator from the first state and from
 * nothing else: what he had, what an accomplice may give away, what one who may hand over has; with
 * every gate open. Where the profile does not cap, an accomplice who may share gives everything.
 *
 * <p>Whoever was denied by a rule stays denied, also on a resource that was made again.
 */
final class GrowthBound {
  private final GrowthSetting setting;
  private final Profile ungated;
  private final long nowMicros;
  private final Conditions given;
  private final Map<ResourceName, Optional<Uid>> identities = new HashMap<>();
  private final Map<ResourceName, Set<String>> flags = new HashMap<>();
  private final Map<ResourceName, Set<String>> begun = new HashMap<>();
  private final Map<ResourceName, Set<String>> anybody = new HashMap<>();
  private final Map<PrincipalName, Map<ResourceName, Set<String>>> own = new HashMap<>();
  private final Set<List<Object>> denied = new HashSet<>();
  private final List<PrincipalName> watched;
  private final Frame frame;
  private final Set<String> asked;
  private final boolean unbounded;
  private final boolean administered;

  GrowthBound(
      GrowthSetting setting,
      OrgRows rows,
      List<PrincipalName> watched,
      long beginMicros,
      long nowMicros,
      boolean on,
      boolean administered) {
    this.administered = administered;
    this.setting = setting;
    this.watched = watched;
    this.nowMicros = nowMicros;
    this.given = truth(on);
    String text = setting.profile().replaceAll("(?ms)^gates:.*?(?=^[a-z_]+:)", "");
    Vocabulary vocabulary = rows.settings().orElseThrow().vocabulary();
    this.ungated = ProfileDocument.parse(text).compile(vocabulary);
    GrowthWorld world = new GrowthWorld(rows, ungated, given);
    this.frame = new Frame(rows, world);
    this.asked = new TreeSet<>(setting.permissions());
    asked.add(ungated.switches().administers());
    ungated.states().flags().forEach(flag -> asked.addAll(ungated.permissionNames(flag.needs())));
    for (ResourceName resource : setting.watched()) {
      identities.put(resource, identity(world, resource));
      flags.put(resource, world.state(resource).flags());
      for (PrincipalName principal : watched) {
        own.computeIfAbsent(principal, any -> new HashMap<>())
            .put(resource, allowed(world, principal, resource, true));
      }
    }
    List<GrowthWorld> begin =
        List.of(
            new GrowthWorld(rows, ungated, truth(false)),
            new GrowthWorld(rows, ungated, truth(true)));
    this.unbounded =
        !administered && mayAdminister(begin, beginMicros)
            || mayAdminister(begin, nowMicros)
            || given(begin, world, GrowthSetting.path(""), beginMicros)
                .contains(ungated.switches().administers());
    for (ResourceName resource : setting.watched()) {
      anybody.put(resource, given(begin, world, resource, beginMicros));
      begun.put(resource, begun(begin, resource, beginMicros));
    }
  }

  /** Whether an accomplice could become an administrator, who has no bound but the system's. */
  boolean isUnbounded() {
    return unbounded;
  }

  private boolean mayAdminister(List<GrowthWorld> worlds, long atMicros) {
    ResourceName root = GrowthSetting.path("");
    Kind kind = ungated.kindOf(root).orElseThrow();
    for (GrowthWorld world : worlds) {
      for (ReferenceWorld seen : List.of(world, new ShareableWorld(world, kind))) {
        for (PrincipalName name : GrowthSetting.ACCOMPLICES) {
          if (ask(seen, name, root, ungated.switches().administers(), atMicros).allowed()) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /** What somebody may do now and could never come to; empty when there is nothing. */
  Optional<String> excess(OrgRows rows) {
    GrowthWorld world = new GrowthWorld(rows, ungated, given);
    Frame later = new Frame(rows, world);
    Optional<String> changed = administered ? frame.lifted(later) : frame.change(later);
    if (changed.isPresent()) {
      return changed;
    }
    for (ResourceName resource : setting.watched()) {
      boolean same = identity(world, resource).equals(identities.get(resource));
      if (same && !mayHaveSet(resource, world.state(resource).flags())) {
        return Optional.of("flags of " + resource + " are " + world.state(resource).flags());
      }
      for (PrincipalName principal : watched) {
        Set<String> more = allowed(world, principal, resource, false);
        more.removeIf(
            permission ->
                !denied.contains(List.of(principal, resource, permission))
                    && (!same
                        || of(of(own, principal), resource).contains(permission)
                        || of(anybody, resource).contains(permission)));
        if (!more.isEmpty()) {
          return Optional.of(principal + " may " + more + " on " + resource);
        }
      }
    }
    return Optional.empty();
  }

  /** What the first state came to for that; every pair was asked about. */
  private static <K, V> V of(Map<K, V> first, K key) {
    return Objects.requireNonNull(first.get(key));
  }

  /** Whether an accomplice has, or could be given, what it takes to change the flags to these. */
  private boolean mayHaveSet(ResourceName resource, Set<String> now) {
    Set<String> reachable = new HashSet<>(of(anybody, resource));
    reachable.addAll(of(begun, resource));
    return ungated.states().flags().stream()
        .filter(flag -> now.contains(flag.name()) != of(flags, resource).contains(flag.name()))
        .allMatch(flag -> reachable.containsAll(ungated.permissionNames(flag.needs())));
  }

  /** What of flags accomplices may write, or give the right to, at the time when they act. */
  private Set<String> begun(List<GrowthWorld> begin, ResourceName resource, long beginMicros) {
    Kind kind = ungated.kindOf(resource).orElseThrow();
    Set<String> all = new HashSet<>();
    for (Flag flag : ungated.states().flags()) {
      for (String permission : ungated.permissionNames(flag.needs() & kind.permissions())) {
        for (GrowthWorld world : begin) {
          for (ReferenceWorld seen : List.of(world, new ShareableWorld(world, kind))) {
            for (PrincipalName name : GrowthSetting.ACCOMPLICES) {
              if (ask(seen, name, resource, permission, beginMicros).allowed()) {
                all.add(permission);
              }
            }
          }
        }
      }
    }
    return all;
  }

  /** What an accomplice may give to anybody, or hand over. */
  private Set<String> given(
      List<GrowthWorld> begin, GrowthWorld world, ResourceName resource, long beginMicros) {
    Kind kind = ungated.kindOf(resource).orElseThrow();
    Set<String> all = new HashSet<>();
    boolean shares = false;
    for (PrincipalName name : GrowthSetting.ACCOMPLICES) {
      shares |= may(begin, name, resource, Operation.SHARE, beginMicros);
      shares |= may(begin, name, GrowthSetting.path(""), Operation.TYPE_RIGHTS, beginMicros);
      if (may(begin, name, resource, Operation.TRANSFER, beginMicros)) {
        all.addAll(of(of(own, name), resource));
      }
    }
    if (!shares) {
      return all;
    }
    if (ungated.switches().cap() == Switches.Cap.NONE) {
      all.addAll(asked);
      return all;
    }
    for (PrincipalName name : GrowthSetting.ACCOMPLICES) {
      all.addAll(allowed(new ShareableWorld(world, kind), name, resource, false));
    }
    return all;
  }

  /** Whether somebody may do that to the resource, or to one above it, whatever the context. */
  private boolean may(
      List<GrowthWorld> begin,
      PrincipalName principal,
      ResourceName resource,
      Operation operation,
      long beginMicros) {
    for (GrowthWorld world : begin) {
      for (int level = 0; level < resource.depth(); level++) {
        ResourceName at = resource.ancestor(level);
        long needed = ungated.kindOf(at).orElseThrow().right(operation);
        boolean all =
            needed != 0
                && ungated.permissionNames(needed).stream()
                    .allMatch(
                        permission -> ask(world, principal, at, permission, beginMicros).allowed());
        if (all) {
          return true;
        }
      }
    }
    return false;
  }

  private Set<String> allowed(
      ReferenceWorld world, PrincipalName principal, ResourceName resource, boolean first) {
    Kind kind = ungated.kindOf(resource).orElseThrow();
    Set<String> allowed = new HashSet<>();
    for (String permission : asked) {
      if ((ungated.permission(permission).orElseThrow() & kind.permissions()) == 0) {
        continue;
      }
      Verdict verdict = ask(world, principal, resource, permission, nowMicros);
      if (verdict.allowed()) {
        allowed.add(permission);
      } else if (first && verdict.reason().equals(Reason.DENY_RULE)) {
        denied.add(List.of(principal, resource, permission));
      }
    }
    return allowed;
  }

  private static Verdict ask(
      ReferenceWorld world,
      PrincipalName principal,
      ResourceName resource,
      String permission,
      long nowMicros) {
    return ReferenceEvaluator.evaluate(
        world, principal, List.of(), resource, permission, nowMicros);
  }

  private static Conditions truth(boolean on) {
    Truth truth = on ? Truth.TRUE : Truth.FALSE;
    return condition -> new Conditions.Result(truth, Set.of(), false);
  }

  /** The identity of a resource; of what is there without a record that of the one above it. */
  private Optional<Uid> identity(GrowthWorld world, ResourceName resource) {
    return setting.unregistered().contains(resource.relativePath())
        ? identity(world, resource.parent())
        : Optional.ofNullable(world.resources().get(resource)).map(ResourceRow::uid);
  }
}
