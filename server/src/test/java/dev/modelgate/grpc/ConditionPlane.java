package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static dev.modelgate.grpc.AdminPlane.FRAUD;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.modelgate.app.Telemetry;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.DenyRule;
import dev.modelgate.v1.DenyRuleChange;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.UpdateDenyRulesRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An admin plane with the organization {@code acme}, a data plane over the same state, and a clock
 * that a test sets. Every hit of the cache is held against the reference evaluator.
 */
final class ConditionPlane implements AutoCloseable {
  /** When it begins: a Friday. */
  static final Instant BEGIN = Instant.parse("2027-01-15T11:00:00Z");

  static final String CLEO = "user:cleo@acme.com";

  final AtomicReference<Instant> now = new AtomicReference<>(BEGIN);
  final AtomicInteger hits = new AtomicInteger();
  final AdminPlane plane;

  private final AtomicInteger mismatches = new AtomicInteger();
  private final CachingAuthorizer authorizer;
  private final Server server;
  private final ManagedChannel channel;

  ConditionPlane() {
    InstantSource wall = now::get;
    plane = new AdminPlane(wall.withZone(ZoneOffset.UTC)).withAcme();
    authorizer =
        new CachingAuthorizer(
            plane.live,
            plane.stamps,
            plane.clock,
            new CheckOptions("", 8L << 20, 2, 1_024, 1),
            new CelConditions(),
            new Counting());
    String name = InProcessServerBuilder.generateName();
    try {
      server =
          InProcessServerBuilder.forName(name)
              .addService(
                  new AuthorizationGrpcService(
                      authorizer, plane.lookups(), Runnable::run, new ErrorMapper()))
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel = InProcessChannelBuilder.forName(name).build();
  }

  private final class Counting implements Telemetry {
    @Override
    public void checked(boolean allowed, String reason, boolean hit, long nanos) {
      hits.addAndGet(hit ? 1 : 0);
    }

    @Override
    public void recheckMismatch() {
      mismatches.incrementAndGet();
    }
  }

  AuthorizationServiceGrpc.AuthorizationServiceBlockingStub data() {
    return AuthorizationServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  AuthorizationServiceGrpc.AuthorizationServiceStub async() {
    return AuthorizationServiceGrpc.newStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  /** The weight of the cache. */
  long cachedBytes() {
    return authorizer.cachedBytes();
  }

  /** Shares the model fraud. */
  void share(String principal, String role, String condition) {
    plane.admin().updateGrants(update(change(principal, role, condition)));
  }

  /** Denies a permission on the model fraud to everybody, under a condition. */
  void deny(String permission, String condition) {
    DenyRule.Builder rule =
        DenyRule.newBuilder()
            .setId("r1")
            .addPrincipals("organization:acme")
            .addPrincipals(CLEO)
            .addPermissions(permission)
            .setResource(FRAUD)
            .setCondition(condition);
    plane
        .admin()
        .updateDenyRules(
            UpdateDenyRulesRequest.newBuilder()
                .setOrganization(ACME)
                .addChanges(
                    DenyRuleChange.newBuilder()
                        .setOperation(DenyRuleChange.Operation.OPERATION_PUT)
                        .setRule(rule))
                .build());
  }

  static UpdateGrantsRequest update(GrantChange.Builder change) {
    return UpdateGrantsRequest.newBuilder().setResource(FRAUD).addChanges(change).build();
  }

  static GrantChange.Builder change(String principal, String role, String condition) {
    return GrantChange.newBuilder()
        .setMode(GrantChange.Mode.MODE_MERGE)
        .setPrincipal(principal)
        .setRole(role)
        .setCondition(condition);
  }

  /** Whether cleo may predict: the decision, and the reason or the missing attributes. */
  String predict(Struct context) {
    return check(CLEO, "predict", context);
  }

  /** The answer twice: the second time the access comes from the cache. */
  String check(String principal, String action, Struct context) {
    CheckRequest request = question(principal, action, context);
    String first = said(data().check(request));
    assertEquals(first, said(data().check(request)), "asked again");
    return first;
  }

  static CheckRequest question(String principal, String action, Struct context) {
    return CheckRequest.newBuilder()
        .setPrincipal(principal)
        .setModel(FRAUD)
        .setAction(action)
        .setContext(context)
        .build();
  }

  static String said(CheckResponse answer) {
    return switch (answer.getDecision()) {
      case DECISION_ALLOW -> "ALLOW";
      case DECISION_DENY -> answer.getReason();
      case DECISION_CONDITIONAL -> "CONDITIONAL " + answer.getMissingAttributesList();
      case DECISION_UNSPECIFIED, UNRECOGNIZED -> answer.toString();
    };
  }

  /** A context with one attribute. */
  static Struct context(String name, Value value) {
    return Struct.newBuilder().putFields(name, value).build();
  }

  static Struct context(String name, boolean value) {
    return context(name, Value.newBuilder().setBoolValue(value).build());
  }

  static Struct context(String name, double value) {
    return context(name, Value.newBuilder().setNumberValue(value).build());
  }

  static Struct context(String name, String value) {
    return context(name, Value.newBuilder().setStringValue(value).build());
  }

  static Struct context(String name, Struct value) {
    return context(name, Value.newBuilder().setStructValue(value).build());
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    authorizer.close();
    plane.close();
    assertEquals(0, mismatches.get(), "answers that the reference does not give");
  }
}
