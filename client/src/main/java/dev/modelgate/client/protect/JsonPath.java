package dev.modelgate.client.protect;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The way to a text in a JSON document: keys joined by dots, each followed by {@code []} for every
 * array on it.
 *
 * @param steps from the document inward
 */
record JsonPath(List<Step> steps) {
  /** The most steps. */
  static final int DEPTH_MAX = 16;

  private static final Pattern PART = Pattern.compile("([A-Za-z0-9_-]{1,64})((?:\\[])*)");

  /** One step. */
  sealed interface Step {
    /** To the value of a key of an object. */
    record Key(String name) implements Step {}

    /** To each element of an array. */
    record Each() implements Step {}
  }

  JsonPath {
    steps = List.copyOf(steps);
  }

  /** Reads {@code data[].id}; throws IllegalArgumentException for what is none. */
  static JsonPath parse(String text) {
    List<Step> steps = new ArrayList<>();
    for (String part : text.split("\\.", -1)) {
      Matcher matcher = PART.matcher(part);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(part);
      }
      steps.add(new Step.Key(matcher.group(1)));
      for (int i = 0; i < matcher.group(2).length(); i += 2) {
        steps.add(new Step.Each());
      }
    }
    if (steps.size() > DEPTH_MAX) {
      throw new IllegalArgumentException(text);
    }
    return new JsonPath(steps);
  }

  /** Whether it leads through an array. */
  boolean isMany() {
    return steps.stream().anyMatch(Step.Each.class::isInstance);
  }
}
