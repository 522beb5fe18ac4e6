package dev.modelgate.app.query;

import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.ResourceName;
import java.util.List;

/**
 * Who may do something to a resource.
 *
 * @param expand whether members are listed in place of the groups, domains and organization that
 *     they are in
 */
public record PrincipalQuery(
    ResourceName resource, String action, boolean expand, LookupContext context) {

  /** Everything that a page token is bound to. */
  List<String> parameters(Requester requester) {
    return List.of(
        requester.actor(), resource.text(), action, String.valueOf(expand), context.digest());
  }
}
