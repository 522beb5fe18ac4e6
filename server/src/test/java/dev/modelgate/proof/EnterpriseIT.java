package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.ImportHeader;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.ImportRecords;
import dev.modelgate.v1.ImportRequest;
import dev.modelgate.v1.ImportResponse;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real enterprise's access, in three forms, asked pair by pair over gRPC: each form must allow
 * exactly what the data says, before and after the same random revocations. One half of the users
 * is asked about by BatchCheck and the other by StreamCheck, and the halves change places for the
 * second pass. The pairs around revoked ones are asked by both ways right before and right after
 * each few revocations, so that answers come from the cache, and none of them from before.
 *
 * <p>Runs when the environment says MODELGATE_ENTERPRISE=true and the data is there
 * (MODELGATE_SHARED, else the folder {@code shared} beside the repository); says so when not.
 */
final class EnterpriseIT {
  private static final int BATCH = 1_000;
  private static final int REVOCATIONS = 1_000;
  private static final int REVOKED_AT_ONCE = 5;
  private static final int AROUND = 15;
  private static final String CHECKS = "modelgate_check_seconds_count";
  private static final String HIT = "hit=\"true\"";
  private static final long SEED = 20_261_121;

  /** How many of the users are asked about; fewer for a quick run by hand. */
  private static final int USERS_ASKED =
      Integer.parseInt(
          System.getenv()
              .getOrDefault("MODELGATE_ENTERPRISE_USERS", Integer.toString(EnterpriseData.USERS)));

  private static final int PAIRS = USERS_ASKED * EnterpriseData.RESOURCES;

