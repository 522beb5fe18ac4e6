package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.AdminServiceGrpc;
import dev.modelgate.v1.AuthorizationServiceGrpc;
import dev.modelgate.v1.BatchCheckRequest;
import dev.modelgate.v1.BatchCheckResponse;
import dev.modelgate.v1.BatchCheckResult;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportMembership;
import dev.modelgate.v1.ImportPrincipal;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportRecords;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResource;
import dev.modelgate.v1.ImportResponse;
import dev.modelgate.v1.MembershipChange;
import dev.modelgate.v1.UpdateGrantsRequest;
import dev.modelgate.v1.UpdateMembershipsRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real enterprise's access, in three forms, asked pair by pair over gRPC: each form must allow
 * exactly what the data says, before and after the same random revocations. Runs when the
 * environment says MODELGATE_ENTERPRISE=true and the data is there (MODELGATE_SHARED, else the
 * folder {@code shared} beside the repository); says so when not.
 */
final class EnterpriseIT {
  private static final int BATCH = 1_000;
  private static final int BATCHES_IN_FLIGHT = 4;
  private static final int REVOCATIONS = 1_000;
  private static final long SEED = 20_261_121;

  /** How many of the users are asked about; fewer for a quick run by hand. */
  private static final int USERS_ASKED =
      Integer.parseInt(
          System.getenv()
              .getOrDefault("MODELGATE_ENTERPRISE_USERS", Integer.toString(EnterpriseData.USERS)));

  @TempDir Path directory;

  private AdminServiceGrpc.AdminServiceStub admin = AdminServiceGrpc.newStub(unused());
  private AdminServiceGrpc.AdminServiceBlockingStub blocking =
      AdminServiceGrpc.newBlockingStub(unused());
  private AuthorizationServiceGrpc.AuthorizationServiceFutureStub data =
      AuthorizationServiceGrpc.newFutureStub(unused());

  @Test
  void everyPair_inEveryForm_isAllowedExactlyWhereTheDataSays() throws Exception {
    String shared = System.getenv().getOrDefault("MODELGATE_SHARED", "../../shared");
    EnterpriseData enterprise = new EnterpriseData(Path.of(shared, "data", "enterprise"));
    if (!"true".equals(System.getenv("MODELGATE_ENTERPRISE"))) {
      System.out.println("enterprise proof: not asked for");
      return;
    }
    if (!enterprise.isPresent()) {
      System.out.println("enterprise data: absent");
      return;
    }
    Process server = serve();
    try {
      prove(enterprise);
    } finally {
      server.destroy();
      assertTrue(server.waitFor(60, TimeUnit.SECONDS));
    }
  }

  private void prove(EnterpriseData enterprise) throws Exception {
    BitSet allowed = enterprise.direct();
    assertEquals(105_205, allowed.cardinality());
    Form direct = new Form("ent-direct", List.of(), List.of(), allowed);
    Form a =
        new Form(
            "ent-a",
            enterprise.pairs("groups-a-members.csv.gz"),
            enterprise.pairs("groups-a-grants.csv.gz"),
            null);
    Form b =
        new Form(
            "ent-b",
            enterprise.pairs("groups-b-members.csv.gz"),
            enterprise.pairs("groups-b-grants.csv.gz"),
            null);
    List<Form> forms = List.of(direct, a, b);
    for (Form form : forms) {
      load(form);
      askAll(form, allowed, "before");
    }
    System.out.println("enterprise: seed of the revocations " + SEED);
    Random random = new Random(SEED);
    int[] pairs = allowed.get(0, USERS_ASKED * EnterpriseData.RESOURCES).stream().toArray();
    Set<Integer> revoked = new HashSet<>();
    while (revoked.size() < REVOCATIONS) {
      revoked.add(pairs[random.nextInt(pairs.length)]);
    }
    revoked.forEach(allowed::clear);
    for (Form form : forms) {
      long start = System.nanoTime();
      for (int index : revoked) {
        form.revoke(index / EnterpriseData.RESOURCES + 1, index % EnterpriseData.RESOURCES + 1);
      }
      System.out.printf(
          "enterprise: %s: %d revocations in %.1f s%n", form.id, REVOCATIONS, seconds(start));
      askAll(form, allowed, "after");
    }
  }

  /** One organization: direct grants, or groups of users with grants. */
  private final class Form {
    private final String id;
    private final Map<Integer, Set<Integer>> groupsOfUser = new HashMap<>();
    private final Map<Integer, Set<Integer>> grantsOfGroup = new LinkedHashMap<>();
    private final Map<Integer, Set<Integer>> directOfUser = new HashMap<>();

