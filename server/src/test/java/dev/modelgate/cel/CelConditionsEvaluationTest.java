package dev.modelgate.cel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.modelgate.app.ConditionLanguage.Request;
import dev.modelgate.decision.Conditions.Result;
import dev.modelgate.decision.Conditions.Truth;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What conditions come to: named cases over one request. */
final class CelConditionsEvaluationTest {
  private static final CelConditions LANGUAGE = new CelConditions();

  /** A Friday, noon in Berlin. */
  private static final Instant NOW = Instant.parse("2026-01-30T11:00:00.000001Z");

  private static final Map<String, Object> CONTEXT = context();

  private record Case(String name, String text, Truth truth, Set<String> missing) {
    static Case of(String name, String text, Truth truth) {
      return new Case(name, text, truth, Set.of());
    }

    static Case missing(String name, String text, String... missing) {
      return new Case(name, text, Truth.MISSING, Set.of(missing));
    }
  }

  private static Map<String, Object> context() {
    Map<String, Object> map = new HashMap<>();
    map.put("yes", true);
    map.put("no", false);
    map.put("text", "ab");
    map.put("three", 3.0);
    map.put("nothing", null);
    map.put("time", "2026-01-30T10:30:00Z");
    map.put("list", List.of(1.0, "a", Map.of("k", true)));
    map.put("nulls", Arrays.asList(null, 1.0));
    map.put("device", Map.of("trusted", true, "os", Map.of("name", "linux"), "x.y", 1.0));
    return map;
  }

  @TestFactory
  Stream<DynamicTest> condition_overAttributesThatAreThere_isCertain() {
    return run(
        Case.of("constant", "true", Truth.TRUE),
        Case.of("boolean", "context.yes", Truth.TRUE),
        Case.of("boolean denied", "!context.yes", Truth.FALSE),
        Case.of("and", "context.yes && context.no", Truth.FALSE),
        Case.of("or", "context.no || context.yes", Truth.TRUE),
        Case.of("choice", "context.no ? context.no : context.yes", Truth.TRUE),
        Case.of("text", "context.text == \"ab\"", Truth.TRUE),
        Case.of("text in another case", "context.text == \"AB\"", Truth.FALSE),
        Case.of("prefix", "context.text.startsWith(\"a\")", Truth.TRUE),
        Case.of("regular expression", "context.text.matches(\"^a.$\")", Truth.TRUE),
        Case.of("one of texts", "context.text in [\"x\", \"ab\"]", Truth.TRUE),
        Case.of("nested", "context.device.trusted", Truth.TRUE),
        Case.of("nested twice", "context.device.os.name == \"linux\"", Truth.TRUE),
        Case.of("index", "context[\"device\"][\"os\"].name == \"linux\"", Truth.TRUE),
        Case.of("name with a dot", "context.device[\"x.y\"] == 1", Truth.TRUE),
        Case.of("list element", "context.list[1] == \"a\"", Truth.TRUE),
        Case.of("map in a list", "context.list[2].k", Truth.TRUE),
        Case.of("map key", "\"trusted\" in context.device", Truth.TRUE),
        Case.of("map key that is not there", "\"rooted\" in context.device", Truth.FALSE),
        Case.of("size", "size(context.list) == 3", Truth.TRUE),
        Case.of("null", "context.nothing == null", Truth.TRUE),
        Case.of("null in a list", "context.nulls[0] == null", Truth.TRUE),
        Case.of("type", "type(context.three) == double", Truth.TRUE),
        Case.of("other type is not equal", "context.text == 3", Truth.FALSE),
        Case.of("principal", "principal == \"user:ana@acme.com\"", Truth.TRUE),
        Case.of("resource", "resource.name.endsWith(\"/models/fraud\")", Truth.TRUE),
        Case.of("resource type", "resource.type == \"models\"", Truth.TRUE),
        Case.of("resource service", "resource.service == \"modelgate.dev\"", Truth.TRUE));
  }

