package dev.modelgate.cel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.modelgate.app.ConditionLanguage;
import dev.modelgate.app.ConditionLanguage.Request;
import dev.modelgate.decision.Conditions;
import dev.modelgate.decision.Conditions.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The cache, threads, the request, and texts that nobody meant. */
final class CelConditionsTest {
  private static final int THREADS = 8;
  private static final int TEXTS = 40;

  private final Map<String, Integer> compiled = new ConcurrentHashMap<>();
  private final CelConditions language = counting();

  private CelConditions counting() {
    ConditionCompiler compiler = new ConditionCompiler();
    return new CelConditions(
        text -> {
          compiled.merge(text, 1, Integer::sum);
          return compiler.compile(text);
        });
  }

  private Conditions at(Supplier<Map<String, Object>> context) {
    return language.at(new Request("user:ana", "organizations/acme/models/m", 0, context));
  }

  @Test
  void text_checkedAndEvaluated_isCompiledOnce() {
    language.check("context.a");
    language.check("context.a");
    assertEquals(Truth.TRUE, at(() -> Map.of("a", true)).evaluate("context.a").truth());
    assertEquals(Truth.FALSE, at(() -> Map.of("a", false)).evaluate("context.a").truth());
    assertEquals(Truth.ERROR, at(Map::of).evaluate("context.").truth());
    assertEquals(Truth.ERROR, at(Map::of).evaluate("context.").truth());
    assertEquals(Map.of("context.a", 1, "context.", 1), compiled);
  }

  @Test
  void text_thatIsTooLong_errsWithoutBeingCompiled() {
    String text = "true || ".repeat(200) + "true";
    assertEquals(Truth.ERROR, at(Map::of).evaluate(text).truth());
    assertEquals(Map.of(), compiled);
  }

  @Test
  void context_ofARequest_isAskedForOnceAndOnlyIfNeeded() {
    AtomicInteger asked = new AtomicInteger();
    Conditions conditions =
        at(
            () -> {
              asked.incrementAndGet();
              return Map.of("a", true);
            });
    conditions.evaluate("principal == \"user:ana\"");
    assertEquals(0, asked.get());
    conditions.evaluate("context.a && has(context.b)");
    conditions.evaluate("context.a");
    assertEquals(1, asked.get());
  }

  @Test
  void context_thatCannotBeRead_isAnErrorWhereItMatters() {
    Conditions conditions =
        at(
            () -> {
              throw new IllegalStateException("no context");
            });
    assertEquals(Truth.ERROR, conditions.evaluate("context.a").truth());
    assertEquals(Truth.TRUE, conditions.evaluate("context.a || true").truth());
  }

  @Test
  void context_withAnotherType_isAnErrorWhereItMatters() {
    Conditions conditions = at(() -> Map.of("a", 1, "b", List.of(new Object())));
    assertEquals(Truth.ERROR, conditions.evaluate("context.a == 1").truth());
    assertEquals(Truth.ERROR, conditions.evaluate("size(context.b) == 1").truth());
    assertEquals(Truth.TRUE, conditions.evaluate("has(context.a)").truth());
  }

  @Test
  void text_beyondTheBoundOfMatches_isAnErrorWhereItMatters() {
    String within = "x".repeat(BoundedMatches.TEXT_CHARS_MAX);
    for (String condition :
        List.of("context.s.matches(\"^x+$\")", "matches(context.s, \"^x+$\")")) {
      assertEquals(Truth.TRUE, at(() -> Map.of("s", within)).evaluate(condition).truth());
      Conditions beyond = at(() -> Map.of("s", within + "x"));
      assertEquals(Truth.ERROR, beyond.evaluate(condition).truth());
      assertEquals(Truth.TRUE, beyond.evaluate(condition + " || true").truth());
    }
  }

