package dev.modelgate.app.query;

import dev.modelgate.app.sharing.Requester;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import java.util.List;

/**
 * On what a principal may do something.
 *
 * @param principal who acts; of a kind that can
 * @param action what it wants to do
 * @param parent only registered resources below this one
 * @param kind only those of that kind; empty for all
 */
public record ResourceQuery(
    PrincipalName principal,
    String action,
    ResourceName parent,
    String kind,
    LookupContext context) {

  /** Everything that a page token is bound to. */
  List<String> parameters(Requester requester) {
    return List.of(
        requester.actor(), principal.toString(), action, parent.text(), kind, context.digest());
  }
}
