package dev.modelgate.client.protect;

import dev.modelgate.client.identity.NamePattern;
import java.util.Optional;

/**
 * A rule by which certificates map to principals.
 *
 * @param pattern of one of the certificate's names
 * @param principal a whole one, or one with {@code {id}} in it
 */
public record CertificateMapping(NamePattern pattern, String principal) {
  /** The principal that a name maps to; empty when the name does not fit. */
  Optional<String> principal(String name) {
    return pattern.match(name).map(id -> principal.replace(NamePattern.ID, id));
  }
}