  @Test
  void usesTime_whateverTheOutcome_saysWhetherTheTextNamesTheTime() {
    Conditions conditions = at(Map::of);
    String late = "request.time < timestamp(\"2026-01-01T00:00:00Z\")";
    assertTrue(conditions.evaluate(late).usesTime());
    assertTrue(conditions.evaluate("true || " + late).usesTime());
    assertTrue(conditions.evaluate(late + " && context.a").usesTime());
    assertTrue(conditions.evaluate("1 / 0 == 1 && " + late).usesTime());
    assertFalse(conditions.evaluate("context.time == \"request.time\"").usesTime());
    assertFalse(conditions.evaluate("request.").usesTime());
  }

  @Test
  void resourceType_ofAnOrganization_isItsCollection() {
    Conditions conditions = language.at(new Request("user:ana", "organizations/acme", 0, Map::of));
    assertEquals(Truth.TRUE, conditions.evaluate("resource.type == \"organizations\"").truth());
  }

  @Test
  void threads_overTheSameTexts_agreeAndCompileEachOnce() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    try {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<Integer>> wrong = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int level = i;
        Callable<Integer> work =
            () -> {
              start.await();
              return wrongAnswers(level);
            };
        wrong.add(pool.submit(work));
      }
      start.countDown();
      for (Future<Integer> answers : wrong) {
        assertEquals(0, answers.get());
      }
    } finally {
      pool.shutdownNow();
    }
    assertEquals(TEXTS, compiled.size());
    assertTrue(compiled.values().stream().allMatch(count -> count == 1), compiled::toString);
  }

  /** How many answers are wrong for requests of that level. */
  private int wrongAnswers(int level) {
    int wrong = 0;
    for (int round = 0; round < 50; round++) {
      boolean known = round % 2 == 0;
      Conditions conditions = at(() -> known ? Map.of("level", (double) level) : Map.of());
      for (int text = 0; text < TEXTS; text++) {
        Truth certain = level >= text ? Truth.TRUE : Truth.FALSE;
        Truth truth = conditions.evaluate("context.level >= " + text).truth();
        wrong += truth == (known ? certain : Truth.MISSING) ? 0 : 1;
      }
    }
    return wrong;
  }

  @Test
  void text_thatNobodyMeant_isRefusedInFewWordsAndErrs() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> pieces =
        List.of(
            "context",
            ".a",
            "[\"x\"]",
            "[0]",
            "has(",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            " && ",
            " || ",
            "!",
            "-",
            " ? ",
            " : ",
            " == ",
            " in ",
            "request.time",
            "timestamp(",
            "\"x\"",
            "'",
            "`",
            "1",
            "1.5",
            "b\"\\x80\"",
            ".matches(",
            "\"(\"",
            ",",
            "\n",
            "\u0000",
            "\ud800",
            "@value0",
            "é",
            "//",
            ".map(",
            "null",
            "resource",
            ".name",
            "type(",
            "dyn(",
            "int",
            "\\");
    for (int i = 0; i < 4_000; i++) {
      String text =
          Stream.generate(() -> pieces.get(random.nextInt(pieces.size())))
              .limit(1 + random.nextInt(12))
              .collect(Collectors.joining());
      boolean accepted = isAccepted(text);
      Truth truth = at(Map::of).evaluate(text).truth();
      assertTrue(accepted || truth == Truth.ERROR, () -> "seed " + seed + ": " + text);
    }
  }

  @Test
  void text_thatNestsDeeply_isRefused() {
    for (String piece : List.of("(", "[", "{1:", "!", "-", "f(", "a?", "a?b:", "a.", "1+", "a[")) {
      String text = piece.repeat(ConditionLanguage.BYTES_MAX / piece.length());
      assertFalse(isAccepted(text), text);
      assertFalse(isAccepted(text.substring(0, text.length() / 2)), text);
    }
  }

  /** Whether it is; if not, the message must be short and for the author. */
  private boolean isAccepted(String text) {
    try {
      language.check(text);
      return true;
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      assertTrue(message.length() <= 256, message);
      assertFalse(message.contains("Exception"), message);
      return false;
    }
  }
}
