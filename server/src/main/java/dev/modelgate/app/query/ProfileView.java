package dev.modelgate.app.query;

import java.time.Instant;
import java.util.Optional;

/**
 * A profile as administrators see it.
 *
 * @param organization the id of the organization whose version it is; empty for a built-in one
 * @param profile what the document calls itself
 * @param version from 1; 0 for a built-in one
 * @param current whether it holds in its organization
 * @param document the text; empty in listings
 * @param digest SHA-256 of the text, in hexadecimal
 * @param createdAt when it was put; empty for a built-in one
 * @param etag of the one that holds; else empty
 */
public record ProfileView(
    Optional<String> organization,
    String profile,
    long version,
    boolean current,
    String document,
    String digest,
    Optional<Instant> createdAt,
    String etag) {

  /** The same without the text. */
  ProfileView withoutDocument() {
    return new ProfileView(organization, profile, version, current, "", digest, createdAt, etag);
  }
}
