package dev.modelgate.app.check;

import dev.modelgate.app.state.OrgState;
import dev.modelgate.app.state.Published;
import dev.modelgate.model.Uid;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Which watches a change or a moment concerns. Not thread-safe: guarded by the lock of {@link
 * AccessWatches}.
 */
final class WatchBook {
  private final Map<Standing.Key, Group> groups = new HashMap<>();
  private final StripeIndex index = new StripeIndex();
  private final TreeSet<AccessWatch> due = new TreeSet<>(AccessWatch.BY_DUE);
  private int size;

  /** The watches whose answers stand on one standing, and how that was published last. */
  private static final class Group {
    private Standing standing;
    private final Set<AccessWatch> watches = new HashSet<>();

    Group(Standing standing) {
      this.standing = standing;
    }
  }

  int size() {
    return size;
  }

  /** Registers a watch before its first evaluation, so that no change of its standing is missed. */
  void add(AccessWatch watch, Published current) {
    groups
        .computeIfAbsent(watch.key, key -> new Group(Standing.of(current, key)))
        .watches
        .add(watch);
    size++;
  }

  void remove(AccessWatch watch) {
    index.remove(watch.entries);
    due.remove(watch);
    size--;
    Group group = groups.get(watch.key);
    if (group != null && group.watches.remove(watch) && group.watches.isEmpty()) {
      groups.remove(watch.key);
    }
  }

  /**
   * Registers a watch on what its answer stands on.
   *
   * @param dueMicros when it is to be looked at though nothing changes
   */
  void stand(AccessWatch watch, int[] stripes, long dueMicros) {
    index.remove(watch.entries);
    watch.entries = index.add(watch, stripes);
    due.remove(watch);
    watch.dueMicros = dueMicros;
    if (dueMicros != AccessWatch.NEVER_DUE) {
      due.add(watch);
    }
  }

  /** Names the watches that a publication concerns, some perhaps twice. */
  void changed(
      Published state, List<OrgState> changed, int[] stripes, Consumer<AccessWatch> concerned) {
    for (int stripe : stripes) {
      index.each(stripe, concerned);
    }
    for (OrgState org : changed) {
      if (org.uid().equals(Uid.SYSTEM)) {
        // It says which organizations there are, and which are switched off.
        groups.forEach((key, group) -> compare(key, group, state, concerned));
      } else {
        for (Standing.Key key : keys(org.id())) {
          Group group = groups.get(key);
          if (group != null) {
            compare(key, group, state, concerned);
          }
        }
      }
    }
  }

  /** Names the watches of an organization. */
  void ofOrganization(String organizationId, Consumer<AccessWatch> concerned) {
    for (Standing.Key key : keys(organizationId)) {
      Group group = groups.get(key);
      if (group != null) {
        group.watches.forEach(concerned);
      }
    }
  }

  /** Names all watches. */
  void all(Published state, Consumer<AccessWatch> concerned) {
    groups.forEach(
        (key, group) -> {
          group.standing = Standing.of(state, key);
          group.watches.forEach(concerned);
        });
  }

  /** Names, once, the watches that time concerns. */
  void due(long nowMicros, Consumer<AccessWatch> concerned) {
    while (!due.isEmpty() && due.first().dueMicros <= nowMicros) {
      AccessWatch watch = due.first();
      due.remove(watch);
      watch.dueMicros = AccessWatch.NEVER_DUE;
      concerned.accept(watch);
    }
  }

  private static List<Standing.Key> keys(String organizationId) {
    return List.of(new Standing.Key(organizationId, false), new Standing.Key(organizationId, true));
  }

  private static void compare(
      Standing.Key key, Group group, Published state, Consumer<AccessWatch> concerned) {
    Standing now = Standing.of(state, key);
    if (!now.equals(group.standing)) {
      group.standing = now;
      group.watches.forEach(concerned);
    }
  }
}
