package dev.modelgate.app.query;

import dev.modelgate.model.ResourceName;
import dev.modelgate.store.row.ResourceRow;
import java.time.Instant;
import java.util.Optional;

/**
 * A registered resource, as administrators see it.
 *
 * @param kind what the organization's profile calls it; empty when it no longer has such a kind
 * @param uid in hexadecimal
 * @param attributes what is said about it
 */
public record ResourceView(
    ResourceName name,
    String kind,
    String uid,
    ResourceRow.Attributes attributes,
    String etag,
    Instant createdAt,
    Instant changedAt,
    Optional<SuspensionView> suspension) {}
