package dev.modelgate.app.state;

import dev.modelgate.decision.Facts;
import dev.modelgate.model.Uid;
import dev.modelgate.model.UnitName;
import java.util.List;

/**
 * All that is to know of a caller before a resource is looked at, in one state.
 *
 * @param accounts the caller, when it has a record, and every set that it is in: whoever a grant or
 *     rule can name and mean the caller
 * @param claimed groups that a token says it is in: they give what is no administration, deny, and
 *     bound, each by itself; they are no exception and widen no ceiling (hazard 18)
 * @param suspended whether the caller or a group of it is suspended
 * @param state what the directory says of it
 * @param unit its own unit; the whole organization without a record
 */
public record Subject(
    List<Uid> accounts, List<Uid> claimed, boolean suspended, Facts.Caller state, UnitName unit) {
  /** Copies the lists. */
  public Subject {
    accounts = List.copyOf(accounts);
    claimed = List.copyOf(claimed);
  }

  /** One who claims nothing. */
  public Subject(List<Uid> accounts, boolean suspended, Facts.Caller state, UnitName unit) {
    this(accounts, List.of(), suspended, state, unit);
  }
}
