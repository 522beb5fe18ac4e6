package dev.modelgate.app.query;

import dev.modelgate.app.commit.Order;
import dev.modelgate.app.sharing.Command;
import java.util.List;

/**
 * A mutation of which is asked what it would do.
 *
 * @param organizationId where to; {@code system} for a system command
 * @param order what comes with it
 * @param digest says which request this is, for a page token is bound to it
 * @param context the attributes of the requests that are decided before and after
 */
public record PreviewQuery(
    String organizationId, Order order, Command command, String digest, LookupContext context) {

  /** Everything that a page token is bound to. */
  List<String> parameters() {
    return List.of(order.requester().actor(), digest, context.digest());
  }
}
