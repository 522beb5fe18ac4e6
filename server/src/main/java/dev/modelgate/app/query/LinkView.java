package dev.modelgate.app.query;

import dev.modelgate.model.ResourceName;
import java.time.Instant;

/**
 * An external link as administrators see it; its secret nobody sees.
 *
 * @param resource where it leads
 * @param role the role of its grant; empty where that is told for itself
 * @param expiresAtMicros until when, exclusive; {@link dev.modelgate.store.Micros#NEVER} for ever
 */
public record LinkView(
    ResourceName resource,
    String id,
    String role,
    long expiresAtMicros,
    String etag,
    Instant changedAt) {}
