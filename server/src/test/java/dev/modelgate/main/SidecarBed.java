package dev.modelgate.main;

import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc.AuthorizationServiceBlockingStub;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.CreateOrganizationRequest;
import dev.modelgate.v1.CreateResourceRequest;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.MembershipChange;
import dev.modelgate.v1.PutPrincipalRequest;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateMembershipsRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A whole sidecar in this process, on free ports, with stubs; and the sample organization of the
 * model.
 */
final class SidecarBed implements AutoCloseable {
  static final String PROD = "organizations/acme/environments/prod";
  static final String FRAUD = PROD + "/models/fraud";
  static final String CHURN = PROD + "/models/churn";

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> ON_BEHALF_OF =
      Metadata.Key.of("x-modelgate-on-behalf-of", Metadata.ASCII_STRING_MARSHALLER);

  private final Sidecar sidecar;
  private final ManagedChannel dataChannel;
  private final ManagedChannel adminChannel;
  private final String token;

  SidecarBed(Path directory) throws IOException {
    this(options(directory));
  }

  SidecarBed(ServeOptions options) throws IOException {
    this(new Sidecar(options));
  }

  /** Of one that runs already, which is closed with this. */
  SidecarBed(Sidecar running) throws IOException {
    this.sidecar = running;
    this.token = Files.readString(running.token().path()).strip();
    this.dataChannel = channel(sidecar.servers().dataPort());
    this.adminChannel = channel(sidecar.servers().adminPort());
  }

  /** Small, on free ports, every hit rechecked; to be changed before the start. */
  static ServeOptions options(Path directory) {
    ServeOptions options = new ServeOptions();
    options.data = directory;
    options.socket = "none";
    options.defaultParent = PROD;
    options.cacheBytes = 1 << 20;
    options.blockCacheBytes = 16 << 20;
    options.missThreads = 2;
    options.missQueue = 1_024;
    options.recheckEvery = 1;
    options.connections = 1_024;
    options.connectionsPerPeer = 128;
    options.callsPerCaller = 4_096;
    options.watchedAccesses = 20_000;
    options.watchStreamsPerCaller = 64;
    options.drainSeconds = 1;
    return options;
  }

  String token() {
    return token;
  }

  Sidecar sidecar() {
    return sidecar;
  }

  ManagedChannel adminChannel() {
    return adminChannel;
  }

  ManagedChannel dataChannel() {
    return dataChannel;
  }

  AuthorizationServiceBlockingStub data() {
    return AuthorizationServiceGrpc.newBlockingStub(dataChannel)
        .withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  AdminServiceBlockingStub admin() {
    return admin("Bearer " + token);
  }

  AdminServiceBlockingStub adminFor(String principal) {
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + token);
    headers.put(ON_BEHALF_OF, principal);
    return admin(headers);
  }

  AdminServiceBlockingStub admin(String authorization) {
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, authorization);
    return admin(headers);
  }

  AdminServiceBlockingStub admin(Metadata headers) {
    return AdminServiceGrpc.newBlockingStub(adminChannel)
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  CheckResponse check(String principal, String model, String action) {
    return data()
        .check(
            CheckRequest.newBuilder()
                .setPrincipal(principal)
                .setModel(model)
                .setAction(action)
                .build());
  }

  /** {@code ALLOW}, or the reason of the denial. */
  String answer(String principal, String model, String action) {
    CheckResponse response = check(principal, model, action);
    return response.getReason().isEmpty()
        ? response.getDecision().name().replace("DECISION_", "")
        : response.getReason();
  }

  /**
   * Makes the sample organization: ana owns fraud, which group risk (cleo) uses; ben owns churn.
   */
  void sample() {
    admin()
        .createOrganization(
            CreateOrganizationRequest.newBuilder().setOrganizationId("acme").build());
    put("user:ana@acme.com");
    put("user:ben@acme.com");
    put("user:cleo@acme.com");
    put("group:risk");
    put("serviceAccount:scorer");
    admin()
        .updateMemberships(
            UpdateMembershipsRequest.newBuilder()
                .setOrganization("organizations/acme")
                .addChanges(
                    MembershipChange.newBuilder()
                        .setOperation(MembershipChange.Operation.OPERATION_ADD)
                        .setGroup("group:risk")
                        .setMember("user:cleo@acme.com"))
                .build());
    create(PROD, "");
    create(FRAUD, "user:ana@acme.com");
    create(CHURN, "user:ben@acme.com");
    share(admin(), FRAUD, "group:risk", "user");
  }

  /** How often a bound has refused something. */
  double refused(String limit) {
    return new Probe(sidecar.httpPort()).metric("modelgate_limits_total{limit=\"" + limit + "\"}");
  }

  void put(String principal) {
    admin()
        .putPrincipal(
            PutPrincipalRequest.newBuilder()
                .setOrganization("organizations/acme")
                .setPrincipal(principal)
                .build());
  }

  void create(String name, String owner) {
    admin()
        .createResource(CreateResourceRequest.newBuilder().setName(name).setOwner(owner).build());
  }

  static void share(
      AdminServiceBlockingStub admin, String resource, String principal, String role) {
    admin.updateGrants(
        UpdateGrantsRequest.newBuilder()
            .setResource(resource)
            .addChanges(
                GrantChange.newBuilder()
                    .setMode(GrantChange.Mode.MODE_SET)
                    .setPrincipal(principal)
                    .setRole(role))
            .build());
  }

  static void revoke(AdminServiceBlockingStub admin, String resource, String principal) {
    admin.updateGrants(
        UpdateGrantsRequest.newBuilder()
            .setResource(resource)
            .addChanges(
                GrantChange.newBuilder()
                    .setMode(GrantChange.Mode.MODE_REMOVE)
                    .setPrincipal(principal))
            .build());
  }

  @Override
  public void close() {
    dataChannel.shutdownNow();
    adminChannel.shutdownNow();
    sidecar.close();
  }

  private static ManagedChannel channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }
}
