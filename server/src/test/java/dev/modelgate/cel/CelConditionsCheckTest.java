package dev.modelgate.cel;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Which texts are conditions, and what authors of the others are told. */
final class CelConditionsCheckTest {
  private static final CelConditions LANGUAGE = new CelConditions();

  private record Refusal(String name, String text, String message) {}

  @TestFactory
  Stream<DynamicTest> text_withinTheLimits_isAccepted() {
    return Stream.of(
            "true",
            "context.a",
            "context.a == 1",
            "context[\"x-y\"].z && !has(context.a.b)",
            "\"x-y\" in context",
            "context.a ? context.b : false",
            "request.time < timestamp(\"2027-01-01T00:00:00Z\")",
            "request.time < timestamp(1700000000)",
            "request.time - timestamp(context.t) < duration(\"1h30m\")",
            "request.time.getHours(\"Europe/Berlin\") >= 8",
            "principal.startsWith(\"user:\") && resource.type in [\"models\", \"adapters\"]",
            "context.ip.matches(\"^10\\\\.\")",
            "context.s.matches(\"" + "a".repeat(LiteralCheck.REGEX_CHARS_MAX) + "\")",
            "true\n  && context.a // a comment",
            "context.text == \"" + "é".repeat(503) + "\"",
            ands(13),
            attributes(ConditionTree.ATTRIBUTES_MAX),
            "(".repeat(20) + "context.a" + ")".repeat(20))
        .map(
            text ->
                DynamicTest.dynamicTest(
                    text, () -> assertDoesNotThrow(() -> LANGUAGE.check(text))));
  }

  @TestFactory
  Stream<DynamicTest> text_thatIsNoCondition_isRefusedWithItsPlaceAndWhatWasExpected() {
    return run(
        new Refusal("empty", "", "condition is empty (expected: 1..1024 bytes)"),
        new Refusal(
            "blank",
            " ",
            "line 1, column 2: mismatched input the end expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"),
        new Refusal(
            "cut off",
            "context.a ==",
            "line 1, column 13: mismatched input the end expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"),
        new Refusal(
            "two expressions",
            "context.a context.b",
            "line 1, column 11: mismatched input 'context' expecting {the end, '==', '!=', 'in', '<', '<=', '>=', '>', '&&', '||', '[', '.', '-', '?', '+', '*', '/', '%'}"),
        new Refusal(
            "open text",
            "context.a == \"x",
            "line 1, column 14: token recognition error at: '\"x'"),
        new Refusal(
            "number too large",
            "context.a == 9223372036854775808",
            "line 1, column 14: number out of range: \"9223372036854775808\""),
        new Refusal(
            "second line",
            "true\n  && 1 +",
            "line 2, column 9: mismatched input the end expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"));
  }

  @TestFactory
  Stream<DynamicTest> text_ofAnotherType_isRefused() {
    return run(
        new Refusal("number", "1", "line 1, column 1: expected type 'bool' but found 'int'"),
        new Refusal(
            "text", "principal", "line 1, column 1: expected type 'bool' but found 'string'"),
        new Refusal(
            "operand",
            "context.a && 1",
            "line 1, column 11: found no matching overload for '_&&_' applied to '(dyn, int)' (candidates: (bool, bool))"),
        new Refusal(
            "comparison",
            "principal == 1",
            "line 1, column 11: found no matching overload for '_==_' applied to '(string, int)' (candidates: (%A0, %A0))"),
        new Refusal(
            "time with text",
            "request.time < \"2027-01-01T00:00:00Z\"",
            "line 1, column 14: found no matching overload for '_<_' applied to '(google.protobuf.Timestamp, string)' (candidates: (bool, bool),(int, int),(uint, uint),(double, double),(string, string),(bytes, bytes),(google.protobuf.Timestamp, google.protobuf.Timesta…"),
        new Refusal(
            "negation",
            "!principal",
            "line 1, column 1: found no matching overload for '!_' applied to '(string)' (candidates: (bool))"));
  }

  @TestFactory
  Stream<DynamicTest> text_thatNamesWhatIsNotThere_isRefused() {
    return run(
        new Refusal("identifier", "foo == 1", "line 1, column 1: undeclared reference to 'foo'"),
        new Refusal(
            "variable", "request == 1", "line 1, column 1: undeclared reference to 'request'"),
        new Refusal(
            "field",
            "resource.owner == \"x\"",
            "line 1, column 1: undeclared reference to 'resource'"),
        new Refusal(
            "function", "context.a.foo()", "line 1, column 14: undeclared reference to 'foo'"),
        new Refusal(
            "presence of a variable",
            "has(request.time)",
            "line 1, column 4: expression does not select a field"),
        new Refusal(
            "presence of an index",
            "has(context[\"x\"])",
            "line 1, column 4: invalid argument to has() macro"),
        new Refusal(
            "presence of the context",
            "has(context)",
            "line 1, column 4: invalid argument to has() macro"),
        new Refusal(
            "context",
            "context == {}",
            "line 1, column 1: `context` is no value (expected: `context.name`, `context[\"name\"]`, `has(context.name)` or `\"name\" in context`)"),
        new Refusal(
            "size of the context",
            "true || size(context) > 0",
            "line 1, column 14: `context` is no value (expected: `context.name`, `context[\"name\"]`, `has(context.name)` or `\"name\" in context`)"),
        new Refusal(
            "computed attribute",
            "context[principal]",
            "line 1, column 1: `context` is no value (expected: `context.name`, `context[\"name\"]`, `has(context.name)` or `\"name\" in context`)"),
        new Refusal(
            "computed presence",
            "principal in context",
            "line 1, column 14: `context` is no value (expected: `context.name`, `context[\"name\"]`, `has(context.name)` or `\"name\" in context`)"),
        new Refusal(
            "absolute context",
            ".context.a",
            "line 1, column 2: undeclared reference to '.context'"),
        new Refusal(
            "variable of an attribute",
            "@value0",
            "line 1, column 1: token recognition error at: '@'"),
        new Refusal("optional", "context.?a", "line 1, column 8: unsupported syntax '.?'"),
        new Refusal(
            "message",
            "google.protobuf.Timestamp{seconds: 1} == request.time",
            "line 1, column 26: messages cannot be built (expected: a map or a list)"));
  }

