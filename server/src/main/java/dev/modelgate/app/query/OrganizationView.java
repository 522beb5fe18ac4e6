package dev.modelgate.app.query;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * An organization, as administrators see it.
 *
 * @param id {@code acme}
 * @param uid in hexadecimal
 * @param features the features that it switches itself, each with whether it is on
 * @param revision the token of the moment at which this was read
 */
public record OrganizationView(
    String id,
    String uid,
    String displayName,
    Map<String, Boolean> features,
    String profile,
    long profileVersion,
    State state,
    String etag,
    Instant createdAt,
    Instant changedAt,
    String revision,
    Optional<SuspensionView> suspension) {

  /** Copies the map. */
  public OrganizationView {
    features = Map.copyOf(features);
  }

  /** Whether it works. */
  public enum State {
    ACTIVE,
    SUSPENDED,
    RESTRICTED
  }
}
