package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.rpc.ErrorInfo;
import dev.modelgate.app.MonotoneClock;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.audit.TrailEvent;
import dev.modelgate.app.commit.OrganizationCommitter;
import dev.modelgate.app.commit.OrganizationCreation;
import dev.modelgate.app.query.AdminQueries;
import dev.modelgate.app.query.ChangeFeed;
import dev.modelgate.app.query.Exports;
import dev.modelgate.app.query.Lookups;
import dev.modelgate.app.sharing.Requester;
import dev.modelgate.app.state.LiveState;
import dev.modelgate.app.state.Stamps;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.model.Fault;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.store.EmbeddedChangeLog;
import dev.modelgate.store.LineageId;
import dev.modelgate.store.MemoryReplica;
import dev.modelgate.store.Position;
import dev.modelgate.store.Replica;
import dev.modelgate.store.row.Rows;
import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.ListGrantsResponse;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.function.Executable;

/**
 * A whole admin plane over a store in memory, called in-process. The header {@code actor} stands
 * for authentication: absent, the call is the system administrator's.
 */
final class AdminPlane implements AutoCloseable {
  static final String ACME = "organizations/acme";
  static final String PROD = ACME + "/environments/prod";
  static final String FRAUD = PROD + "/models/fraud";
  static final String ANA = "user:ana@acme.com";
  static final String BEN = "user:ben@acme.com";

  private static final Metadata.Key<String> ACTOR =
      Metadata.Key.of("actor", Metadata.ASCII_STRING_MARSHALLER);
  static final int WATCHES_MAX = 16;

  final Replica replica;
  final Stamps stamps = new Stamps();
  final LiveState live;
  final MonotoneClock clock;
  final OrganizationCommitter committer;
  final EmbeddedChangeLog log;
  final AdminGrpcService service;
  final OneToken token = new OneToken("one");
  final MemoryTrail trailLog = new MemoryTrail();

  /** What bounds refused, each by its name. */
  final List<String> limited = new CopyOnWriteArrayList<>();

  final List<TrailEvent> trail = new CopyOnWriteArrayList<>();
  private final ExecutorService executor =
      new ThreadPoolExecutor(8, 8, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(256));
  private final Server server;
  private final ManagedChannel channel;

  AdminPlane() {
    this(Clock.systemUTC());
  }

  AdminPlane(Clock wall) {
    this(wall, MemoryReplica.Faults.NONE);
  }

  AdminPlane(Clock wall, MemoryReplica.Faults faults) {
    this(wall, new MemoryReplica(LineageId.random(), Rows::check, faults), Position.START);
  }

  /**
   * Over another store.
   *
   * @param replica closed by the caller, after this
   */
  AdminPlane(Clock wall, Replica replica, Position position) {
    this.replica = replica;
    live = new LiveState(replica, stamps);
    clock = new MonotoneClock(wall);
    log = new EmbeddedChangeLog(replica.identity(), position, live, live::recover);
    committer = new OrganizationCommitter(live, replica, log, clock);
    service =
        new AdminGrpcService(
            committer,
            new OrganizationCreation(live, committer, committer::load, executor),
            AdminQueries.over(live, replica, trailLog, clock, new CelConditions()),
            new ChangeFeed(live, replica, clock, WATCHES_MAX),
            new Exports(live, clock),
            new CelConditions(),
            token,
            trail::add,
            executor,
            new ErrorMapper(
                new Telemetry() {
                  @Override
                  public void limited(String limit) {
                    limited.add(limit);
                  }
                }));
    String name = InProcessServerBuilder.generateName();
    try {
      server =
          InProcessServerBuilder.forName(name)
              .addService(service)
              .intercept(new ActorInterceptor())
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel = InProcessChannelBuilder.forName(name).build();
  }

  /** Lookups in what it holds. */
  Lookups lookups() {
    return new Lookups(live, clock, new CelConditions());
  }

  /** The system administrator's stub. */
  AdminServiceGrpc.AdminServiceBlockingStub admin() {
    return AdminServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  /** The stub of a principal acted for. */
  AdminServiceGrpc.AdminServiceBlockingStub as(String principal) {
    Metadata headers = new Metadata();
    headers.put(ACTOR, principal);
    return admin().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** The same, asynchronous. */
  AdminServiceGrpc.AdminServiceStub asyncAs(String principal) {
    Metadata headers = new Metadata();
    headers.put(ACTOR, principal);
    return async().withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  AdminServiceGrpc.AdminServiceStub async() {
    return AdminServiceGrpc.newStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  /** {@code acme} with administrator ana, environment prod and model fraud owned by ana. */
  AdminPlane withAcme() {
    admin()
        .createOrganization(
            CreateOrganizationRequest.newBuilder()
                .setOrganizationId("acme")
                .setDisplayName("Acme")
                .setOwner(ANA)
                .build());
    resource(PROD);
    resource(FRAUD);
    return this;
  }

  void resource(String name) {
    admin().createResource(CreateResourceRequest.newBuilder().setName(name).setOwner(ANA).build());
  }

  void principal(String name) {
    admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(name).build());
  }

  void share(String resource, String principal, String role) {
    admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(resource)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_MERGE)
                        .setPrincipal(principal)
                        .setRole(role))
                .build());
  }

  /** The grants on a resource itself. */
  ListGrantsResponse grants(String resource) {
    return admin().listGrants(ListGrantsRequest.newBuilder().setResource(resource).build());
  }

  /** The roles that a principal itself has on a resource itself, in their order. */
  List<String> roles(String resource, String principal) {
    return grants(resource).getGrantsList().stream()
        .filter(grant -> grant.getPrincipal().equals(principal))
        .map(Grant::getRole)
        .toList();
  }

  /** Asserts that a call fails with exactly that reason, and hands out the details. */
  static ErrorInfo refused(Fault fault, Executable call) {
    Errors errors = Errors.of(assertThrows(StatusRuntimeException.class, call));
    assertEquals(fault.name(), errors.info().getReason(), () -> errors.info().toString());
    assertEquals(ErrorMapper.code(fault), errors.code());
    return errors.info();
  }

  /** Asserts that a call fails with that reason because of that field. */
  static ErrorInfo refused(Fault fault, String field, Executable call) {
    ErrorInfo info = refused(fault, call);
    assertEquals(field, info.getMetadataOrDefault("field", ""), info::toString);
    return info;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    log.close();
    executor.shutdownNow();
    live.close();
  }

  /** Stands for authentication. */
  static final class ActorInterceptor implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      Requester requester =
          Optional.ofNullable(headers.get(ACTOR))
              .map(actor -> Requester.onBehalfOf(PrincipalName.parse(actor)))
              .orElse(Requester.SYSTEM_ADMINISTRATOR);
      return Contexts.interceptCall(
          Context.current().withValue(RequesterContext.KEY, requester), call, headers, next);
    }
  }
}
