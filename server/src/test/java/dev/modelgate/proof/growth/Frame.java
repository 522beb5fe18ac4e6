package dev.modelgate.proof.growth;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.UnitName;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.PrincipalRow;
import dev.modelgate.store.row.SettingsRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What nobody but an administrator changes: who is in which group, but by leaving; the states and
 * units of principals; profile, features, deny rules and ceilings; what is suspended.
 */
final class Frame {
  private final Map<PrincipalName, Set<PrincipalName>> groups;
  private final Map<PrincipalName, List<Object>> principals = new HashMap<>();
  private final Map<List<Object>, Object> bounds;
  private final List<Object> written = new ArrayList<>();
  private final Set<Object> suspended = new HashSet<>();

  Frame(OrgRows rows, GrowthWorld world) {
    SettingsRow settings = rows.settings().orElseThrow();
    written.add(settings.profileVersion());
    written.add(settings.features());
    rows.eachDenyRule(
        rule -> {
          written.add(
              List.of(rule.id(), rule.principals(), rule.exceptions(), rule.mask(), rule.scope()));
          return true;
        });
    this.groups = world.groups();
    this.bounds = world.bounds();
    world
        .principals()
        .forEach(
            (name, row) -> {
              principals.put(name, List.of(row.uid(), row.state(), row.unit()));
              if (world.isSuspended(name)) {
                suspended.add(row.uid());
              }
            });
    world
        .resources()
        .forEach(
            (ResourceName name, Object row) -> {
              if (world.isSuspended(name)) {
                suspended.add(name);
              }
            });
  }

  /**
   * What a later state has changed of this that an administrator for a time may not: he ends and
   * denies, so that there is less of everything but of limits.
   */
  Optional<String> lifted(Frame later) {
    for (Map.Entry<PrincipalName, List<Object>> entry : later.principals.entrySet()) {
      List<Object> before = principals.get(entry.getKey());
      List<Object> now = entry.getValue();
      if (before != null
          && before.get(0).equals(now.get(0))
          && (!before.get(2).equals(now.get(2))
              || now.get(1) == PrincipalRow.State.ACTIVE && !before.equals(now))) {
        return Optional.of(entry.getKey() + " is " + now + " and was " + before);
      }
    }
    Map<List<Object>, Object> left = new HashMap<>(bounds);
    left.keySet()
        .removeIf(key -> !(key.get(0) instanceof PrincipalName holder) || !same(holder, later));
    return joined(later)
        .or(
            () ->
                later.written.containsAll(written)
                    ? Optional.empty()
                    : Optional.of("written is " + later.written + " and was " + written))
        .or(
            () ->
                later.bounds.equals(left)
                    ? Optional.empty()
                    : Optional.of("the ceilings are " + later.bounds + " and were " + left))
        .or(() -> resumed(later));
  }

  /** Whether a principal is there that was there before; who is deleted has left his ceiling. */
  private boolean same(PrincipalName holder, Frame later) {
    List<Object> now = later.principals.get(holder);
    List<Object> before = principals.get(holder);
    return before == null || now != null && now.get(0).equals(before.get(0));
  }

  /** What a later state has changed of this; empty when nothing. */
  Optional<String> change(Frame later) {
    Optional<String> joined = joined(later);
    if (joined.isPresent()) {
      return joined;
    }
    for (Map.Entry<PrincipalName, List<Object>> entry : later.principals.entrySet()) {
      List<Object> before = principals.get(entry.getKey());
      boolean link = GrowthSetting.LINKS.contains(entry.getKey());
      List<Object> now = entry.getValue();
      boolean plain = now.get(1) == PrincipalRow.State.ACTIVE && now.get(2).equals(UnitName.ROOT);
      if (!link && (before == null ? !plain : !before.equals(now))) {
        return Optional.of(entry.getKey() + " is " + now + " and was " + before);
      }
    }
    if (!written.equals(later.written)) {
      return Optional.of("profile, features and deny rules are " + later.written);
    }
    if (!bounds.equals(later.bounds)) {
      return Optional.of("the ceilings are " + later.bounds + " and were " + bounds);
    }
    return resumed(later);
  }

  private Optional<String> joined(Frame later) {
    for (Map.Entry<PrincipalName, Set<PrincipalName>> entry : later.groups.entrySet()) {
      Set<PrincipalName> joined = new HashSet<>(entry.getValue());
      joined.removeAll(groups.getOrDefault(entry.getKey(), Set.of()));
      if (!joined.isEmpty()) {
        return Optional.of(entry.getKey() + " is in " + joined);
      }
    }
    return Optional.empty();
  }

  private Optional<String> resumed(Frame later) {
    return later.suspended.containsAll(suspended)
        ? Optional.empty()
        : Optional.of("suspended is " + later.suspended + " and was " + suspended);
  }
}
