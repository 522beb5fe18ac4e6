package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.util.JsonFormat;
import dev.modelgate.store.Micros;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.GrantChange;
import dev.modelgate.v1.ImportGrant;
import dev.modelgate.v1.ImportRecord;
import dev.modelgate.v1.UpdateGrantsRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A realistic organization, imported from a file by the command line and asked a million questions:
 * every answer, with its reason, denied link and end, is the reference evaluator's, which reads the
 * generated records and nothing of the server. Grants begin and end meanwhile.
 *
 * <p>{@code -Dmodelgate.realistic.questions=} and {@code -Dmodelgate.realistic.seed=} ask more, or
 * others of another organization.
 */
final class RealisticIT {
  private static final int QUESTIONS =
      Integer.getInteger("modelgate.realistic.questions", 1_000_000);
  private static final long SEED = Long.getLong("modelgate.realistic.seed", 20_261_121);

  /** So many are asked by BatchCheck, then as many by StreamCheck, and so on. */
  private static final int TURN = 25_000;

  @TempDir Path directory;

  private final Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  private final RealisticOrganization organization =
      new RealisticOrganization("realistic", RealisticOrganization.Size.DEFAULT, SEED, begin);
  private final RealisticQuestions questions =
      new RealisticQuestions(organization, RecordedWorld.actions(), SEED);
  private final RecordedWorld world =
      new RecordedWorld(organization.name(), organization.records());
  private final String defaultParent =
      organization.name() + "/" + RealisticQuestions.DEFAULT_PARENT;
  private final LongAdder allowed = new LongAdder();
  private final LongAdder ending = new LongAdder();

  @Test
  void millionQuestions_areAnsweredAsByTheReference() throws Exception {
    Path file = directory.resolve("realistic.jsonl");
    organization.write(file);
    String[] flags = {"--miss-queue", "10000", "--default-parent", defaultParent};
    try (ServedJar server = ServedJar.start(directory.resolve("data"), flags)) {
      imports(server, file);
      exportsTheSame(server);
      asks(server);
      findsOneMissingGrant(server);
      assertEquals(0, server.metric("modelgate_recheck_mismatches_total", ""));
    }
  }

  private void imports(ServedJar server, Path file) throws Exception {
    long start = System.nanoTime();
    run(server, "import", file.toString());
    double seconds = seconds(start);
    int records = organization.records().size();
    System.out.printf(
        "realistic: seed %d, begin %s, %d records imported in %.1f s, %.0f per second%n",
        SEED, begin, records, seconds, records / seconds);
  }

