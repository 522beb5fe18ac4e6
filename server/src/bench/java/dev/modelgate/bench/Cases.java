package dev.modelgate.bench;

import dev.modelgate.bench.peers.Peers;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All cases, in the order in which they run. */
final class Cases {
  private static final List<Case> ALL =
      List.of(
          new ControlCase(),
          new HotCase(),
          new MissCase(),
          new StreamCase(),
          new BatchCase(),
          new DecisionLogCase(),
          new MicroCase(),
          new WideCase(),
          new ColdCase(),
          new TransportCase(),
          new ChurnCase(),
          new StalenessCase(),
          new ShapeCase(new NestedGroups(), Questions.NESTED, "nested", Target.value(250, 100)),
          new ShapeCase(new ManyGroups(), Questions.GROUPS, "groups", Target.NONE),
          new ShapeCase(new Chains(), Questions.CHAIN, "chains", Target.NONE),
          new ShapeCase(new Conditions(), Questions.CONDITIONS, "conditions", Target.NONE),
          new ShapeCase(new WidelyShared(), Questions.SHARED, "shared", Target.NONE),
          new DurableCase(),
          new MatrixCase(),
          new LibrariesCase(),
          new PeerCase(Peers.CERBOS),
          new PeerCase(Peers.OPEN_FGA),
          new PeerCase(Peers.SPICE_DB),
          new GrowthCase(),
          new MemoryCase());

  private Cases() {}

  static List<Case> all() {
    return ALL;
  }

  /** The cases of a form. */
  static List<Case> of(Case.Form form) {
    return ALL.stream().filter(each -> each.form().compareTo(form) <= 0).toList();
  }

  /**
   * The cases of these names, in the order of the table.
   *
   * @throws IllegalArgumentException for a name that no case has
   */
  static List<Case> named(List<String> names) {
    Set<String> unknown = new LinkedHashSet<>(names);
    List<Case> named = ALL.stream().filter(each -> unknown.remove(each.name())).toList();
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "no such case: `%s` (expected: some of %s)"
              .formatted(
                  String.join(",", unknown),
                  String.join(", ", ALL.stream().map(Case::name).toList())));
    }
    return named;
  }
}
