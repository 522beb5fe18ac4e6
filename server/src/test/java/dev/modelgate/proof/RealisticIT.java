package dev.modelgate.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.modelgate.decision.ReferenceEvaluator;
import dev.modelgate.decision.ReferenceEvaluator.Verdict;
import dev.modelgate.model.PrincipalName;
import dev.modelgate.model.ResourceName;
import dev.modelgate.v1.CheckRequest;
import dev.modelgate.v1.CheckResponse;
import dev.modelgate.v1.Decision;
import dev.modelgate.v1.ImportRecord;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A realistic organization, imported from a file by the command line and asked a million questions:
 * every answer is the reference evaluator's, which reads the generated records and nothing of the
 * server.
 */
final class RealisticIT {
  private static final int QUESTIONS =
      Integer.getInteger("modelgate.realistic.questions", 1_000_000);
  private static final long SEED = Long.getLong("modelgate.realistic.seed", 20_261_121);

  /** One in how many answers is held against every later moment. */
  private static final int LATER_EVERY = 64;

  private static final int HOURS_AHEAD = 6;

  @TempDir Path directory;

  private final AtomicLong allowed = new AtomicLong();
  private final AtomicLong bounded = new AtomicLong();

  @Test
  void millionQuestions_areAnsweredAsByTheReference() throws Exception {
    var organization =
        new RealisticOrganization(
            "realistic", RealisticOrganization.Size.DEFAULT, SEED, Instant.now());
    Path file = directory.resolve("realistic.jsonl");
    organization.write(file);
    var world = new RecordedWorld(organization.name(), organization.records());
    var questions = new RealisticQuestions(organization, SEED);
    System.out.println(
        "realistic: seed " + SEED + ", " + organization.records().size() + " records");
    try (ServedJar server = ServedJar.start(directory.resolve("data"), "--miss-queue", "100000")) {
      imports(server, file, organization.records().size());
      exportsTheSame(server, organization);
      long start = System.nanoTime();
      Asker asker = new Asker(server.check());
      Asker.Judge judge =
          (index, answer) -> judge(world, organization, questions.question(index), index, answer);
      asker.batches(0, QUESTIONS / 2, questions::question, judge);
      asker.stream(QUESTIONS / 2, QUESTIONS, questions::question, judge);
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          "realistic: %d checks in %.1f s, %.0f per second, %d allowed, %d with an end, 0 differences%n",
          QUESTIONS, seconds, QUESTIONS / seconds, allowed.get(), bounded.get());
      assertTrue(allowed.get() > QUESTIONS / 10, () -> allowed + " allowed");
      assertTrue(bounded.get() > QUESTIONS / 100, () -> bounded + " with an end");
      assertTrue(findsWhatIsMissing(asker, organization, questions), "nothing found a lost grant");
    }
  }

  private static void imports(ServedJar server, Path file, int records) throws Exception {
    long start = System.nanoTime();
    run(server, "import", file.toString());
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.printf(
        "realistic: imported in %.1f s, %.0f per second%n", seconds, records / seconds);
  }

  /** What comes out is what went in. */
  private void exportsTheSame(ServedJar server, RealisticOrganization organization)
      throws Exception {
    Path file = directory.resolve("export.jsonl");
    run(server, "export", "--organization", organization.name(), file.toString());
    Set<ImportRecord> exported = new HashSet<>();
    List<String> lines = Files.readAllLines(file);
    for (String line : lines.subList(1, lines.size())) {
      exported.add(parse(line));
    }
    Set<ImportRecord> imported = new HashSet<>(organization.records());
    exported.removeIf(record -> record.getResource().getName().equals(organization.name()));
    Set<ImportRecord> lost = new HashSet<>(imported);
    lost.removeAll(exported);
    exported.removeAll(imported);
    assertEquals("[] []", first(lost) + " " + first(exported));
  }

  private void judge(
      RecordedWorld world,
      RealisticOrganization organization,
      CheckRequest question,
      int index,
      CheckResponse answer) {
    Verdict verdict = verdict(world, question, Instant.now());
    if (verdict.allowed() != (answer.getDecision() == Decision.DECISION_ALLOW)
        || !verdict.reason().equals(answer.getReason())
        || !verdict.deniedLink().equals(answer.getDeniedLink())) {
      throw new AssertionError(
          question + " answered " + answer + ", reference:\n" + verdict.derivation());
    }
    allowed.addAndGet(verdict.allowed() ? 1 : 0);
    bounded.addAndGet(answer.hasValidUntil() ? 1 : 0);
    if (index % LATER_EVERY == 0) {
      judgeLater(world, organization, question, answer, verdict);
    }
  }

  /** An answer does not change by itself before the time that it names. */
  private static void judgeLater(
      RecordedWorld world,
      RealisticOrganization organization,
      CheckRequest question,
      CheckResponse answer,
      Verdict now) {
    long until =
        answer.hasValidUntil() ? answer.getValidUntil().getSeconds() : Instant.MAX.getEpochSecond();
    for (int hour = 1; hour <= HOURS_AHEAD; hour++) {
      Instant later = organization.hour(hour);
      Verdict then = verdict(world, question, later);
      boolean same = then.allowed() == now.allowed() && then.reason().equals(now.reason());
      if (later.getEpochSecond() < until && !same) {
        throw new AssertionError(question + " changes at " + later + ", answered " + answer);
      }
    }
  }

  /** The proof can fail: without the grants on the most popular model, the reference differs. */
  private static boolean findsWhatIsMissing(
      Asker asker, RealisticOrganization organization, RealisticQuestions questions)
      throws InterruptedException {
    String model = organization.models().get(0);
    RecordedWorld lacking =
        new RecordedWorld(
            organization.name(),
            organization.records().stream()
                .filter(record -> !record.getGrant().getResource().equals(model))
                .toList());
    AtomicInteger differences = new AtomicInteger();
    asker.batches(
        0,
        10_000,
        questions::question,
        (index, answer) -> {
          Verdict verdict = verdict(lacking, questions.question(index), Instant.now());
          boolean allows = answer.getDecision() == Decision.DECISION_ALLOW;
          differences.addAndGet(verdict.allowed() == allows ? 0 : 1);
        });
    return differences.get() > 0;
  }

  private static Verdict verdict(RecordedWorld world, CheckRequest question, Instant at) {
    return ReferenceEvaluator.evaluate(
        world,
        PrincipalName.parse(question.getPrincipal()),
        question.getActingThroughList().stream().map(PrincipalName::parse).toList(),
        ResourceName.parse(question.getModel()),
        question.getAction(),
        at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000);
  }

  private static void run(ServedJar server, String... command) throws Exception {
    Process process = server.admin(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), output);
    assertEquals(0, process.exitValue(), output);
  }

  private static ImportRecord parse(String line) throws IOException {
    ImportRecord.Builder record = ImportRecord.newBuilder();
    try {
      JsonFormat.parser().merge(line, record);
    } catch (InvalidProtocolBufferException e) {
      throw new IOException(line, e);
    }
    return record.build();
  }

  private static List<ImportRecord> first(Set<ImportRecord> records) {
    return records.stream().limit(3).toList();
  }
}
