package dev.modelgate.grpc;

import static dev.modelgate.grpc.AdminPlane.ACME;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.app.Telemetry;
import dev.modelgate.app.check.Answer;
import dev.modelgate.app.check.AnswerSink;
import dev.modelgate.app.check.CachingAuthorizer;
import dev.modelgate.app.check.CheckOptions;
import dev.modelgate.app.check.Claims;
import dev.modelgate.app.check.Consistency;
import dev.modelgate.app.check.Question;
import dev.modelgate.app.check.Request;
import dev.modelgate.app.commit.Sweeper;
import dev.modelgate.app.state.OrgState;
import dev.modelgate.cel.CelConditions;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.Refusal;
import dev.modelgate.model.profile.ProfileDocument;
import dev.modelgate.model.profile.Vocabulary;
import dev.modelgate.store.Actor;
import dev.modelgate.store.ChangeSet;
import dev.modelgate.store.LogRecord;
import dev.modelgate.store.Micros;
import dev.modelgate.store.Mutation;
import dev.modelgate.store.RequestId;
import dev.modelgate.store.Urgency;
import dev.modelgate.store.row.OrgRows;
import dev.modelgate.store.row.ProfileRow;
import dev.modelgate.store.row.SettingsRow;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.Grant;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ListGrantsRequest;
import dev.modelgate.v1.MembershipChange;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateMembershipsRequest;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * An admin plane whose organization {@code acme} has a profile with a type layer, and a data plane
 * over the same state. Every hit of its cache is held against the reference evaluator.
 */
final class TypePlane implements AutoCloseable {
  final AdminPlane plane = new AdminPlane();
  final AtomicLong mismatches = new AtomicLong();

  private final CachingAuthorizer authorizer;
  private final Server server;
  private final ManagedChannel channel;

  TypePlane() {
    this(document("typed.yaml"));
  }

