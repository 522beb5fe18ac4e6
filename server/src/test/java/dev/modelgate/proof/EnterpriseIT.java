package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real enterprise's access, in three forms, asked pair by pair over gRPC: each form must allow
 * exactly what the data says, before and after the same random revocations. One half of the users
 * is asked about by BatchCheck and the other by StreamCheck, and the halves change places for the
 * second pass; the pairs around the revoked ones are asked twice, so that answers come from the
 * cache too.
 *
 * <p>Runs when the environment says MODELGATE_ENTERPRISE=true and the data is there
 * (MODELGATE_SHARED, else the folder {@code shared} beside the repository); says so when not.
 */
final class EnterpriseIT {
  private static final int BATCH = 1_000;
  private static final int REVOCATIONS = 1_000;
  private static final int AROUND = 25;
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
    try (ServedJar server = ServedJar.start(directory.resolve("data"), "--miss-queue", "100000")) {
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
    Set<Integer> revoked = revocations(allowed);
    for (EnterpriseForm form : forms) {
      askAround(server, form, allowed, revoked, "before");
    }
    revoked.forEach(allowed::clear);
    for (EnterpriseForm form : forms) {
      long start = System.nanoTime();
      for (int index : revoked) {
        form.revoke(
            server.blockingAdmin(),
            index / EnterpriseData.RESOURCES + 1,
            index % EnterpriseData.RESOURCES + 1);
      }
      System.out.printf(
          "enterprise: %s: %d revocations in %.1f s%n", form.id(), REVOCATIONS, seconds(start));
      askAround(server, form, allowed, revoked, "after");
      askAll(server, form, allowed, "after", true);
    }
  }

  private static EnterpriseForm groups(String name, EnterpriseData enterprise) throws Exception {
    return EnterpriseForm.ofGroups(
        "ent-" + name,
        enterprise.pairs("groups-" + name + "-members.csv.gz"),
        enterprise.pairs("groups-" + name + "-grants.csv.gz"));
  }

  private static Set<Integer> revocations(BitSet allowed) {
    System.out.println("enterprise: seed of the revocations " + SEED);
    Random random = new Random(SEED);
    int[] pairs = allowed.get(0, PAIRS).stream().toArray();
    Set<Integer> revoked = new HashSet<>();
    while (revoked.size() < REVOCATIONS) {
      revoked.add(pairs[random.nextInt(pairs.length)]);
    }
    return revoked;
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

  /** Every pair once, one half of them by each way. */
  private static void askAll(
      ServedJar server, EnterpriseForm form, BitSet allowed, String when, boolean swapped)
      throws Exception {
    long start = System.nanoTime();
    Asker asker = new Asker(server.check());
    Asker.Judge judge = (index, sent, answer) -> judge(form, allowed, index, answer);
    int half = PAIRS / 2;
    asker.batches(swapped ? half : 0, swapped ? PAIRS : half, form::question, judge);
    asker.stream(swapped ? 0 : half, swapped ? half : PAIRS, form::question, judge);
    double seconds = seconds(start);
    System.out.printf(
        "enterprise: %s %s: %d checks in %.1f s, %.0f per second, as the data says%n",
        form.id(), when, PAIRS, seconds, PAIRS / seconds);
  }

  /** What is near the revoked pairs, twice: the second answers come from the cache. */
  private static void askAround(
      ServedJar server, EnterpriseForm form, BitSet allowed, Set<Integer> revoked, String when)
      throws Exception {
    int[] near =
        revoked.stream()
            .flatMapToInt(
                index ->
                    java.util.stream.IntStream.rangeClosed(
                        Math.max(0, index - AROUND), Math.min(PAIRS - 1, index + AROUND)))
            .toArray();
    Asker asker = new Asker(server.check());
    for (int pass = 0; pass < 2; pass++) {
      asker.stream(
          0,
          near.length,
          i -> form.question(near[i]),
          (i, sent, answer) -> judge(form, allowed, near[i], answer));
    }
    System.out.printf(
        "enterprise: %s %s: %d checks around the revocations%n", form.id(), when, 2 * near.length);
  }

  private static void judge(EnterpriseForm form, BitSet allowed, int index, CheckResponse answer) {
    Decision expected = allowed.get(index) ? Decision.DECISION_ALLOW : Decision.DECISION_DENY;
    if (answer.getDecision() != expected) {
      throw new AssertionError(form.question(index) + ": " + answer + " instead of " + expected);
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