    Form(
        String id,
        List<int[]> members,
        List<int[]> grants,
        @org.jspecify.annotations.Nullable BitSet direct) {
      this.id = id;
      members.forEach(m -> groupsOfUser.computeIfAbsent(m[1], u -> new HashSet<>()).add(m[0]));
      grants.forEach(g -> grantsOfGroup.computeIfAbsent(g[0], u -> new HashSet<>()).add(g[1]));
      if (direct != null) {
        direct.stream()
            .forEach(
                i ->
                    directOfUser
                        .computeIfAbsent(i / EnterpriseData.RESOURCES + 1, u -> new HashSet<>())
                        .add(i % EnterpriseData.RESOURCES + 1));
      }
    }

    String model(int resource) {
      return "organizations/" + id + "/models/m" + resource;
    }

    /**
     * Takes one pair: out of every group that gives it, and what else those gave is granted
     * directly.
     */
    void revoke(int user, int resource) {
      Set<Integer> direct = directOfUser.computeIfAbsent(user, u -> new HashSet<>());
      Set<Integer> groups = groupsOfUser.getOrDefault(user, new HashSet<>());
      Set<Integer> left = new HashSet<>();
      Set<Integer> lost = new HashSet<>();
      for (int group : groups) {
        if (grantsOfGroup.getOrDefault(group, Set.of()).contains(resource)) {
          left.add(group);
          lost.addAll(grantsOfGroup.getOrDefault(group, Set.of()));
        }
      }
      groups.removeAll(left);
      for (int other : lost) {
        if (other != resource && direct.add(other)) {
          update(user, other, GrantChange.Mode.MODE_SET);
        }
      }
      if (!left.isEmpty()) {
        UpdateMembershipsRequest.Builder leave =
            UpdateMembershipsRequest.newBuilder().setOrganization("organizations/" + id);
        left.forEach(
            group ->
                leave.addChanges(
                    MembershipChange.newBuilder()
                        .setOperation(MembershipChange.Operation.OPERATION_REMOVE)
                        .setGroup("group:g" + group)
                        .setMember("user:u" + user)));
        var unused = blocking.updateMemberships(leave.build());
      }
      if (direct.remove(resource)) {
        update(user, resource, GrantChange.Mode.MODE_REMOVE);
      }
    }

    private void update(int user, int resource, GrantChange.Mode mode) {
      GrantChange.Builder change =
          GrantChange.newBuilder().setMode(mode).setPrincipal("user:u" + user);
      if (mode == GrantChange.Mode.MODE_SET) {
        change.setRole("user");
      }
      var unused =
          blocking.updateGrants(
              UpdateGrantsRequest.newBuilder()
                  .setResource(model(resource))
                  .addChanges(change)
                  .build());
    }

    List<ImportRecord> records() {
      List<ImportRecord> records = new ArrayList<>();
      for (int user = 1; user <= EnterpriseData.USERS; user++) {
        records.add(
            ImportRecord.newBuilder()
                .setPrincipal(ImportPrincipal.newBuilder().setPrincipal("user:u" + user))
                .build());
      }
      for (int resource = 1; resource <= EnterpriseData.RESOURCES; resource++) {
        records.add(
            ImportRecord.newBuilder()
                .setResource(ImportResource.newBuilder().setName("models/m" + resource))
                .build());
      }
      Set<Integer> groups = new HashSet<>(grantsOfGroup.keySet());
      groupsOfUser.values().forEach(groups::addAll);
      groups.forEach(
          g ->
              records.add(
                  ImportRecord.newBuilder()
                      .setPrincipal(ImportPrincipal.newBuilder().setPrincipal("group:g" + g))
                      .build()));
      groupsOfUser.forEach(
          (user, ofUser) ->
              ofUser.forEach(
                  g ->
                      records.add(
                          ImportRecord.newBuilder()
                              .setMembership(
                                  ImportMembership.newBuilder()
                                      .setGroup("group:g" + g)
                                      .setMember("user:u" + user))
                              .build())));
      grantsOfGroup.forEach(
          (g, resources) -> resources.forEach(r -> records.add(grant("group:g" + g, r))));
      directOfUser.forEach(
          (u, resources) -> resources.forEach(r -> records.add(grant("user:u" + u, r))));
      return records;
    }

    private ImportRecord grant(String principal, int resource) {
      return ImportRecord.newBuilder()
          .setGrant(
              ImportGrant.newBuilder()
                  .setResource("models/m" + resource)
                  .setPrincipal(principal)
                  .setRole("user"))
          .build();
    }
  }