  @TestFactory
  Stream<DynamicTest> condition_overNumbers_comparesThemWhateverTheirTypes() {
    return run(
        Case.of("double with int", "context.three >= 3", Truth.TRUE),
        Case.of("int with double", "4 > context.three", Truth.TRUE),
        Case.of("double with uint", "context.three < 4u", Truth.TRUE),
        Case.of("equal", "context.three == 3", Truth.TRUE),
        Case.of("not equal", "context.three != 3", Truth.FALSE),
        Case.of("one of ints", "context.three in [2, 3]", Truth.TRUE),
        Case.of("int in list of doubles", "1 in context.list", Truth.TRUE),
        Case.of("sum of doubles", "context.three + 1.0 == 4.0", Truth.TRUE),
        Case.of("converted", "int(context.three) % 2 == 1", Truth.TRUE),
        Case.of("sum of double and int", "context.three + 1 == 4", Truth.ERROR));
  }

  @TestFactory
  Stream<DynamicTest> condition_overTime_takesTheTimeOfTheRequest() {
    return run(
        Case.of("before", "request.time < timestamp(\"2026-01-30T11:00:01Z\")", Truth.TRUE),
        Case.of("after", "request.time < timestamp(\"2026-01-30T11:00:00Z\")", Truth.FALSE),
        Case.of(
            "to the microsecond",
            "request.time == timestamp(\"2026-01-30T11:00:00.000001Z\")",
            Truth.TRUE),
        Case.of("hour in UTC", "request.time.getHours() == 11", Truth.TRUE),
        Case.of("hour in a zone", "request.time.getHours(\"Europe/Berlin\") == 12", Truth.TRUE),
        Case.of("weekday", "request.time.getDayOfWeek() == 5", Truth.TRUE),
        Case.of("age", "request.time - timestamp(context.time) < duration(\"31m\")", Truth.TRUE),
        Case.of("no time", "request.time < timestamp(context.text)", Truth.ERROR),
        Case.of("no zone", "request.time.getHours(context.text) == 12", Truth.ERROR),
        Case.missing("missing time", "request.time < timestamp(context.until)", "until"));
  }

  @TestFactory
  Stream<DynamicTest> condition_thatTurnsOnMissingAttributes_namesThem() {
    return run(
        Case.missing("attribute", "context.a", "a"),
        Case.missing("comparison", "context.a == 1", "a"),
        Case.missing("with itself", "context.a == context.a", "a"),
        Case.missing("nested", "context.device.rooted", "device.rooted"),
        Case.missing(
            "nested in a missing one", "context.user.team.name == \"x\"", "user.team.name"),
        Case.missing("index", "context[\"x-y\"] == 1", "x-y"),
        Case.missing("list element", "context.a[0] == 1", "a"),
        Case.missing("call", "context.a.startsWith(\"x\")", "a"),
        Case.missing("in a list", "context.text in [context.a]", "a"),
        Case.missing("in a map", "{\"k\": context.a}.k == 1", "a"),
        Case.missing("as a list", "\"x\" in context.a", "a"),
        Case.missing("type", "type(context.a) == int", "a"),
        Case.missing("all of them", "context.c == context.b || context.a", "a", "b", "c"),
        Case.missing("those it turns on", "(context.a || true) && context.b", "b"),
        Case.missing("of a choice", "context.a ? context.b : context.c", "a"),
        Case.missing("true would be certain", "context.yes && context.a", "a"),
        Case.missing("beside an error", "1 / 0 == 1 || context.a", "a"),
        Case.missing("beside a later error", "context.a && context.text", "a"));
  }

