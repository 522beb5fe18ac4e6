package dev.modelgate.app.query;

import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;

/**
 * A question whose answer is to be explained.
 *
 * @param principal who acts; of a kind that can
 * @param action what it wants to do
 */
public record ExplainQuery(
    PrincipalName principal, ResourceName resource, String action, LookupContext context) {}
