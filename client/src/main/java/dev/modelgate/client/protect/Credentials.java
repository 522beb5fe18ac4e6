package dev.modelgate.client.protect;

import dev.modelgate.client.identity.CertificateNames;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a request shows of who sends it. The headers may be only those that {@link
 * Principals#headers} names.
 *
 * @param headers values by name, one per line of the request; names in any case
 * @param certificates the peer's chain, its own first, as the listener has verified it; empty when
 *     it showed none
 * @param names those of the peer's certificate where whoever verified it tells no more than that
 * @param peer where the connection comes from
 */
public record Credentials(
    Map<String, List<String>> headers,
    List<X509Certificate> certificates,
    Optional<CertificateNames> names,
    Peer peer) {

  /** Those of a connection that is seen here. */
  public Credentials(
      Map<String, List<String>> headers, List<X509Certificate> certificates, Peer peer) {
    this(headers, certificates, Optional.empty(), peer);
  }

  /** Where a connection comes from. */
  public enum Peer {
    /** Loopback, or a unix socket. */
    LOCAL,
    /** Anywhere else, or it is not known. */
    REMOTE
  }

  /** Copies both, the names of headers in lower case. */
  public Credentials {
    Map<String, List<String>> copy = new LinkedHashMap<>();
    headers.forEach(
        (name, values) ->
            copy.computeIfAbsent(name.toLowerCase(Locale.ROOT), key -> new ArrayList<>(1))
                .addAll(values));
    headers = copy;
    certificates = List.copyOf(certificates);
  }

  /** The names of the peer's certificate, which was verified; empty when it showed none. */
  Optional<CertificateNames> ofPeer() {
    return certificates.isEmpty() ? names : Optional.of(CertificateNames.of(certificates.get(0)));
  }

  /** The values of a header, by its name in lower case. */
  List<String> all(String name) {
    return headers.getOrDefault(name, List.of());
  }

  /** All but the headers, which have tokens. */
  @Override
  public String toString() {
    return "Credentials[certificates=" + certificates.size() + ", peer=" + peer + "]";
  }
}
