package dev.modelgate.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.FieldMask;
import com.google.rpc.ErrorInfo;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.app.commit.Sweeper;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.model.Fault;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceBlockingStub;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.DeletePrincipalRequest;
import dev.modelgate.v1.GetPrincipalRequest;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.LookupResourcesRequest;
import dev.modelgate.v1.LookupResourcesResponse;
import dev.modelgate.v1.MembershipChange;
import dev.modelgate.v1.Organization;
import dev.modelgate.v1.Principal;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.Resource;
import dev.modelgate.v1.RestorePrincipalRequest;
import dev.modelgate.v1.TransferOwnershipRequest;
import dev.modelgate.v1.TypeRight;
import dev.modelgate.v1.TypeRightChange;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateMembershipsRequest;
import dev.modelgate.v1.UpdateOrganizationRequest;
import dev.modelgate.v1.UpdateResourceRequest;
import dev.modelgate.v1.UpdateTypeRightsRequest;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.function.Executable;

/**
 * The organization {@code acme} with a profile, both planes, and a clock that a test sets; for
 * acceptance tests. Names of resources are below {@link #ACME}. Every answer from the cache is held
 * against the reference evaluator, and a mismatch fails {@link #close}.
 */
public final class Site implements AutoCloseable {
  /** The organization. */
  public static final String ACME = AdminPlane.ACME;

  /** Who administers it by owning it. */
  public static final String ADMIN = "user:admin@acme.com";

  /** The time that a test sets; a Friday at first. */
  public final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2027-01-15T11:00:00Z"));

  private final AtomicInteger mismatches = new AtomicInteger();
  private final AdminPlane plane;
  private final CachingAuthorizer authorizer;
  private final Server server;
  private final ManagedChannel channel;

