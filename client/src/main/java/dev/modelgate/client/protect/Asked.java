package dev.modelgate.client.protect;

import java.util.ArrayList;
import java.util.List;

/** Gathers what one request asks for; for one thread. */
final class Asked {
  /** The most models that one request may name. */
  static final int TARGETS_MAX = 1_000;

  private final ResourceNames names;
  private final String action;
  private final List<Target> targets = new ArrayList<>(1);
  private boolean unnamed;

  Asked(ResourceNames names, String action) {
    this.names = names;
    this.action = action;
  }

  /**
   * A place of the request that should name a model.
   *
   * @param model empty when it names none
   * @param version empty when it names none
   */
  void add(String model, String version) {
    if (model.isEmpty()) {
      unnamed = true;
      return;
    }
    Target target = new Target(names.resource(model, version), action);
    if (targets.size() == TARGETS_MAX) {
      throw new MalformedException("more than " + TARGETS_MAX + " models");
    }
    if (targets.isEmpty() || !targets.contains(target)) {
      targets.add(target);
    }
  }

  /** Unmapped when any place named no model, or there was none. */
  Outcome outcome() {
    return unnamed || targets.isEmpty()
        ? new Outcome.Unmapped("the request names no model")
        : new Outcome.Targets(targets);
  }
}