  @TestFactory
  Stream<DynamicTest> condition_thatDoesNotTurnOnMissingAttributes_isCertain() {
    return run(
        Case.of("or true", "context.a == 1 || true", Truth.TRUE),
        Case.of("true or", "true || context.a", Truth.TRUE),
        Case.of("false and", "false && context.a", Truth.FALSE),
        Case.of("and false", "context.a && context.no", Truth.FALSE),
        Case.of("choice", "context.yes ? context.yes : context.a", Truth.TRUE),
        Case.of("beside a true one", "context.a || context.b || context.yes", Truth.TRUE),
        Case.of("certain in a comparison", "(context.a || true) == true", Truth.TRUE),
        Case.of("strict error", "1 / 0 == context.a", Truth.ERROR));
  }

  @TestFactory
  Stream<DynamicTest> presence_ofAnAttribute_isDecided() {
    return run(
        Case.of("there", "has(context.yes)", Truth.TRUE),
        Case.of("there, null", "has(context.nothing)", Truth.TRUE),
        Case.of("absent", "has(context.a)", Truth.FALSE),
        Case.of("absent, denied", "!has(context.a)", Truth.TRUE),
        Case.of("nested", "has(context.device.trusted)", Truth.TRUE),
        Case.of("nested, absent", "has(context.device.rooted)", Truth.FALSE),
        Case.of("nested in an absent one", "has(context.a.b.c)", Truth.FALSE),
        Case.of("index on the way", "has(context[\"device\"].trusted)", Truth.TRUE),
        Case.of("below a text", "has(context.text.a)", Truth.ERROR),
        Case.of("in the context", "\"yes\" in context", Truth.TRUE),
        Case.of("not in the context", "\"x-y\" in context", Truth.FALSE),
        Case.of("guard", "has(context.a) && context.a == 1", Truth.FALSE),
        Case.of("guard with else", "!has(context.a) || context.a == 1", Truth.TRUE));
  }

  @TestFactory
  Stream<DynamicTest> condition_thatCannotBeEvaluated_isAnError() {
    return run(
        Case.of("no boolean", "context.text", Truth.ERROR),
        Case.of("null as boolean", "context.nothing", Truth.ERROR),
        Case.of("text against number", "context.text < 3", Truth.ERROR),
        Case.of("below a text", "context.text.a == 1", Truth.ERROR),
        Case.of("below a null", "context.nothing.a == 1", Truth.ERROR),
        Case.of("division", "1 / 0 == 1", Truth.ERROR),
        Case.of("overflow", "9223372036854775807 + 1 == 0", Truth.ERROR),
        Case.of("list index", "context.list[7] == 1", Truth.ERROR),
        Case.of("computed key", "context.device[principal] == 1", Truth.ERROR),
        Case.of("operator on a text", "context.text && context.yes", Truth.ERROR),
        Case.of("operator after a text", "context.yes && context.text", Truth.ERROR),
        Case.of("chosen", "context.text ? true : false", Truth.ERROR),
        Case.of("error outweighed", "context.text.a == 1 || context.yes", Truth.TRUE),
        Case.of("text outweighed", "context.text || context.yes", Truth.TRUE),
        Case.of("text outweighed by false", "context.text && context.no", Truth.FALSE),
        Case.of("element outweighed", "context.list[1] || context.yes", Truth.TRUE),
        Case.of("choice outweighed", "(context.yes ? context.text : 1) || true", Truth.TRUE),
        Case.of("no condition", "context.", Truth.ERROR));
  }

  private static Stream<DynamicTest> run(Case... cases) {
    return Stream.of(cases)
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.name() + ": " + row.text(),
                    () -> {
                      Result result = evaluate(row.text());
                      assertEquals(row.truth(), result.truth());
                      assertEquals(
                          row.missing().stream().sorted().toList(), List.copyOf(result.missing()));
                    }));
  }

  private static Result evaluate(String text) {
    return LANGUAGE
        .at(
            new Request(
                "user:ana@acme.com",
                "organizations/acme/models/fraud",
                ChronoUnit.MICROS.between(Instant.EPOCH, NOW),
                () -> CONTEXT))
        .evaluate(text);
  }
}