  /** Makes the organization with a built-in profile. */
  public Site(String profile) {
    InstantSource wall = this::time;
    plane = new AdminPlane(wall.withZone(ZoneOffset.UTC));
    Telemetry telemetry =
        new Telemetry() {
          @Override
          public void recheckMismatch() {
            mismatches.incrementAndGet();
          }
        };
    authorizer =
        new CachingAuthorizer(
            plane.live,
            plane.stamps,
            plane.clock,
            new CheckOptions("", 8L << 20, 2, 1_024, 1),
            new CelConditions(),
            telemetry);
    String name = InProcessServerBuilder.generateName();
    try {
      server =
          InProcessServerBuilder.forName(name)
              .addService(
                  new AuthorizationGrpcService(
                      authorizer, plane.lookups(), Runnable::run, new ErrorMapper()))
              .intercept(new AdminPlane.ActorInterceptor())
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel = InProcessChannelBuilder.forName(name).build();
    admin()
        .createOrganization(
            CreateOrganizationRequest.newBuilder()
                .setOrganizationId("acme")
                .setProfile(profile)
                .setOwner(ADMIN)
                .build());
  }

  /** What is behind both planes. */
  AdminPlane plane() {
    return plane;
  }

  /** The admin plane as the system administrator, who has no limits. */
  public AdminServiceBlockingStub admin() {
    return plane.admin();
  }

  /** The admin plane as a principal of the organization, under all his limits. */
  public AdminServiceBlockingStub as(String principal) {
    return plane.as(principal);
  }

  /** Google's IAM service over the same state; {@code projects/} are in {@link #ACME}. */
  public GoogleIam google() {
    return new GoogleIam(plane, "acme");
  }

  /** The data plane. */
  public AuthorizationServiceBlockingStub data() {
    return AuthorizationServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  /** The time that was set last. */
  public Instant time() {
    return Objects.requireNonNull(now.get());
  }

  // Asking.

  /** {@code ALLOW}, {@code CONDITIONAL [attributes]} or the reason of the denial; asked twice. */
  public String check(String principal, String resource, String action) {
    return check(
        CheckRequest.newBuilder().setPrincipal(principal).setModel(resource).setAction(action));
  }

  /** The same for any question. */
  public String check(CheckRequest.Builder question) {
    String first = said(data().check(question.build()));
    assertEquals(first, said(data().check(question.build())), "asked again, from the cache");
    return first;
  }

  /** Asserts what a check of each action says. */
  public void assertChecks(String said, String principal, String resource, String... actions) {
    for (String action : actions) {
      assertEquals(
          said, check(principal, resource, action), principal + " " + action + " " + resource);
    }
  }

  /** Asserts that each action is allowed. */
  public void assertAllowed(String principal, String resource, String... actions) {
    assertChecks("ALLOW", principal, resource, actions);
  }

  /** Asserts that a call fails with exactly that reason, as the contract says of it. */
  public static ErrorInfo refused(Fault fault, Executable call) {
    return AdminPlane.refused(fault, call);
  }

  /** On what below a parent somebody may do something, as the system administrator sees it. */
  public List<String> lookup(String principal, String action, String parent, String kind) {
    LookupResourcesResponse page =
        data()
            .lookupResources(
                LookupResourcesRequest.newBuilder()
                    .setPrincipal(principal)
                    .setAction(action)
                    .setParent(parent)
                    .setKind(kind)
                    .build());
    assertTrue(page.getComplete(), "one page holds it all");
    return page.getResourcesList();
  }

  // Principals.

  /** Makes users, service accounts or apps; a strict directory knows nobody else. */
  public void principals(String... names) {
    for (String name : names) {
      put(name, request -> request);
    }
  }

  /** Makes or changes a principal. */
  public void put(String principal, UnaryOperator<PutPrincipalRequest.Builder> more) {
    PutPrincipalRequest.Builder request =
        PutPrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(principal);
    admin().putPrincipal(more.apply(request).build());
  }

  /** Makes a group that may own, with members. */
  public void group(String name, String... members) {
    put(name, request -> request.setGroupSubtype(Principal.GroupSubtype.GROUP_SUBTYPE_OWNER));
    for (String member : members) {
      member(MembershipChange.Operation.OPERATION_ADD, name, member);
    }
  }

  /** Adds to a group, or removes. */
  public void member(MembershipChange.Operation operation, String group, String member) {
    admin()
        .updateMemberships(
            UpdateMembershipsRequest.newBuilder()
                .setOrganization(ACME)
                .addChanges(
                    MembershipChange.newBuilder()
                        .setOperation(operation)
                        .setGroup(group)
                        .setMember(member))
                .build());
  }

  // Resources.

  /** Registers a resource that somebody owns. */
  public void resource(String name, String owner) {
    resource(name, owner, request -> request);
  }

  /** The same with more said about it. */
  public void resource(
      String name, String owner, UnaryOperator<CreateResourceRequest.Builder> more) {
    admin()
        .createResource(
            more.apply(CreateResourceRequest.newBuilder().setName(name).setOwner(owner)).build());
  }

  /** Sets the state flags of a resource, all others off. */
  public void flags(AdminServiceBlockingStub stub, String resource, String... flags) {
    stub.updateResource(
        UpdateResourceRequest.newBuilder()
            .setResource(Resource.newBuilder().setName(resource).addAllFlags(Arrays.asList(flags)))
            .setUpdateMask(FieldMask.newBuilder().addPaths("flags"))
            .build());
  }

  /** Switches a feature of the organization; all others are as the profile says. */
  public void feature(String feature, boolean on) {
    admin()
        .updateOrganization(
            UpdateOrganizationRequest.newBuilder()
                .setOrganization(
                    Organization.newBuilder().setName(ACME).putFeatures(feature, on).build())
                .setUpdateMask(FieldMask.newBuilder().addPaths("features"))
                .build());
  }

  /** Hands ownership over. */
  public void transfer(
      AdminServiceBlockingStub stub, String resource, String from, String to, String keepAs) {
    stub.transferOwnership(
        TransferOwnershipRequest.newBuilder()
            .setResource(resource)
            .setPreviousOwner(from)
            .setNewOwner(to)
            .setKeepPreviousAs(keepAs)
            .build());
  }

  // Grants.

  /** Shares as the system administrator, in mode SET and without any flag. */
  public void share(String resource, String principal, String role) {
    share(admin(), resource, principal, role);
  }

  /** The same as somebody else. */
  public void share(AdminServiceBlockingStub stub, String resource, String principal, String role) {
    grant(stub, resource, set(principal, role));
  }

  /** Revokes everything that a principal itself has on a resource itself. */
  public void revoke(AdminServiceBlockingStub stub, String resource, String principal) {
    grant(
        stub,
        resource,
        GrantChange.newBuilder().setMode(GrantChange.Mode.MODE_REMOVE).setPrincipal(principal));
  }

  /** A change in mode SET, to which flags can be added. */
  public static GrantChange.Builder set(String principal, String role) {
    return GrantChange.newBuilder()
        .setMode(GrantChange.Mode.MODE_SET)
        .setPrincipal(principal)
        .setRole(role);
  }

  /** Makes changes of grants in one request. */
  public void grant(
      AdminServiceBlockingStub stub, String resource, GrantChange.Builder... changes) {
    UpdateGrantsRequest.Builder request = UpdateGrantsRequest.newBuilder().setResource(resource);
    for (GrantChange.Builder change : changes) {
      request.addChanges(change);
    }
    stub.updateGrants(request.build());
  }

  /** The grants on a resource itself. */
  public List<Grant> grants(String resource) {
    return plane.grants(resource).getGrantsList();
  }

  /** The roles that a principal itself has on a resource itself. */
  public List<String> roles(String resource, String principal) {
    return plane.roles(resource, principal);
  }

  // Type rights.

  /** Gives a type right with the permissions that a role has on the kind, as the administrator. */
  public void right(
      String principal, String kind, String role, TypeRight.Depth depth, TypeRight.Effect... does) {
    rights(
        TypeRightChange.newBuilder()
            .setMode(TypeRightChange.Mode.MODE_MERGE)
            .setPrincipal(principal)
            .setKind(kind)
            .setRole(role)
            .setDepth(depth)
            .addAllEffects(Arrays.asList(does)));
  }

  /** Changes type rights in one request, as the administrator. */
  public void rights(TypeRightChange.Builder... changes) {
    UpdateTypeRightsRequest.Builder request =
        UpdateTypeRightsRequest.newBuilder().setOrganization(ACME);
    for (TypeRightChange.Builder change : changes) {
      request.addChanges(change);
    }
    admin().updateTypeRights(request.build());
  }

  /** The uid that a principal has, or had last. */
  public String uid(String principal) {
    return admin()
        .getPrincipal(
            GetPrincipalRequest.newBuilder().setOrganization(ACME).setPrincipal(principal).build())
        .getPrincipal()
        .getUid();
  }

  /** Deletes a principal. */
  public void delete(String principal) {
    admin()
        .deletePrincipal(
            DeletePrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(principal)
                .build());
  }

  /** Brings a deleted principal back. */
  public Principal restore(AdminServiceBlockingStub stub, String principal, String uid) {
    return stub.restorePrincipal(
            RestorePrincipalRequest.newBuilder()
                .setOrganization(ACME)
                .setPrincipal(principal)
                .setUid(uid)
                .build())
        .getPrincipal();
  }

  /** Lets the sweeper remove everything that it may. */
  public void sweep() {
    try (Sweeper sweeper = new Sweeper(plane.live, plane.committer, plane.clock, Duration.ZERO)) {
      sweeper.sweep();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while sweeping", e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    authorizer.close();
    plane.close();
    assertEquals(0, mismatches.get(), "answers that the reference does not give");
  }

  private static String said(CheckResponse answer) {
    return switch (answer.getDecision()) {
      case DECISION_ALLOW -> "ALLOW";
      case DECISION_DENY -> answer.getReason();
      case DECISION_CONDITIONAL -> "CONDITIONAL " + answer.getMissingAttributesList();
      case DECISION_UNSPECIFIED, UNRECOGNIZED -> answer.toString();
    };
  }
}
