package dev.modelgate.rows;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Says at the end of a run how many of the rows of the first wave were shown by a test: {@code
 * rows: 132 of 132 covered, 0 failing}, and which were not.
 */
public final class RowReport implements TestExecutionListener {
  private final Set<String> covered = new TreeSet<>();
  private final Set<String> failing = new TreeSet<>();

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    List<String> rows = rowsOf(test);
    covered.addAll(rows);
    if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
      failing.addAll(rows);
    }
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    failing.addAll(rowsOf(test));
  }

  @Override
  public void testPlanExecutionFinished(TestPlan plan) {
    Set<String> wanted = firstWave();
    covered.retainAll(wanted);
    failing.retainAll(wanted);
    if (!covered.isEmpty() || !failing.isEmpty()) {
      System.out.printf(
          "rows: %d of %d covered, %d failing%s%n",
          covered.size(), wanted.size(), failing.size(), failing.isEmpty() ? "" : " " + failing);
      wanted.removeAll(covered);
      System.out.println(wanted.isEmpty() ? "" : "rows without a test in this run: " + wanted);
    }
  }

  /** The ids of the first wave. */
  static Set<String> firstWave() {
    try (InputStream in = RowReport.class.getResourceAsStream("wave1.txt")) {
      String text =
          new String(
              Objects.requireNonNull(in, "wave1.txt").readAllBytes(), StandardCharsets.UTF_8);
      Set<String> ids = new TreeSet<>();
      text.lines().filter(line -> !line.startsWith("#")).forEach(ids::add);
      return ids;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> rowsOf(TestIdentifier test) {
    return test.getSource()
        .filter(MethodSource.class::isInstance)
        .map(source -> ((MethodSource) source).getJavaMethod())
        .flatMap(method -> Optional.ofNullable(method.getAnnotation(Row.class)))
        .map(row -> List.of(row.value()))
        .orElse(List.of());
  }
}
