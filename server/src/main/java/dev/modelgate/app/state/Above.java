package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import java.util.List;

/**
 * The groups that hold a group, directly or not, through active ones only.
 *
 * @param active those that give something, each once
 * @param anySuspended whether one of them, active or not, is suspended
 */
record Above(List<Uid> active, boolean anySuspended) {
  /** The most groups that are remembered of one; what holds more is walked to each time. */
  static final int GROUPS_MAX = 256;

  /** Copies the list. */
  Above {
    active = List.copyOf(active);
  }
}