  TypePlane(ProfileDocument profile) {
    plane.withAcme();
    install(profile);
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
                      authorizer,
                      plane.lookups(),
                      "",
                      Runnable::run,
                      plane.trail::add,
                      new ErrorMapper()))
              .build()
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel = InProcessChannelBuilder.forName(name).build();
  }

  AuthorizationServiceGrpc.AuthorizationServiceBlockingStub data() {
    return AuthorizationServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  /** {@code ALLOW}, or the reason of the denial. */
  String check(String principal, String resource, String action) {
    CheckRequest request =
        CheckRequest.newBuilder()
            .setPrincipal(principal)
            .setModel(resource)
            .setAction(action)
            .build();
    String first = said(data().check(request));
    assertEquals(first, said(data().check(request)), "asked again, from the cache");
    return first;
  }

  /** The same for somebody whose token claims a group. */
  String claiming(String principal, String group, String resource, String action) {
    CompletableFuture<String> said = new CompletableFuture<>();
    Claims claims =
        new Claims(principal, Set.of("acme"), List.of(PrincipalName.parse(group)), Micros.NEVER);
    authorizer.check(
        new Question(
            principal,
            resource,
            action,
            List.of(),
            Consistency.CURRENT,
            Request.EMPTY.with(claims)),
        new AnswerSink() {
          @Override
          public void answered(Answer answer) {
            said.complete(answer.allowed() ? "ALLOW" : answer.reason());
          }

          @Override
          public void refused(Refusal refusal) {
            said.completeExceptionally(refusal.asException());
          }
        });
    return said.orTimeout(30, TimeUnit.SECONDS).join();
  }

  static String said(CheckResponse answer) {
    return answer.getDecision() == Decision.DECISION_ALLOW ? "ALLOW" : answer.getReason();
  }

  /** Shares single permissions for good. */
  void grant(String resource, String principal, boolean canShare, String... permissions) {
    plane
        .admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(resource)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_MERGE)
                        .setPrincipal(principal)
                        .setCanShare(canShare)
                        .setPermissions(
                            dev.modelgate.v1.Permissions.newBuilder()
                                .addAllPermissions(List.of(permissions))))
                .build());
  }

  /** Shares a role for good, with the right to share it on. */
  void shareOn(String resource, String principal, String role) {
    plane
        .admin()
        .updateGrants(
            UpdateGrantsRequest.newBuilder()
                .setResource(resource)
                .addChanges(
                    GrantChange.newBuilder()
                        .setMode(GrantChange.Mode.MODE_MERGE)
                        .setPrincipal(principal)
                        .setCanShare(true)
                        .setRole(role))
                .build());
  }

  /** The direct grants on a resource. */
  List<Grant> grants(String resource) {
    return plane
        .admin()
        .listGrants(ListGrantsRequest.newBuilder().setResource(resource).build())
        .getGrantsList();
  }

  /** Adds to a group, or removes. */
  static UpdateMembershipsRequest membership(boolean add, String group, String member) {
    return UpdateMembershipsRequest.newBuilder()
        .setOrganization(ACME)
        .addChanges(
            MembershipChange.newBuilder()
                .setOperation(
                    add
                        ? MembershipChange.Operation.OPERATION_ADD
                        : MembershipChange.Operation.OPERATION_REMOVE)
                .setGroup(group)
                .setMember(member))
        .build();
  }

  /** Sweeps what deleted objects left behind. */
  void sweep() {
    try (Sweeper sweeper = new Sweeper(plane.live, plane.committer, plane.clock, Duration.ZERO)) {
      sweeper.sweep();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads rows of {@code acme} as they are published. */
  <T> T read(Function<OrgRows, T> reader) {
    return plane.live.retained(
        state -> reader.apply(state.rows(state.organization("acme").orElseThrow())));
  }

  /** Gives {@code acme} a profile that no binary has, by writing its rows. */
  void install(ProfileDocument document) {
    OrgState org = plane.live.current().organization("acme").orElseThrow();
    SettingsRow old = org.settings().orElseThrow();
    long version = old.profileVersion() + 1;
    Vocabulary vocabulary = document.extended(version == 2 ? Vocabulary.EMPTY : old.vocabulary());
    SettingsRow settings =
        new SettingsRow(
            old.id(),
            old.displayName(),
            document.name(),
            version,
            vocabulary,
            old.features(),
            1,
            1,
            1);
    Mutation[] rows = {
      new ProfileRow(version, document.name(), 1, document.text()).put(), settings.put()
    };
    ChangeSet changeSet =
        new ChangeSet(
            org.uid(),
            org.head().version(),
            org.head().digest(),
            Actor.SYSTEM_ADMINISTRATOR,
            RequestId.NONE,
            new byte[0],
            org.head().at(),
            "",
            List.of(rows));
    plane
        .log
        .append(LogRecord.of(changeSet), plane.log.epoch(), Urgency.PRESSING)
        .toCompletableFuture()
        .join();
  }

  static ProfileDocument document(String resource) {
    return ProfileDocument.parse(text(resource));
  }

  /** The profile of the other tests with another text. */
  static ProfileDocument typed(UnaryOperator<String> edit) {
    return ProfileDocument.parse(edit.apply(text("typed.yaml")));
  }

  /** The profile of the other tests with other switches. */
  static ProfileDocument typedWith(Map<String, String> switches) {
    String text = text("typed.yaml");
    for (Map.Entry<String, String> entry : switches.entrySet()) {
      String line = "  " + entry.getKey() + ": ";
      text =
          text.contains("\n" + line)
              ? text.replaceFirst("(?m)^" + line + ".*$", line + entry.getValue())
              : text + line + entry.getValue() + "\n";
    }
    return ProfileDocument.parse(text);
  }

  static String text(String resource) {
    try (InputStream in = TypePlane.class.getResourceAsStream(resource)) {
      return new String(
          Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
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
}
