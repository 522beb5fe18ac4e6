package dev.modelgate.proxy;

import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.check.Claims;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.Unauthenticated;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Finds who asks by the sources of the protection document: of alternatives the first whose
 * credential is there counts, and a bad one refuses.
 */
final class SourcePrincipals implements Principals {
  private static final String AUTHORIZATION = "authorization";
  private static final String BEARER = "Bearer ";

  private final List<List<Source>> links;
  private final String organization;
  private final Authenticator authenticator;
  private final MonotoneClock clock;

  /**
   * By those sources.
   *
   * @param links the alternatives of the principal, then those of each link he acts through
   * @param organization the id of the one that all models are in: an issuer that is bound to others
   *     proves nobody in it
   * @param clock what the end of a credential is held against
   */
  SourcePrincipals(
      List<List<Source>> links,
      String organization,
      Authenticator authenticator,
      MonotoneClock clock) {
    this.links = List.copyOf(links);
    this.organization = organization;
    this.authenticator = authenticator;
    this.clock = clock;
  }

  /** Who one link is, and what his token claims. */
  private record Link(String name, Claims claims) {}

  @Override
  public CompletableFuture<Proven> of(ProxiedRequest request) {
    CompletableFuture<List<Link>> all = CompletableFuture.completedFuture(new ArrayList<>());
    for (List<Source> alternatives : links) {
      all =
          all.thenCombine(
              link(alternatives, request),
              (links, link) -> {
                links.add(link);
                return links;
              });
    }
    return all.thenApply(SourcePrincipals::proven);
  }

  private static Proven proven(List<Link> links) {
    List<String> names = links.stream().map(Link::name).toList();
    return new Proven(names.get(0), names.subList(1, names.size()), links.get(0).claims());
  }

  private CompletableFuture<Link> link(List<Source> alternatives, ProxiedRequest request) {
    for (Source source : alternatives) {
      Optional<CompletableFuture<Link>> link;
      try {
        link = link(source, request);
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
      if (link.isPresent()) {
        return link.get();
      }
    }
    return CompletableFuture.failedFuture(Unauthenticated.MISSING.asException());
  }

  /** Empty when the credential is not there. */
  private Optional<CompletableFuture<Link>> link(Source source, ProxiedRequest request) {
    if (source instanceof Source.Header header) {
      return one(request, header.name())
          .map(name -> CompletableFuture.completedFuture(new Link(name, Claims.NONE)));
    }
    if (source instanceof Source.Jwt) {
      return one(request, AUTHORIZATION)
          .map(value -> authenticator.bearer(token(value)).thenApply(this::link));
    }
    return request.certificates().isEmpty()
        ? Optional.empty()
        : Optional.of(
            CompletableFuture.completedFuture(
                link(authenticator.certificate(request.certificates()))));
  }

  private static Optional<String> one(ProxiedRequest request, String header) {
    List<String> values = request.all(header);
    if (values.isEmpty()) {
      return Optional.empty();
    }
    if (values.size() > 1 || values.get(0).isBlank()) {
      throw Unauthenticated.REPEATED.asException();
    }
    return Optional.of(values.get(0));
  }

  private static String token(String value) {
    if (!value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      throw Unauthenticated.SCHEME.asException();
    }
    String token = value.substring(BEARER.length()).strip();
    if (token.isEmpty()) {
      throw Unauthenticated.SCHEME.asException();
    }
    return token;
  }

  /** A credential that names nobody of the directory proves nobody here. */
  private Link link(Caller caller) {
    if (caller.expiresAtMicros() <= clock.nowMicros() || !caller.standing().holds()) {
      throw Unauthenticated.EXPIRED.asException();
    }
    if (!caller.isOf(organization)) {
      throw Unauthenticated.ISSUER.asException();
    }
    String name = caller.principal().orElseThrow(Unauthenticated.CLAIMS::asException).toString();
    return new Link(
        name,
        caller.groups().isEmpty()
            ? Claims.NONE
            : new Claims(
                name,
                caller.organizations().orElseThrow(),
                caller.groups(),
                caller.expiresAtMicros()));
  }
}
