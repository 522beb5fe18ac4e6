package dev.modelgate.client.protect;

import dev.modelgate.client.identity.CertificateNames;
import dev.modelgate.client.identity.NamePattern;
import java.util.List;
import java.util.Optional;

/** Whose word is taken for who calls: the proxy that authenticates callers (hazard 38). */
public sealed interface TrustedHop {

  /** Whether the peer of a connection is that hop. */
  boolean is(Credentials credentials);

  /** Whoever connects over loopback or a unix socket: a proxy in the same pod. */
  record Local() implements TrustedHop {
    @Override
    public boolean is(Credentials credentials) {
      return credentials.peer() == Credentials.Peer.LOCAL;
    }
  }

  /**
   * Whoever shows a certificate that one of these names.
   *
   * @param names each a whole name, or one with {@code {id}} for what varies
   */
  record Certificate(List<NamePattern> names) implements TrustedHop {
    /** Copies the list. */
    public Certificate {
      names = List.copyOf(names);
    }

    @Override
    public boolean is(Credentials credentials) {
      Optional<CertificateNames> shown = credentials.ofPeer();
      if (shown.isEmpty()) {
        return false;
      }
      CertificateNames own = shown.get();
      return own.areToBeBelieved()
          && names.stream()
              .anyMatch(
                  pattern ->
                      own.of(pattern.field()).stream()
                          .anyMatch(name -> pattern.match(name).isPresent()));
    }
  }
}
