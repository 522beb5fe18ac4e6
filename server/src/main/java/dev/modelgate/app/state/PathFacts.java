package dev.modelgate.app.state;

import dev.modelgate.decision.TypeLayer.ClosedGate;
import dev.modelgate.model.ResourceName;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import dev.modelgate.model.profile.Gate;
import dev.modelgate.model.profile.Kind;
import dev.modelgate.store.row.DenyRuleRow;
import dev.modelgate.store.row.ResourceRow;
import dev.modelgate.store.row.ResourceRow.Attributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All that is to know of a resource and its ancestors before a caller is looked at, in one state:
 * what {@link Subject} is for a caller. Of the records it holds what a decision needs and nothing
 * else.
 *
 * @param kinds the kinds along the path, the organization first, the resource's own last
 * @param levels those that have a record, from the top
 * @param suspended whether one of them is suspended
 * @param known whether every level that needs a record has one
 * @param owned the level whose owner counts as the resource's: its own, or the nearest above where
 *     it has no record or its kind no owners
 * @param unit the unit of that level
 * @param denyRules those whose scope is one of them, from the top
 * @param gates those that are closed, in the order of the profile
 */
public record PathFacts(
    List<Kind> kinds,
    List<Level> levels,
    boolean suspended,
    boolean known,
    int owned,
    UnitName unit,
    List<DenyRuleRow> denyRules,
    List<ClosedGate> gates) {
  /** Copies the lists. */
  public PathFacts {
    kinds = List.copyOf(kinds);
    levels = List.copyOf(levels);
    denyRules = List.copyOf(denyRules);
    gates = List.copyOf(gates);
  }

  /**
   * A resource on the path.
   *
   * @param index which, the organization being 0
   * @param sets what is granted on it to sets of accounts; null where that is to be asked for each
   *     time
   */
  record Level(int index, Uid uid, @Nullable SetGrants sets) {}

  /**
   * Reads them, and notes everything that was looked at.
   *
   * @param rows finds the record at a path below the organization
   * @param kinds those along the path
   * @throws dev.modelgate.store.StoreException when a row cannot be read
   */
  static PathFacts read(
      OrgContext context,
      Function<String, Optional<ResourceRow>> rows,
      ResourceName resource,
      List<Kind> kinds,
      Dependencies dependencies) {
    boolean suspended = false;
    boolean known = true;
    List<Optional<ResourceRow>> records = new ArrayList<>(kinds.size());
    List<Level> levels = new ArrayList<>(kinds.size());
    List<DenyRuleRow> denyRules = new ArrayList<>();
    for (int index = 0; index < kinds.size(); index++) {
      String path = resource.relativePathAt(index);
      dependencies.onPath(path);
      Optional<ResourceRow> found = rows.apply(path);
      records.add(found);
      if (found.isPresent()) {
        Uid uid = found.get().uid();
        dependencies.onResource(uid);
        suspended |= context.isResourceSuspended(uid);
        denyRules.addAll(context.denyRules(uid));
        levels.add(new Level(index, uid, null));
      } else {
        known &= !kinds.get(index).needsRecord();
      }
    }
    int owned = lastOwned(kinds, records);
    UnitName unit = records.get(owned).map(row -> row.attributes().unit()).orElse(UnitName.ROOT);
    List<ClosedGate> gates = closedGates(context, kinds, records);
    return new PathFacts(kinds, levels, suspended, known, owned, unit, denyRules, gates);
  }

  /** The same with the levels as they are there. */
  PathFacts with(List<Level> others) {
    return new PathFacts(kinds, others, suspended, known, owned, unit, denyRules, gates);
  }

  private static int lastOwned(List<Kind> kinds, List<Optional<ResourceRow>> records) {
    int level = records.size() - 1;
    while (level > 0 && (records.get(level).isEmpty() || !kinds.get(level).sharing().owned())) {
      level--;
    }
    return level;
  }

  private static List<ClosedGate> closedGates(
      OrgContext context, List<Kind> kinds, List<Optional<ResourceRow>> records) {
    List<ClosedGate> closed = new ArrayList<>();
    for (Gate gate : context.profile().states().gates()) {
      for (int level = 0; level < kinds.size(); level++) {
        Attributes state = records.get(level).map(ResourceRow::attributes).orElse(Attributes.NONE);
        if (records.get(level).isPresent()
            && gate.isClosed(
                kinds.get(level), state.type(), state.flags(), context.featuresOff())) {
          closed.add(
              new ClosedGate(
                  level, gate.reason(), gate.closes(), gate.unless(), gate.exemptsOwner()));
        }
      }
    }
    return closed;
  }
}