  private void load(Form form) throws Exception {
    long start = System.nanoTime();
    List<ImportRecord> records = form.records();
    CompletableFuture<ImportResponse> answer = new CompletableFuture<>();
    StreamObserver<ImportRequest> out =
        admin.import_(
            new StreamObserver<>() {
              @Override
              public void onNext(ImportResponse response) {
                answer.complete(response);
              }

              @Override
              public void onError(Throwable t) {
                answer.completeExceptionally(t);
              }

              @Override
              public void onCompleted() {}
            });
    out.onNext(
        ImportRequest.newBuilder()
            .setHeader(
                ImportHeader.newBuilder()
                    .setSchema(1)
                    .setOrganization("organizations/" + form.id)
                    .setCreateOrganization(true))
            .build());
    for (int i = 0; i < records.size(); i += BATCH) {
      out.onNext(
          ImportRequest.newBuilder()
              .setRecords(
                  ImportRecords.newBuilder()
                      .addAllRecords(records.subList(i, Math.min(i + BATCH, records.size()))))
              .build());
    }
    out.onCompleted();
    ImportResponse response = answer.get(5, TimeUnit.MINUTES);
    assertEquals(records.size(), response.getAppliedRecords());
    System.out.printf(
        "enterprise: %s: %d records imported in %.1f s%n", form.id, records.size(), seconds(start));
  }

  private void askAll(Form form, BitSet allowed, String when) throws Exception {
    long start = System.nanoTime();
    Deque<Map.Entry<Integer, Future<BatchCheckResponse>>> inFlight = new ArrayDeque<>();
    int total = USERS_ASKED * EnterpriseData.RESOURCES;
    for (int from = 0; from < total; from += BATCH) {
      BatchCheckRequest.Builder batch = BatchCheckRequest.newBuilder();
      for (int i = from; i < Math.min(from + BATCH, total); i++) {
        batch
            .addItemsBuilder()
            .setPrincipal("user:u" + (i / EnterpriseData.RESOURCES + 1))
            .setModel(form.model(i % EnterpriseData.RESOURCES + 1))
            .setAction("predict");
      }
      inFlight.add(Map.entry(from, data.batchCheck(batch.build())));
      if (inFlight.size() >= BATCHES_IN_FLIGHT) {
        compare(form, allowed, inFlight.removeFirst());
      }
    }
    while (!inFlight.isEmpty()) {
      compare(form, allowed, inFlight.removeFirst());
    }
    double seconds = seconds(start);
    System.out.printf(
        "enterprise: %s %s: %d checks in %.1f s, %.0f per second, as the data says%n",
        form.id, when, total, seconds, total / seconds);
  }

  private static void compare(
      Form form, BitSet allowed, Map.Entry<Integer, Future<BatchCheckResponse>> batch)
      throws Exception {
    int index = batch.getKey();
    for (BatchCheckResult result : batch.getValue().get(2, TimeUnit.MINUTES).getResultsList()) {
      Decision expected = allowed.get(index) ? Decision.DECISION_ALLOW : Decision.DECISION_DENY;
      if (result.getResponse().getDecision() != expected) {
        throw new AssertionError(
            form.id
                + ": user "
                + (index / EnterpriseData.RESOURCES + 1)
                + ", resource "
                + (index % EnterpriseData.RESOURCES + 1)
                + ": "
                + result
                + " instead of "
                + expected);
      }
      index++;
    }
  }

  private Process serve() throws IOException {
    Path store = directory.resolve("data");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                System.getProperty("modelgate.jar"),
                "serve",
                "--data",
                store.toString(),
                "--port",
                "0",
                "--admin-port",
                "0",
                "--http-port",
                "0",
                "--miss-queue",
                "100000")
            .redirectErrorStream(true)
            .start();
    BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
    Map<String, Integer> ports = new HashMap<>();
    String line = lines.readLine();
    while (line != null && !line.equals("serving")) {
      int colon = line.lastIndexOf(':');
      if (line.matches("(data|admin) plane 127.0.0.1:\\d+")) {
        ports.put(line.substring(0, line.indexOf(' ')), Integer.valueOf(line.substring(colon + 1)));
      }
      line = lines.readLine();
    }
    Metadata token = new Metadata();
    token.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + Files.readString(store.resolve("admin.token")).strip());
    ManagedChannel adminChannel = channel(ports.getOrDefault("admin", 0));
    var attach = MetadataUtils.newAttachHeadersInterceptor(token);
    admin = AdminServiceGrpc.newStub(adminChannel).withInterceptors(attach);
    blocking = AdminServiceGrpc.newBlockingStub(adminChannel).withInterceptors(attach);
    data = AuthorizationServiceGrpc.newFutureStub(channel(ports.getOrDefault("data", 0)));
    return process;
  }

  private static ManagedChannel unused() {
    return channel(1);
  }

  private static ManagedChannel channel(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
