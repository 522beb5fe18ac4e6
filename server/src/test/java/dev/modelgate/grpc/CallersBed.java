package dev.modelgate.grpc;

import dev.modelgate.app.Telemetry;
import dev.modelgate.app.check.AccessWatches;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.app.check.Decision;
import dev.modelgate.app.check.LoggedAuthorizer;
import dev.modelgate.app.check.WatchOptions;
import dev.modelgate.app.identity.Authenticator;
import dev.modelgate.app.identity.Caller;
import dev.modelgate.app.identity.CallerRules;
import dev.modelgate.app.identity.Unauthenticated;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceBlockingStub;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceStub;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Both planes with authentication, rules for callers, and an issuer that says of a token what a
 * test says; over {@code acme} as {@link AdminPlane} makes it.
 */
final class CallersBed implements AutoCloseable {
  /** The end of the tokens that claim groups, far ahead of any clock. */
  static final long CLAIMS_END_MICROS = 4_000_000_000_000_000L;

  final AdminPlane plane;

  /** The decision log, of every check. */
  final BlockingQueue<Decision> decisions = new LinkedBlockingQueue<>();

  private final Map<String, Caller> issued = new ConcurrentHashMap<>();
  private final CachingAuthorizer authorizer;
  private final AccessWatches watches;
  private final AccessStreams streams;
  private final Server server;
  private final ManagedChannel channel;

  CallersBed(CallerRules rules) {
    this(rules, Clock.systemUTC());
  }

  CallersBed(CallerRules rules, Clock wall) {
    plane = new AdminPlane(wall).withAcme();
    ErrorMapper errors = new ErrorMapper();
    Authentication authentication =
        new Authentication(
            new Issuer(),
            rules,
            Authentication.Unidentified.LOCAL,
            plane.clock,
            plane.trail::add,
            Telemetry.NONE,
            errors);
    authorizer =
        new CachingAuthorizer(
            plane.live,
            plane.stamps,
            plane.clock,
            new CheckOptions(AdminPlane.PROD, 1 << 20, 2, 1_024, 1),
            new CelConditions(),
            Telemetry.NONE);
    var logged =
        new LoggedAuthorizer(
            authorizer, decisions::add, 1, Authentication::presentCredential, plane.clock);
    watches =
        new AccessWatches(
            plane.live,
            plane.stamps,
            plane.clock,
            authorizer,
            logged,
            WatchOptions.DEFAULT,
            Telemetry.NONE);
    streams = new AccessStreams(watches, AccessStreams.STREAMS_PER_CALLER_MAX);
    var checks =
        new AuthorizationGrpcService(
            logged,
            plane.lookups(),
            AdminPlane.PROD,
            Optional.of(streams),
            Runnable::run,
            plane.trail::add,
            errors);
    String name = InProcessServerBuilder.generateName();
    try {
      server =
          InProcessServerBuilder.forName(name)
              .addTransportFilter(authentication.connections())
              .addService(
                  ServerInterceptors.intercept(plane.service, authentication.forAdministration()))
              .addService(
                  CredentialedMethods.of(
                      checks.bindService(),
                      authentication.forChecks(),
                      authentication.forAdministration(),
                      AuthorizationGrpcService.CREDENTIALED))
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel = InProcessChannelBuilder.forName(name).build();
  }

  /** Makes {@code jwt:corp:<subject>} the credential of a principal; answers the token. */
  String issue(String subject, String principal, String... organizations) {
    Optional<Set<String>> bound =
        organizations.length == 0 ? Optional.empty() : Optional.of(Set.of(organizations));
    return issue(subject, principal, bound, Micros.NEVER);
  }

  /** The same until its end. */
  String issueUntil(long endMicros, String subject, String principal) {
    return issue(subject, principal, Optional.empty(), endMicros);
  }

  private String issue(
      String subject, String principal, Optional<Set<String>> bound, long endMicros) {
    issued.put(
        subject,
        new Caller(
            "jwt:corp:" + subject,
            Optional.of(PrincipalName.parse(principal)),
            bound,
            List.of(),
            endMicros,
            "test"));
    return subject;
  }

  /** The same in one organization, with a token that claims a group. */
  String claim(String subject, String principal, String organization, String group) {
    issued.put(
        subject,
        new Caller(
            "jwt:corp:" + subject,
            Optional.of(PrincipalName.parse(principal)),
            Optional.of(Set.of(organization)),
            List.of(PrincipalName.parse(group)),
            CLAIMS_END_MICROS,
            "test"));
    return subject;
  }

  /** The admin plane with a token, for each of those principals. */
  AdminServiceBlockingStub admin(String token, String... onBehalfOf) {
    return AdminServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(token, onBehalfOf)))
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  /** The data plane with a token, or without any for an empty one. */
  AuthorizationServiceBlockingStub data(String token, String... onBehalfOf) {
    return AuthorizationServiceGrpc.newBlockingStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(token, onBehalfOf)))
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  AuthorizationServiceStub stream(String token) {
    return AuthorizationServiceGrpc.newStub(channel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(token)))
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  private static Metadata headers(String token, String... onBehalfOf) {
    Metadata headers = new Metadata();
    if (!token.isEmpty()) {
      headers.put(Authentication.AUTHORIZATION, "Bearer " + token);
    }
    for (String principal : onBehalfOf) {
      headers.put(Requesters.ON_BEHALF_OF, principal);
    }
    return headers;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    streams.close();
    watches.close();
    authorizer.close();
    plane.close();
  }

  private final class Issuer implements Authenticator {
    @Override
    public CompletableFuture<Caller> bearer(String token) {
      if (plane.token.is(token)) {
        return CompletableFuture.completedFuture(Caller.bootstrap(plane.token.standing()));
      }
      Caller caller = issued.get(token);
      return caller == null
          ? CompletableFuture.failedFuture(Unauthenticated.TOKEN.asException())
          : CompletableFuture.completedFuture(caller);
    }

    @Override
    public Caller certificate(List<X509Certificate> chain) {
      throw Unauthenticated.CERTIFICATE.asException();
    }
  }
}