  @TestFactory
  Stream<DynamicTest> text_withABadLiteral_isRefused() {
    return run(
        new Refusal(
            "time",
            "request.time < timestamp(\"2027-13-01T00:00:00Z\")",
            "line 1, column 26: `2027-13-01T00:00:00Z` is not valid (expected: a time as `2026-01-31T08:00:00Z`)"),
        new Refusal(
            "date",
            "request.time < timestamp(\"2027-01-01\")",
            "line 1, column 26: `2027-01-01` is not valid (expected: a time as `2026-01-31T08:00:00Z`)"),
        new Refusal(
            "duration",
            "request.time - request.time < duration(\"an hour\")",
            "line 1, column 40: `an hour` is not valid (expected: a duration as `1h30m`)"),
        new Refusal(
            "regular expression",
            "context.a.matches(\"(\")",
            "line 1, column 19: `(` is not valid (expected: a regular expression in RE2 syntax without large repetitions)"),
        new Refusal(
            "regular expression of another kind",
            "context.a.matches(\"(?=x)\")",
            "line 1, column 19: `(?=x)` is not valid (expected: a regular expression in RE2 syntax without large repetitions)"),
        new Refusal(
            "large regular expression",
            "context.a.matches(\"(x{9}){99}\")",
            "line 1, column 19: `(x{9}){99}` is not valid (expected: a regular expression in RE2 syntax without large repetitions)"),
        new Refusal(
            "huge regular expression",
            "context.a.matches(\"((x{999}){999}){9}\")",
            "line 1, column 19: `((x{999}){999}){9}` is not valid (expected: a regular expression in RE2 syntax without large repetitions)"));
  }

  @TestFactory
  Stream<DynamicTest> text_beyondALimit_isRefused() {
    return run(
        new Refusal(
            "bytes",
            "context.text == \"" + "é".repeat(504) + "\"",
            "condition is too long (expected: 1..1024 bytes)"),
        new Refusal(
            "characters",
            " ".repeat(1_030) + "true",
            "condition is too long (expected: 1..1024 bytes)"),
        new Refusal(
            "logical operators",
            ands(14),
            "line 1, column 94: too many logical operators (expected: at most 12 of `&&`, `||`, `!` and `?:`)"),
        new Refusal(
            "choices",
            "true?".repeat(13) + "true" + ":true".repeat(13),
            "line 1, column 10: mismatched input '?' expecting {'==', '!=', 'in', '<', '<=', '>=', '>', '&&', '||', '[', '.', '-', ':', '+', '*', '/', '%'}"),
        new Refusal(
            "negations",
            "!(".repeat(13) + "true" + ")".repeat(13),
            "line 1, column 25: too many logical operators (expected: at most 12 of `&&`, `||`, `!` and `?:`)"),
        new Refusal(
            "attributes",
            attributes(ConditionTree.ATTRIBUTES_MAX + 1),
            "line 1, column 420: too many attributes (expected: at most 32 of the context)"),
        new Refusal(
            "parentheses",
            "(".repeat(60) + "true" + ")".repeat(60),
            "line 1, column 1: Expression recursion limit exceeded. limit: 32"),
        new Refusal(
            "sum",
            "1" + "+1".repeat(40) + " > 0",
            "line 1, column 1: Expression recursion limit exceeded. limit: 32"),
        new Refusal(
            "macro",
            "context.a.all(x, x > 1)",
            "line 1, column 14: macro `all` is not available (expected: no macro but `has`)"),
        new Refusal(
            "map macro",
            "[1].map(x, x + 1) == [2]",
            "line 1, column 8: macro `map` is not available (expected: no macro but `has`)"),
        new Refusal(
            "computed regular expression",
            "principal.matches(context.a)",
            "line 1, column 18: regular expression is not bounded (expected: a literal of at most 128 characters)"),
        new Refusal(
            "long regular expression",
            "matches(principal, \"" + "a".repeat(129) + "\")",
            "line 1, column 8: regular expression is not bounded (expected: a literal of at most 128 characters)"),
        new Refusal(
            "long name",
            "a".repeat(1_000),
            "line 1, column 1: undeclared reference to 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…"));
  }

  private static String ands(int operands) {
    return IntStream.range(0, operands).mapToObj(i -> "true").collect(Collectors.joining(" && "));
  }

  private static String attributes(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "context.a" + i)
        .collect(Collectors.joining(", ", "1 in [", "]"));
  }

  private static Stream<DynamicTest> run(Refusal... refusals) {
    return Stream.of(refusals)
        .map(
            row ->
                DynamicTest.dynamicTest(
                    row.name(),
                    () ->
                        assertEquals(
                            row.message(),
                            assertThrows(
                                    IllegalArgumentException.class,
                                    () -> LANGUAGE.check(row.text()))
                                .getMessage())));
  }
}
