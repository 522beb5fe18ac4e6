package dev.modelgate.client.protect;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The fields on the way to the model, version and label of a message, as a tree by field numbers.
 *
 * <pre>
 *   model: 1[].1.1, version: 1[].1.2.1, label: 1[].1.4
 *
 *   root -> 1[] UNIT -> 1 -> 1 MODEL
 *                         -> 2 holds VERSION -> 1 VERSION
 *                         -> 4 LABEL
 * </pre>
 *
 * <p>Invariant: exactly one node is the <em>unit</em>, the root or the last repeated message; each
 * occurrence of it names one model, and all leaves lie below it without a further repetition.
 *
 * @param root of the tree, which is the whole message
 * @param integerVersion whether the version is a varint
 */
record FieldTree(Node root, boolean integerVersion) {
  /** The most fields of a path. */
  static final int DEPTH_MAX = 8;

  private static final int NUMBER_MAX = (1 << 29) - 1;
  private static final Pattern STEP = Pattern.compile("([1-9][0-9]{0,8})(\\[])?");

  /** What a field is for. */
  enum Role {
    MESSAGE,
    MODEL,
    VERSION,
    LABEL
  }

  /** A field on the way. Filled while the tree is made, then only read. */
  static final class Node {
    final int number;
    final boolean repeated;
    final Role role;
    boolean unit;

    /** VERSION or LABEL for a message around one that is there for it alone; else MESSAGE. */
    Role holds = Role.MESSAGE;

    private final List<Node> children = new ArrayList<>(2);

    private Node(int number, boolean repeated, Role role) {
      this.number = number;
      this.repeated = repeated;
      this.role = role;
    }

    List<Node> children() {
      return children;
    }

    /** The place of the child of that number, or -1. */
    int indexOf(int childNumber) {
      for (int i = 0; i < children.size(); i++) {
        if (children.get(i).number == childNumber) {
          return i;
        }
      }
      return -1;
    }
  }

  private record Step(int number, boolean repeated) {}

  /**
   * Makes the tree of those paths.
   *
   * @throws IllegalArgumentException saying what is wrong with them
   */
  static FieldTree of(
      String model, Optional<String> version, Optional<String> label, boolean integerVersion) {
    Node root = new Node(0, false, Role.MESSAGE);
    List<Step> way = steps(model);
    int unitDepth = unitDepth(way);
    add(root, way, Role.MODEL);
    Node unit = root;
    for (Step step : way.subList(0, unitDepth)) {
      unit = unit.children.get(unit.indexOf(step.number()));
    }
    unit.unit = true;
    version.ifPresent(path -> addBeside(root, way, path, unitDepth, Role.VERSION));
    label.ifPresent(path -> addBeside(root, way, path, unitDepth, Role.LABEL));
    return new FieldTree(root, integerVersion);
  }

  /** How many steps lead to the last repeated message; 0 when there is none. */
  private static int unitDepth(List<Step> way) {
    int depth = 0;
    for (int i = 0; i < way.size(); i++) {
      depth = way.get(i).repeated() ? i + 1 : depth;
    }
    return depth;
  }

  private static List<Step> steps(String path) {
    List<Step> steps = new ArrayList<>();
    for (String text : path.split("\\.", -1)) {
      Matcher matcher = STEP.matcher(text);
      if (!matcher.matches() || Integer.parseInt(matcher.group(1)) > NUMBER_MAX) {
        throw new IllegalArgumentException("expected: field numbers such as 1.2 or 1[].2");
      }
      steps.add(new Step(Integer.parseInt(matcher.group(1)), matcher.group(2) != null));
    }
    if (steps.size() > DEPTH_MAX || steps.get(steps.size() - 1).repeated()) {
      throw new IllegalArgumentException(
          "expected: at most " + DEPTH_MAX + " field numbers, the last without []");
    }
    return steps;
  }

  /** Adds a path that goes with the model's: the same repeated messages, and no further ones. */
  private static void addBeside(
      Node root, List<Step> model, String path, int unitDepth, Role role) {
    List<Step> steps = steps(path);
    if (steps.size() <= unitDepth
        || !steps.subList(0, unitDepth).equals(model.subList(0, unitDepth))
        || steps.subList(unitDepth, steps.size()).stream().anyMatch(Step::repeated)) {
      throw new IllegalArgumentException("expected: a field in the same repeated message as model");
    }
    Node parent = add(root, steps, role);
    if (steps.size() > common(model, steps) + 1) {
      if (parent.children.size() > 1) {
        throw new IllegalArgumentException("expected: version and label in messages of their own");
      }
      parent.holds = role;
    }
  }

  private static int common(List<Step> one, List<Step> other) {
    int common = 0;
    while (common < Math.min(one.size(), other.size()) - 1
        && one.get(common).equals(other.get(common))) {
      common++;
    }
    return common;
  }

  /** Adds a leaf and what leads to it. Returns its parent. */
  private static Node add(Node root, List<Step> steps, Role role) {
    Node parent = root;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      boolean leaf = i == steps.size() - 1;
      @Nullable Node child = null;
      int index = parent.indexOf(step.number());
      if (index >= 0) {
        child = parent.children.get(index);
        if (leaf || child.role != Role.MESSAGE || child.repeated != step.repeated()) {
          throw new IllegalArgumentException("expected: another field than those of other paths");
        }
      } else {
        child = new Node(step.number(), step.repeated(), leaf ? role : Role.MESSAGE);
        parent.children.add(child);
      }
      if (leaf) {
        return parent;
      }
      parent = child;
    }
    throw new IllegalStateException("a path without a field");
  }
}