  @TempDir Path directory;

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
    // Nearly everything is a miss, and a larger heap is collected less often.
    String[] flags = {"--miss-queue", "100000", "--heap", "512m"};
    try (ServedJar server = ServedJar.start(directory.resolve("data"), flags)) {
      prove(enterprise, server);
    }
  }

  private static void prove(EnterpriseData enterprise, ServedJar server) throws Exception {
    BitSet allowed = enterprise.direct();
    assertEquals(105_205, allowed.cardinality());
    List<EnterpriseForm> forms =
        List.of(
            EnterpriseForm.direct("ent-direct", allowed),
            groups("a", enterprise),
            groups("b", enterprise));
    for (EnterpriseForm form : forms) {
      load(server, form);
      askAll(server, form, allowed, "before", false);
    }
    List<Integer> revoked = revocations(allowed);
    for (EnterpriseForm form : forms) {
      BitSet left = (BitSet) allowed.clone();
      revoke(server, form, left, revoked);
      askAll(server, form, left, "after", true);
    }
    assertEquals(0, server.metric("modelgate_recheck_mismatches_total", ""));
  }

  private static EnterpriseForm groups(String name, EnterpriseData enterprise) throws Exception {
    return EnterpriseForm.ofGroups(
        "ent-" + name,
        enterprise.pairs("groups-" + name + "-members.csv.gz"),
        enterprise.pairs("groups-" + name + "-grants.csv.gz"));
  }

  private static List<Integer> revocations(BitSet allowed) {
    System.out.println("enterprise: seed of the revocations " + SEED);
    Random random = new Random(SEED);
    int[] pairs = allowed.get(0, PAIRS).stream().toArray();
    assertTrue(pairs.length > REVOCATIONS, "too few users are asked about");
    Set<Integer> revoked = new LinkedHashSet<>();
    while (revoked.size() < REVOCATIONS) {
      revoked.add(pairs[random.nextInt(pairs.length)]);
    }
    return List.copyOf(revoked);
  }

  private static void load(ServedJar server, EnterpriseForm form) throws Exception {
    long start = System.nanoTime();
    List<ImportRecord> records = form.records();
    CompletableFuture<ImportResponse> answer = new CompletableFuture<>();
    StreamObserver<ImportRequest> out =
        server
            .admin()
            .import_(
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
                    .setOrganization("organizations/" + form.id())
                    .setCreateOrganization(true))
            .build());
    for (int i = 0; i < records.size(); i += BATCH) {
      List<ImportRecord> part = records.subList(i, Math.min(i + BATCH, records.size()));
      out.onNext(
          ImportRequest.newBuilder()
              .setRecords(ImportRecords.newBuilder().addAllRecords(part))
              .build());
    }
    out.onCompleted();
    ImportResponse response = answer.get(5, TimeUnit.MINUTES);
    assertEquals(records.size(), response.getAppliedRecords());
    System.out.printf(
        "enterprise: %s: %d records imported in %.1f s%n",
        form.id(), records.size(), seconds(start));
  }

  /** Answers are looked at where they arrive, for that costs less than handing them over. */
  private static Asker asker(ServedJar server) {
    return new Asker(server.check().withExecutor(Runnable::run));
  }

  /** Every pair once, one half of them by each way. */
  private static void askAll(
      ServedJar server, EnterpriseForm form, BitSet allowed, String when, boolean swapped)
      throws Exception {
    long start = System.nanoTime();
    Asker asker = asker(server);
    Asker.Judge judge = (index, sent, answer) -> judge(form, allowed, index, answer);
    int half = PAIRS / 2;
    asker.batches(swapped ? half : 0, swapped ? PAIRS : half, form::question, judge);
    asker.stream(swapped ? 0 : half, swapped ? half : PAIRS, form::question, judge);
    double seconds = seconds(start);
    System.out.printf(
        "enterprise: %s %s: %d checks in %.1f s, %.0f per second, as the data says%n",
        form.id(), when, PAIRS, seconds, PAIRS / seconds);
  }

  /** Takes the pairs from the form, a few at a time, and asks about those near them. */
  private static void revoke(
      ServedJar server, EnterpriseForm form, BitSet left, List<Integer> revoked) throws Exception {
    long start = System.nanoTime();
    AdminServiceBlockingStub admin = server.blockingAdmin();
    Asker asker = asker(server);
    double hits = server.metric(CHECKS, HIT);
    long checks = 0;
    for (int from = 0; from < revoked.size(); from += REVOKED_AT_ONCE) {
      List<Integer> few = revoked.subList(from, Math.min(from + REVOKED_AT_ONCE, revoked.size()));
      int[] near = around(few);
      askTwice(asker, form, left, near);
      for (int index : few) {
        form.revoke(
            admin, index / EnterpriseData.RESOURCES + 1, index % EnterpriseData.RESOURCES + 1);
        left.clear(index);
      }
      askTwice(asker, form, left, near);
      checks += 4L * near.length;
    }
    hits = server.metric(CHECKS, HIT) - hits;
    System.out.printf(
        "enterprise: %s: %d revocations and %d checks around them in %.1f s, %.0f from the cache%n",
        form.id(), revoked.size(), checks, seconds(start), hits);
    // A full cache takes what is asked a second time, and a revocation may touch all of it: of the
    // four times, at least most of the last one.
    double least = checks * 0.2;
    assertTrue(hits > least, hits + " of " + checks + " from the cache");
  }

  private static void askTwice(Asker asker, EnterpriseForm form, BitSet allowed, int[] pairs)
      throws InterruptedException {
    Asker.Judge judge = (i, sent, answer) -> judge(form, allowed, pairs[i], answer);
    asker.batches(0, pairs.length, i -> form.question(pairs[i]), judge);
    asker.stream(0, pairs.length, i -> form.question(pairs[i]), judge);
  }

  /** These pairs and those near them, which are so few that the cache keeps them for a while. */
  private static int[] around(List<Integer> pairs) {
    return pairs.stream()
        .flatMapToInt(
            pair ->
                IntStream.rangeClosed(
                    Math.max(0, pair - AROUND), Math.min(PAIRS - 1, pair + AROUND)))
        .distinct()
        .toArray();
  }

  private static void judge(EnterpriseForm form, BitSet allowed, int index, CheckResponse answer) {
    boolean allow = allowed.get(index);
    Decision decision = allow ? Decision.DECISION_ALLOW : Decision.DECISION_DENY;
    String reason = allow ? "" : "NO_GRANT";
    if (answer.getDecision() != decision || !answer.getReason().equals(reason)) {
      throw new AssertionError(
          form.question(index) + ": " + answer + " instead of " + decision + " " + reason);
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
