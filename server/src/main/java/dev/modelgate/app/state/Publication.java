package dev.modelgate.app.state;

import dev.modelgate.model.Uid;
import java.util.function.Function;

/** Where readers find the one published state. */
public interface Publication {
  /**
   * The newest state; one volatile read. Its memory part may be used for ever, its rows only when
   * retained.
   */
  Published current();

  /** Runs a reader on the newest state, whose rows stay readable meanwhile. */
  <T> T retained(Function<Published, T> reader);

  /** The newest state, retained; the caller releases it. For readers that outlive a call. */
  Published retain();

  /**
   * Takes an organization out of service because its rows cannot be read safely (hazard 12): its
   * cached answers end with this call, and until a restart every check says RESTRICTED and every
   * change is refused. Waits for a publication under way.
   *
   * @param why what was found, for the log
   */
  void restrict(Uid org, String why);

  /**
   * Has an action run after each publication that changes the organization, until the returned
   * handle is closed. The action must be quick and must not throw; it runs on the publishing thread
   * after the state was replaced and before the change is acknowledged.
   */
  AutoCloseable onChange(String organizationId, Runnable action);

  /** Has a listener told of each publication, of whatever organization, until it is closed. */
  AutoCloseable onPublication(PublicationListener listener);
}