  /** What comes out is what went in and has not ended. */
  private void exportsTheSame(ServedJar server) throws Exception {
    Path file = directory.resolve("export.jsonl");
    run(server, "export", "--organization", organization.name(), file.toString());
    Set<ImportRecord> left = new HashSet<>(organization.records());
    left.add(Records.resource(organization.name())); // It is a resource, which import creates.
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      String line = lines.readLine(); // The header.
      for (line = lines.readLine(); line != null; line = lines.readLine()) {
        ImportRecord.Builder record = ImportRecord.newBuilder();
        JsonFormat.parser().merge(line, record);
        if (!left.remove(record.build())) {
          throw new AssertionError("exported and never imported, or twice: " + line);
        }
      }
    }
    long now = Asker.nowMicros();
    left.removeIf(record -> record.hasGrant() && end(record.getGrant()) <= now);
    assertEquals(Set.of(), left, "imported and not exported");
  }

  private void asks(ServedJar server) throws Exception {
    long startMicros = Asker.nowMicros();
    long start = System.nanoTime();
    Oracle oracle = new Oracle(world, defaultParent);
    Asker asker = new Asker(server.check());
    Asker.Judge judge =
        (index, sent, answer) -> {
          Optional<String> fault = fault(oracle, sent, answer);
          if (fault.isPresent()) {
            throw new AssertionError("seed " + SEED + ", question " + index + ": " + fault.get());
          }
          allowed.add(answer.getDecision() == Decision.DECISION_ALLOW ? 1 : 0);
          ending.add(answer.hasValidUntil() ? 1 : 0);
        };
    for (int from = 0; from < QUESTIONS; from += 2 * TURN) {
      int middle = Math.min(from + TURN, QUESTIONS);
      asker.batches(from, middle, questions::question, judge);
      asker.stream(middle, Math.min(middle + TURN, QUESTIONS), questions::question, judge);
    }
    double seconds = seconds(start);
    long ended = endsBetween(startMicros, Asker.nowMicros());
    double hits = server.metric("modelgate_check_seconds_count", "hit=\"true\"");
    System.out.printf(
        "realistic: %d checks in %.1f s, %.0f per second, %.0f from the cache, %d allowed,"
            + " %d with an end, %d grants ended meanwhile, 0 differences%n",
        QUESTIONS, seconds, QUESTIONS / seconds, hits, allowed.sum(), ending.sum(), ended);
    assertTrue(allowed.sum() > QUESTIONS / 5, () -> allowed + " allowed");
    assertTrue(ending.sum() > QUESTIONS / 20, () -> ending + " with an end");
    assertTrue(hits > QUESTIONS / 5.0 && hits < QUESTIONS * 0.9, () -> hits + " from the cache");
    assertTrue(ended > 0, "no grant ended while somebody asked");
  }

  /**
   * The proof can fail: records that lack one grant of the server's are told apart from it, and so
   * are all records once the server lacks it. The records that lack it agree with the server then,
   * whose cache was full of answers from before.
   */
  private void findsOneMissingGrant(ServedJar server) throws Exception {
    Oracle whole = new Oracle(world, defaultParent);
    ImportGrant grant = decisive(whole);
    Oracle lacking = new Oracle(world.without(grant), defaultParent);
    Asker asker = new Asker(server.check());
    var before = new Differences(lacking);
    asker.stream(0, TURN, questions::question, before);
    assertTrue(before.count.sum() > 0, "records without a grant agree with a server that has it");
    revoke(server, grant);
    var after = new Differences(whole);
    var none = new Differences(lacking);
    asker.batches(
        0,
        TURN,
        questions::question,
        (index, sent, answer) -> {
          after.judge(index, sent, answer);
          none.judge(index, sent, answer);
        });
    System.out.printf(
        "realistic: one missing grant makes %d differences in %d answers, its revocation %d%n",
        before.count.sum(), TURN, after.count.sum());
    assertTrue(after.count.sum() > 0, "records with a grant agree with a server that lacks it");
    assertEquals(0, none.count.sum(), "answers that a revoked grant still gives");
  }

  /** A grant without which one of the first questions is answered otherwise. */
  private ImportGrant decisive(Oracle whole) {
    Map<String, ImportGrant> direct = new HashMap<>();
    organization.records().stream()
        .map(ImportRecord::getGrant)
        .filter(grant -> grant.getRole().equals("user"))
        .filter(grant -> !grant.hasNotBefore() && !grant.hasExpiresAt())
        .forEach(grant -> direct.put(grant.getPrincipal() + " " + full(grant), grant));
    long now = Asker.nowMicros();
    for (int i = 0; i < TURN; i++) {
      CheckRequest question = questions.question(i);
      ImportGrant grant = direct.get(question.getPrincipal() + " " + question.getModel());
      if (grant != null
          && whole.expected(question, now).verdict().allowed()
          && !new Oracle(world.without(grant), defaultParent)
              .expected(question, now)
              .verdict()
              .allowed()) {
        return grant;
      }
    }
    throw new AssertionError("none of " + TURN + " questions hangs on one grant");
  }

  private void revoke(ServedJar server, ImportGrant grant) throws IOException {
    var unused =
        server
            .blockingAdmin()
            .updateGrants(
                UpdateGrantsRequest.newBuilder()
                    .setResource(full(grant))
                    .addChanges(
                        GrantChange.newBuilder()
                            .setMode(GrantChange.Mode.MODE_REMOVE)
                            .setPrincipal(grant.getPrincipal())
                            .setRole(grant.getRole()))
                    .build());
  }

  /** Counts the answers that an oracle finds wrong. */
  private static final class Differences implements Asker.Judge {
    private final Oracle oracle;
    private final LongAdder count = new LongAdder();

    Differences(Oracle oracle) {
      this.oracle = oracle;
    }

    @Override
    public void judge(int index, Asker.Sent sent, CheckResponse answer) {
      count.add(fault(oracle, sent, answer).isPresent() ? 1 : 0);
    }
  }

  private static Optional<String> fault(Oracle oracle, Asker.Sent sent, CheckResponse answer) {
    return oracle.fault(sent.question(), answer, sent.atMicros(), Asker.nowMicros());
  }

  private long endsBetween(long fromMicros, long toMicros) {
    return organization.records().stream()
        .filter(ImportRecord::hasGrant)
        .mapToLong(record -> end(record.getGrant()))
        .filter(end -> fromMicros < end && end <= toMicros)
        .count();
  }

  private static long end(ImportGrant grant) {
    return grant.hasExpiresAt() ? grant.getExpiresAt().getSeconds() * 1_000_000 : Micros.NEVER;
  }

  private String full(ImportGrant grant) {
    String path = grant.getResource();
    return organization.name() + (path.isEmpty() ? "" : "/" + path);
  }

  private static void run(ServedJar server, String... command) throws Exception {
    Process process = server.admin(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), output);
    assertEquals(0, process.exitValue(), output);
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
