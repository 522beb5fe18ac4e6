package dev.modelgate.app.state;

import java.util.List;

/**
 * Hears of each publication: on the publishing thread, one at a time and in their order, after the
 * state was replaced and before the change is acknowledged. Must be quick and must not throw.
 */
public interface PublicationListener {
  /**
   * Some things have changed.
   *
   * @param state what is published now
   * @param changed the organizations that have another state, {@code system} perhaps among them
   * @param stripes those whose stamps were raised, some perhaps twice
   */
  void published(Published state, List<OrgState> changed, int[] stripes);

  /** It is not known what has changed: all stamps were raised. */
  void recovered(Published state);
}
