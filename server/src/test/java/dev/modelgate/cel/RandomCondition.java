package dev.modelgate.cel;

import dev.modelgate.decision.Conditions.Result;
import dev.modelgate.decision.Conditions.Truth;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Small random conditions, and the rules by which they come to something, written down a second
 * time: a strict operator errs if an operand does, and is missing if one is; what one operand of
 * {@code &&} or {@code ||} decides is decided; of the rest missing outweighs error.
 */
final class RandomCondition {
  /** What a term comes to beside a value: an error. */
  private static final Object ERROR = new Object();

  /** What a term comes to beside a value: it turns on these. */
  private record Missing(Set<String> names) {
    static Missing of(Missing one, Missing other) {
      Set<String> names = new TreeSet<>(one.names());
      names.addAll(other.names());
      return new Missing(names);
    }
  }

  private RandomCondition() {}

  /** Part of a condition. */
  sealed interface Term {
    /** As it is written. */
    default String text() {
      return text(null);
    }

    /** As it is written, with the answers of that request in the place of {@code has}. */
    default String textWithPresence(Map<String, Object> context) {
      return text(context);
    }

    /** As it is written, or with the answers of that request unless it is null. */
    String text(@Nullable Map<String, Object> presence);
  }

  private record Literal(Object value) implements Term {
    @Override
    public String text(@Nullable Map<String, Object> presence) {
      return value instanceof String ? "\"" + value + "\"" : value.toString();
    }
  }

  private record Division() implements Term {
    @Override
    public String text(@Nullable Map<String, Object> presence) {
      return "1 / 0 == 1";
    }
  }

  private record Attribute(String name) implements Term {
    @Override
    public String text(@Nullable Map<String, Object> presence) {
      return "context." + name;
    }
  }

  private record Has(String name) implements Term {
    @Override
    public String text(@Nullable Map<String, Object> presence) {
      return presence == null ? "has(context." + name + ")" : "" + presence.containsKey(name);
    }
  }

  private record Not(Term term) implements Term {
    @Override
    public String text(@Nullable Map<String, Object> presence) {
      return "!(" + term.text(presence) + ")";
    }
  }

  private record Binary(String operator, Term left, Term right) implements Term {
    @Override
    public String text(@Nullable Map<String, Object> presence) {
      return "(" + left.text(presence) + ") " + operator + " (" + right.text(presence) + ")";
    }
  }

  private record Choice(Term which, Term yes, Term no) implements Term {
    @Override
    public String text(@Nullable Map<String, Object> presence) {
      return "(%s) ? (%s) : (%s)"
          .formatted(which.text(presence), yes.text(presence), no.text(presence));
    }
  }

  /** A condition of at most that many levels. */
  static Term bool(Random random, int depth) {
    if (depth == 0) {
      return switch (random.nextInt(8)) {
        case 0 -> new Literal(random.nextBoolean());
        case 1 -> new Has(name(random));
        case 2 -> new Division();
        case 3 -> new Binary("<", new Attribute("n"), new Literal(random.nextInt(3)));
        case 4 -> new Binary("==", new Attribute("s"), new Literal("x"));
        case 5 -> new Binary("==", new Attribute(name(random)), new Attribute(name(random)));
        default -> new Attribute(random.nextBoolean() ? "a" : "b");
      };
    }
    return switch (random.nextInt(8)) {
      case 0 -> new Not(bool(random, depth - 1));
      case 1 -> new Choice(bool(random, 0), bool(random, depth - 1), bool(random, 0));
      case 2 -> new Binary("==", bool(random, depth - 1), bool(random, 0));
      case 3, 4, 5 -> new Binary("&&", bool(random, depth - 1), bool(random, depth - 1));
      default -> new Binary("||", bool(random, depth - 1), bool(random, depth - 1));
    };
  }

  private static String name(Random random) {
    return List.of("a", "b", "n", "s").get(random.nextInt(4));
  }

  /** What the condition comes to for a request. */
  static Result result(Term term, Map<String, Object> context) {
    Object value = value(term, context);
    if (value instanceof Missing missing) {
      return new Result(Truth.MISSING, missing.names(), false);
    }
    Truth certain = Boolean.TRUE.equals(value) ? Truth.TRUE : Truth.FALSE;
    return new Result(value instanceof Boolean ? certain : Truth.ERROR, Set.of(), false);
  }

  private static Object value(Term term, Map<String, Object> context) {
    if (term instanceof Literal literal) {
      return literal.value() instanceof Integer number ? number.doubleValue() : literal.value();
    } else if (term instanceof Attribute attribute) {
      Object value = context.get(attribute.name());
      return value == null ? new Missing(Set.of(attribute.name())) : value;
    } else if (term instanceof Has has) {
      return context.containsKey(has.name());
    } else if (term instanceof Not not) {
      Object value = bool(value(not.term(), context));
      return value instanceof Boolean holds ? !holds : value;
    } else if (term instanceof Choice choice) {
      Object which = bool(value(choice.which(), context));
      return which instanceof Boolean holds
          ? value(holds ? choice.yes() : choice.no(), context)
          : which;
    } else if (term instanceof Binary binary) {
      return value(
          binary.operator(), value(binary.left(), context), value(binary.right(), context));
    }
    return ERROR;
  }

  private static Object value(String operator, Object left, Object right) {
    boolean strict = operator.equals("==") || operator.equals("<");
    return strict
        ? strict(operator, left, right)
        : logical(operator.equals("||"), bool(left), bool(right));
  }

  private static Object strict(String operator, Object left, Object right) {
    if (left == ERROR || right == ERROR) {
      return ERROR;
    } else if (left instanceof Missing || right instanceof Missing) {
      return missing(left, right);
    } else if (operator.equals("==")) {
      return left.equals(right);
    }
    return left instanceof Double one && right instanceof Double other ? one < other : ERROR;
  }

  private static Object logical(boolean decisive, Object left, Object right) {
    if (left.equals(decisive) || right.equals(decisive)) {
      return decisive;
    } else if (left instanceof Missing || right instanceof Missing) {
      return missing(left, right);
    }
    return left == ERROR || right == ERROR ? ERROR : !decisive;
  }

  private static Missing missing(Object left, Object right) {
    Missing none = new Missing(Set.of());
    return Missing.of(
        left instanceof Missing one ? one : none, right instanceof Missing other ? other : none);
  }

  private static Object bool(Object value) {
    return value instanceof Boolean || value instanceof Missing ? value : ERROR;
  }
}
