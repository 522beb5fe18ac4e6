package dev.modelgate.client.protect;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code request} of a rule: {@code POST /v1/models/{model}:predict}.
 *
 * @param text the whole of it
 * @param method compared as it stands
 * @param segments of the path; none for {@code /}
 */
record HttpPattern(String text, String method, List<Segment> segments) {
  private static final Pattern REQUEST = Pattern.compile("([A-Z]{1,16}) (/\\S*)");
  private static final Pattern LITERAL = Pattern.compile("[A-Za-z0-9._~!$&'()*+,=:@-]+");
  private static final Pattern VARIABLE =
      Pattern.compile("\\{(model|version|label)\\}(:[A-Za-z0-9._~-]+)?");

  /** What a variable stands for. */
  enum Variable {
    MODEL,
    VERSION,
    LABEL
  }

  /** One segment; the more particular kinds come first. */
  sealed interface Segment {
    /** That text, as it stands in the request. */
    record Literal(String text) implements Segment {}

    /** A variable up to a suffix that begins with a colon, and no other colon. */
    record Suffixed(Variable variable, String suffix) implements Segment {}

    /** A variable that is the whole segment. */
    record Whole(Variable variable) implements Segment {}
  }

  HttpPattern {
    segments = List.copyOf(segments);
  }

  /** Reads one; throws IllegalArgumentException for what is none. */
  static HttpPattern parse(String text) {
    Matcher request = REQUEST.matcher(text);
    if (!request.matches()) {
      throw new IllegalArgumentException(text);
    }
    String path = request.group(2);
    List<Segment> segments = new ArrayList<>();
    Set<Variable> variables = new HashSet<>();
    if (!path.equals("/")) {
      for (String part : path.substring(1).split("/", -1)) {
        segments.add(segment(part, variables));
      }
    }
    boolean both = variables.contains(Variable.VERSION) && variables.contains(Variable.LABEL);
    if (both || !variables.isEmpty() && !variables.contains(Variable.MODEL)) {
      throw new IllegalArgumentException(text);
    }
    return new HttpPattern(text, request.group(1), segments);
  }

  private static Segment segment(String part, Set<Variable> variables) {
    Matcher variable = VARIABLE.matcher(part);
    if (!variable.matches()) {
      if (!LITERAL.matcher(part).matches() || part.equals(".") || part.equals("..")) {
        throw new IllegalArgumentException(part);
      }
      return new Segment.Literal(part);
    }
    Variable kind = Variable.valueOf(variable.group(1).toUpperCase(Locale.ROOT));
    if (!variables.add(kind)) {
      throw new IllegalArgumentException(part);
    }
    String suffix = variable.group(2);
    return suffix == null ? new Segment.Whole(kind) : new Segment.Suffixed(kind, suffix);
  }

  /** Whether the path names a model. */
  boolean namesModel() {
    return segments.stream().anyMatch(segment -> !(segment instanceof Segment.Literal));
  }

  /** What tells patterns apart that match the same requests: equal shapes do. */
  String shape() {
    StringBuilder shape = new StringBuilder(method);
    for (Segment segment : segments) {
      shape.append('/');
      if (segment instanceof Segment.Literal literal) {
        shape.append("0 ").append(literal.text());
      } else if (segment instanceof Segment.Suffixed suffixed) {
        shape.append("1 ").append(suffixed.suffix());
      } else {
        shape.append('2');
      }
    }
    return shape.toString();
  }

  /** Whether a path of as many segments matches. */
  boolean matches(List<String> path) {
    for (int i = 0; i < path.size(); i++) {
      Segment segment = segments.get(i);
      String part = path.get(i);
      boolean matches = !part.isEmpty();
      if (segment instanceof Segment.Literal literal) {
        matches = literal.text().equals(part);
      } else if (segment instanceof Segment.Suffixed suffixed) {
        int end = part.length() - suffixed.suffix().length();
        matches = end > 0 && part.endsWith(suffixed.suffix()) && part.indexOf(':') == end;
      }
      if (!matches) {
        return false;
      }
    }
    return true;
  }

  /** What a variable stands for in a decoded path that matches; empty when it has none such. */
  String value(Variable wanted, List<String> decoded) {
    for (int i = 0; i < decoded.size(); i++) {
      String part = decoded.get(i);
      if (segments.get(i) instanceof Segment.Whole whole && whole.variable() == wanted) {
        return part;
      }
      if (segments.get(i) instanceof Segment.Suffixed suffixed && suffixed.variable() == wanted) {
        return part.substring(0, part.length() - suffixed.suffix().length());
      }
    }
    return "";
  }
}
