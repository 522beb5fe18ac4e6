package dev.modelgate.app.query;

import dev.modelgate.model.ResourceName;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A registered resource, as administrators see it.
 *
 * @param kind what the organization's profile calls it; empty when it no longer has such a kind
 * @param uid in hexadecimal
 */
public record ResourceView(
    ResourceName name,
    String kind,
    String uid,
    String displayName,
    Map<String, String> labels,
    String etag,
    Instant createdAt,
    Instant changedAt,
    Optional<SuspensionView> suspension) {
  /** Copies the map. */
  public ResourceView {
    labels = Map.copyOf(labels);
  }
}
