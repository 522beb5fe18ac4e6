package dev.modelgate.client.protect;

import dev.modelgate.client.identity.CertificateNames;
import dev.modelgate.client.identity.TokenException;
import dev.modelgate.client.protect.Proof.Proven;
import dev.modelgate.client.protect.Proof.Unproven;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Proves who sends a request, by the {@code principal} and {@code acting-through} of a protection
 * document. Thread-safe; nothing here blocks.
 *
 * <p>Invariant: of alternatives the first whose credential is present counts, good or bad; nobody
 * becomes another by adding a bad credential. What stands more than once where one is to stand is
 * refused.
 */
public final class Principals implements AutoCloseable {
  private static final String AUTHORIZATION = "authorization";
  private static final String FORWARDED = "x-forwarded-client-cert";
  private static final String BEARER = "Bearer ";

  /** The longest token, in characters. */
  static final int TOKEN_CHARS_MAX = 8_192;

  /** One link of the chain. */
  private record Link(String name, Instant until) {}

  private final PrincipalRules rules;
  private final Supplier<Instant> now;
  private final TokenLinks tokens;

  private Principals(PrincipalRules rules, Supplier<Instant> now) {
    this.rules = rules;
    this.now = now;
    this.tokens = new TokenLinks(jwts(rules), now);
  }

  /**
   * Begins to load the keys of issuers, on threads of its own that end with {@link #close}.
   *
   * @throws ProtectionException when the document does not say who asks, leaves that to a sidecar,
   *     or trusted certificates cannot be read
   */
  public static Principals of(Protection protection) {
    return of(protection.principals(), Instant::now);
  }

  /**
   * As {@link #of(Protection)}, for the sidecar, to which a document may leave tokens and
   * certificates.
   *
   * @throws ProtectionException when the document does not say who asks, or trusted certificates
   *     cannot be read
   */
  public static Principals inTheSidecar(Protection protection) {
    requirePrincipal(protection.principals());
    return new Principals(protection.principals(), Instant::now);
  }

  private static void requirePrincipal(PrincipalRules rules) {
    if (rules.principal().isEmpty()) {
      throw new ProtectionException("`principal` is missing: nobody could be proven to ask");
    }
  }

  static Principals of(PrincipalRules rules, Supplier<Instant> now) {
    requirePrincipal(rules);
    for (CredentialSource source : all(rules)) {
      boolean ofTheSidecar =
          source instanceof CredentialSource.Jwt jwt && jwt.issuers().isEmpty()
              || source instanceof CredentialSource.Certificate own && own.mappings().isEmpty();
      if (ofTheSidecar) {
        throw new ProtectionException(
            "`sidecar` (expected: settings, for only the sidecar has those of the sidecar)");
      }
    }
    return new Principals(rules, now);
  }

  private static List<CredentialSource> all(PrincipalRules rules) {
    List<CredentialSource> all = new ArrayList<>(rules.principal());
    all.addAll(rules.actingThrough());
    return all;
  }

  private static List<CredentialSource.Jwt> jwts(PrincipalRules rules) {
    List<CredentialSource.Jwt> jwts = new ArrayList<>();
    for (CredentialSource source : all(rules)) {
      if (source instanceof CredentialSource.Jwt jwt && !jwt.issuers().isEmpty()) {
        jwts.add(jwt);
      }
    }
    return jwts;
  }

  /** The headers that credentials need, in lower case. */
  public Set<String> headers() {
    Set<String> names = new LinkedHashSet<>();
    for (CredentialSource source : all(rules)) {
      if (source instanceof CredentialSource.Header header) {
        names.add(header.name());
      } else if (source instanceof CredentialSource.Jwt) {
        names.add(AUTHORIZATION);
      } else if (source instanceof CredentialSource.ForwardedCertificate) {
        names.add(FORWARDED);
      }
    }
    return names;
  }

  /**
   * Proves what a document leaves to the sidecar; a future that fails proves nobody. Never blocks.
   */
  public interface OfTheSidecar {
    /** Who holds a token, of which nothing is known but that it is not empty. */
    CompletableFuture<Proven> token(String token);

    /** Who holds a certificate that was verified; the chain has at least one. */
    CompletableFuture<Proven> certificate(List<X509Certificate> chain);
  }

  /** Who asks; completes at once but for a token that is seen first, never with a failure. */
  public CompletableFuture<Proof> prove(Credentials credentials) {
    return prove(credentials, Optional.empty());
  }

  /** The same in the sidecar. */
  public CompletableFuture<Proof> prove(Credentials credentials, OfTheSidecar sidecar) {
    return prove(credentials, Optional.of(sidecar));
  }

  private CompletableFuture<Proof> prove(Credentials credentials, Optional<OfTheSidecar> sidecar) {
    List<CompletableFuture<Link>> links = new ArrayList<>();
    try {
      links.add(first(rules.principal(), credentials, sidecar));
      for (CredentialSource source : rules.actingThrough()) {
        links.add(first(List.of(source), credentials, sidecar));
      }
    } catch (MalformedException e) {
      return CompletableFuture.completedFuture(new Unproven(e.why()));
    }
    return CompletableFuture.allOf(links.toArray(CompletableFuture<?>[]::new))
        .handle(
            (done, failure) -> {
              if (failure != null) {
                Throwable cause = failure.getCause() == null ? failure : failure.getCause();
                return new Unproven(
                    cause instanceof TokenException || cause instanceof MalformedException
                        ? String.valueOf(cause.getMessage())
                        : "a credential could not be verified");
              }
              return proven(links.stream().map(CompletableFuture::join).toList());
            });
  }

