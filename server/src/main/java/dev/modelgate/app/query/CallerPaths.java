package dev.modelgate.app.query;

import dev.modelgate.app.state.Gathering;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Uid;
import dev.modelgate.store.row.PrincipalRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * By which groups a caller comes to be in each set that he is in: a shortest way up the group
 * graph, which goes through active groups only.
 */
final class CallerPaths {
  private final PrincipalName caller;
  private final Names names;
  private final Map<Uid, List<String>> paths = new LinkedHashMap<>();

  CallerPaths(Reading reading, PrincipalName caller) {
    this.caller = caller;
    this.names = reading.names();
    Optional<PrincipalRow> row = reading.rows().principal(caller);
    if (row.isPresent()) {
      paths.put(row.get().uid(), List.of(caller.toString()));
      climb(reading, row.get().uid());
    }
  }

  /** The way to a set or the caller himself: his name first, that of the set last. */
  List<String> to(Uid account) {
    List<String> path = paths.get(account);
    return path == null ? List.of(caller.toString(), names.principalText(account)) : path;
  }

  /** The caller, and every group that holds him, inactive ones too. */
  Iterable<Uid> all() {
    return paths.keySet();
  }

  private void climb(Reading reading, Uid member) {
    List<Uid> level = List.of(member);
    for (int depth = 0; depth < Gathering.GROUP_DEPTH_MAX && !level.isEmpty(); depth++) {
      List<Uid> next = new ArrayList<>();
      for (Uid below : level) {
        List<String> path = paths.getOrDefault(below, List.of());
        reading
            .rows()
            .eachGroupOf(
                below,
                group -> {
                  if (!paths.containsKey(group)) {
                    List<String> longer = new ArrayList<>(path);
                    longer.add(names.principalText(group));
                    paths.put(group, longer);
                    if (!reading.org().isInactiveGroup(group)) {
                      next.add(group);
                    }
                  }
                  return true;
                });
      }
      level = next;
    }
  }
}