  private Proof proven(List<Link> links) {
    Instant until = Instant.MAX;
    List<String> names = new ArrayList<>();
    for (Link link : links) {
      until = link.until().isBefore(until) ? link.until() : until;
      names.add(link.name());
    }
    return until.isAfter(now.get())
        ? new Proven(names.get(0), names.subList(1, names.size()), until)
        : new Unproven("a credential that has ended");
  }

  private CompletableFuture<Link> first(
      List<CredentialSource> sources, Credentials credentials, Optional<OfTheSidecar> sidecar) {
    for (CredentialSource source : sources) {
      CompletableFuture<Link> link = link(source, credentials, sidecar);
      if (link != null) {
        return link;
      }
    }
    throw new MalformedException("no credential");
  }

  /** The link that a credential proves; null when it is not there. */
  private @Nullable CompletableFuture<Link> link(
      CredentialSource source, Credentials credentials, Optional<OfTheSidecar> sidecar) {
    if (source instanceof CredentialSource.Header header) {
      return one(credentials, header.name())
          .map(value -> header(header, value, credentials))
          .orElse(null);
    }
    if (source instanceof CredentialSource.Jwt jwt && jwt.issuers().isEmpty()) {
      return one(credentials, AUTHORIZATION)
          .map(value -> link(required(sidecar).token(bearer(value))))
          .orElse(null);
    }
    if (source instanceof CredentialSource.Jwt jwt) {
      return one(credentials, AUTHORIZATION)
          .map(value -> tokens.verify(jwt, bearer(value)))
          .map(verified -> verified.thenApply(token -> link(token.name(), token.until())))
          .orElse(null);
    }
    if (source instanceof CredentialSource.ForwardedCertificate forwarded) {
      return one(credentials, FORWARDED)
          .map(value -> forwarded(forwarded, value, credentials))
          .orElse(null);
    }
    if (source instanceof CredentialSource.Certificate certificate) {
      return certificate(certificate, credentials, sidecar);
    }
    throw new IllegalStateException("a source of another kind: " + source);
  }

  private static Optional<String> one(Credentials credentials, String header) {
    List<String> values = credentials.all(header);
    if (values.size() > 1) {
      throw new MalformedException("the header `" + header + "` stands more than once");
    }
    return values.isEmpty() ? Optional.empty() : Optional.of(values.get(0));
  }

  private static CompletableFuture<Link> header(
      CredentialSource.Header header, String value, Credentials credentials) {
    if (header.hop().isPresent() && !header.hop().get().is(credentials)) {
      throw new MalformedException("the header `" + header.name() + "` from an untrusted hop");
    }
    // Proxies join lines with commas: two values would be one name.
    return CompletableFuture.completedFuture(
        link(header.kind().isEmpty() ? value : header.kind() + ":" + value, Instant.MAX));
  }

  private static String bearer(String value) {
    if (!value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      throw new MalformedException("the header `authorization` is not `Bearer <token>`");
    }
    String token = value.substring(BEARER.length()).strip();
    if (token.isEmpty() || token.length() > TOKEN_CHARS_MAX) {
      throw new MalformedException("a token that is empty or too long");
    }
    return token;
  }

  private static CompletableFuture<Link> forwarded(
      CredentialSource.ForwardedCertificate source, String value, Credentials credentials) {
    if (!source.hop().is(credentials)) {
      throw new MalformedException("a forwarded certificate from an untrusted hop");
    }
    CertificateNames names = ForwardedCertificates.names(value);
    return CompletableFuture.completedFuture(link(mapped(source.mappings(), names), Instant.MAX));
  }

  /** The link that the peer's certificate proves; null when there is none. */
  private static @Nullable CompletableFuture<Link> certificate(
      CredentialSource.Certificate source,
      Credentials credentials,
      Optional<OfTheSidecar> sidecar) {
    Optional<CertificateNames> names = credentials.ofPeer();
    if (names.isEmpty()) {
      return null;
    }
    List<X509Certificate> chain = credentials.certificates();
    if (source.mappings().isEmpty()) {
      if (chain.isEmpty()) {
        throw new MalformedException("a certificate of which only the name is known");
      }
      return link(required(sidecar).certificate(chain));
    }
    Instant until = Instant.MAX;
    for (X509Certificate certificate : chain) {
      Instant end = certificate.getNotAfter().toInstant();
      until = end.isBefore(until) ? end : until;
    }
    return CompletableFuture.completedFuture(link(mapped(source.mappings(), names.get()), until));
  }

  private static OfTheSidecar required(Optional<OfTheSidecar> sidecar) {
    return sidecar.orElseThrow(() -> new MalformedException("a credential for the sidecar alone"));
  }

  private static CompletableFuture<Link> link(CompletableFuture<Proven> proven) {
    return proven.thenApply(who -> link(who.principal(), who.until()));
  }

  private static String mapped(List<CertificateMapping> mappings, CertificateNames names) {
    if (names.areToBeBelieved()) {
      for (CertificateMapping mapping : mappings) {
        for (String name : names.of(mapping.pattern().field())) {
          Optional<String> principal = mapping.principal(name);
          if (principal.isPresent()) {
            return principal.get();
          }
        }
      }
    }
    throw new MalformedException("a certificate that maps to nobody");
  }

  private static Link link(String name, Instant until) {
    if (!PrincipalReader.isPrincipal(name)) {
      throw new MalformedException("a credential that names no user, serviceAccount or app");
    }
    return new Link(name, until);
  }

  /** Verifies no more tokens. */
  @Override
  public void close() {
    tokens.close();
  }
}
